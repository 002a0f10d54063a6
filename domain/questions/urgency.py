"""How near a deadline is."""

from datetime import date
from enum import StrEnum

SOON_DAYS = 2


class Urgency(StrEnum):
    """How near a deadline is. It is told in words; a colour says it again."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


def urgency(answer_by: date, *, today: date) -> Urgency:
    """How near the last day on which an answer counts is."""
    if answer_by < today:
        return Urgency.OVERDUE
    if answer_by == today:
        return Urgency.TODAY
    return Urgency.SOON if (answer_by - today).days <= SOON_DAYS else Urgency.LATER
