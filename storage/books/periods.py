"""Months that are closed: nobody books in them any more, by trigger; a correction is booked in an open month."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, func, select

from domain.books.months import last_day_of_month
from domain.errors import Invalid
from domain.working_days import day_of
from storage.columns import UtcDateTime
from storage.locks import hold_period


class ClosedPeriod(SQLModel, table=True):
    """A period that was closed, up to its last day; those before it are closed with it. Append-only."""

    __tablename__ = "closed_period"
    __table_args__ = (UniqueConstraint("last_day"), {"info": {"chained_as": "closed_period"}})

    id: int | None = Field(default=None, primary_key=True)
    last_day: date
    closed_at: datetime = Field(sa_type=UtcDateTime)
    closed_by: str


def close_period(session: Session, last_day: date, *, by: str, now: datetime) -> bool:
    """Close the books up to the last day of a month; False when that was done before. There is no way back.

    Whoever books at the same moment is waited for. `Invalid` when it is no month's last day, or not over yet.
    """
    if last_day != last_day_of_month(last_day):
        raise Invalid("last_day", f"{last_day} is not the last day of its month")
    if last_day >= day_of(now):
        raise Invalid("last_day", f"{last_day} is not over yet")
    hold_period(session)
    closed = closed_until(session)
    if closed is not None and closed >= last_day:
        return False
    session.add(ClosedPeriod(last_day=last_day, closed_at=now, closed_by=by))
    return True


def closed_until(session: Session) -> date | None:
    """The last day that is closed; None when none is."""
    return session.exec(select(func.max(ClosedPeriod.last_day))).one()
