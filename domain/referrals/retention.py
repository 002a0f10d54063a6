"""Retention (opbevaring): how long a family's data must be kept after its case is over, and when they must go.

KLE 03.10.04 is to be preserved (B) and kept for five years (P1825D) after closing. No data are shredded before the
archive has confirmed that it has taken the case over (arkivloven).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.referrals.lifecycle import Status


class Keeping(StrEnum):
    """What must be done about a family's data today."""

    KEEP = "keep"
    WARN = "warn"
    WAITS_FOR_ARCHIVE = "waits_for_archive"
    SHRED = "shred"


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How many days after its case is over a family's data are kept, and how long before the end staff are warned."""

    closed_days: int = 1825
    withdrawn_days: int = 1825
    warn_days: int = 30

    def days(self, status: Status) -> int | None:
        """How many days the data are kept; None while the case goes on."""
        return {Status.CLOSED: self.closed_days, Status.WITHDRAWN: self.withdrawn_days}.get(status)


def keep_until(status: Status, since: date, terms: RetentionTerms) -> date | None:
    """The last day on which a family's data are kept; None while its case goes on. `since` is when it was over."""
    days = terms.days(status)
    return None if days is None else since + timedelta(days=days)


def keeping(status: Status, since: date, terms: RetentionTerms, *, archived: bool, today: date) -> Keeping:
    """What must be done about a family's data today. `archived` says that the archive's receipt is recorded."""
    until = keep_until(status, since, terms)
    if until is None or today < until - timedelta(days=terms.warn_days):
        return Keeping.KEEP
    if today <= until:
        return Keeping.WARN
    return Keeping.SHRED if archived else Keeping.WAITS_FOR_ARCHIVE
