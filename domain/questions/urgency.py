"""How near a deadline is."""

from datetime import date
from enum import StrEnum

SOON_DAYS = 2


class Urgency(StrEnum):
    """How near a deadline is. Words tell it; a colour only repeats it."""

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
