"""What staff do with the books."""

from datetime import date, datetime

from sqlmodel import Session

from storage.books.periods import close_period
from storage.books.settlements import settle_month


def close_month(session: Session, last_day: date, *, by: str, now: datetime) -> bool:
    """Close the books up to a month's last day; False when that was done before. There is no way back."""
    return close_period(session, last_day, by=by, now=now)


def settle(session: Session, last_day: date, *, by: str, now: datetime) -> bool:
    """Close a month and settle it; False when that was done before. There is no way back."""
    return settle_month(session, last_day, by=by, now=now)
