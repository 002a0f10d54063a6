"""What has happened in a case, line by line."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from domain.referrals.lifecycle import Status
from storage.columns import UtcDateTime, one_of
from storage.database import write_at_end
from storage.dialect import only_where

HOUSED = text("to_status = 'housed'")


class HistoryLine(SQLModel, table=True):
    """Who did what, when, why, in which flow run. Append-only, by trigger."""

    __tablename__ = "history_line"
    __table_args__ = (
        # The families that moved in in a year: every search under an agreement with ceilings counts them.
        Index("history_housed", "at", **only_where(HOUSED)),
        {"info": {"chained_as": "history"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    deed: str
    from_status: Status | None = Field(default=None, sa_type=one_of(Status, "history_from_status"))
    to_status: Status | None = Field(default=None, sa_type=one_of(Status, "history_to_status"))
    reason: str | None = None
    flow_run_id: str | None = None


def write_history(session: Session, referral_id: int, *, at: datetime, actor: str, deed: str, **facts: object) -> None:
    """Append a line of history."""
    line = {"referral_id": referral_id, "at": at, "actor": actor, "deed": deed}
    write_at_end(session, HistoryLine, line | _WITHOUT_MORE | facts)


# Lines that are inserted together must have the same columns.
_WITHOUT_MORE = dict.fromkeys(("from_status", "to_status", "reason", "flow_run_id"))


def housed_at(session: Session, referral_id: int) -> datetime | None:
    """When the family of a case moved in, also long after it; None when it has not."""
    query = select(HistoryLine.at).where(HistoryLine.referral_id == referral_id, HistoryLine.to_status == Status.HOUSED)
    return session.exec(query.order_by(col(HistoryLine.id)).limit(1)).first()
