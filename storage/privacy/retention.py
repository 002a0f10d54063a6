"""What retention looks at: ended cases whose data are not shredded, and whether the archive has taken them over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists
from sqlmodel import Field, Session, SQLModel, col, select

from domain.errors import Invalid
from domain.referrals.lifecycle import OVER
from domain.text.screening import holds_cpr_number
from storage.columns import UtcDateTime, id_of
from storage.privacy.shredding import Shredding
from storage.referrals.referrals import Referral


class ArchiveReceipt(SQLModel, table=True):
    """The archive's confirmation that it has taken a case over, with its receipt's number. Append-only."""

    __tablename__ = "archive_receipt"
    __table_args__ = {"info": {"chained_as": "archived"}}

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", unique=True)
    receipt: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Kept:
    """An ended case whose data are still kept, and whether the archive has taken it over."""

    referral: Referral
    archived: bool


def kept(session: Session) -> Iterator[Kept]:
    """Every ended case whose data are not shredded, oldest first."""
    archived = exists().where(col(ArchiveReceipt.referral_id) == Referral.id)
    shredded = exists().where(col(Shredding.referral_id) == Referral.id)
    query = select(Referral, archived).where(col(Referral.status).in_(OVER), ~shredded)
    for referral, has_receipt in session.exec(query.order_by(col(Referral.status_since))):
        yield Kept(referral, has_receipt)


def is_archived(session: Session, referral_id: int) -> bool:
    """Whether the archive has taken a case over."""
    return session.exec(select(ArchiveReceipt.id).where(ArchiveReceipt.referral_id == referral_id)).first() is not None


def record_receipt(session: Session, referral: Referral, receipt: str, *, by: str, now: datetime) -> None:
    """Record that the archive has taken a case over; `Invalid` when the case goes on, or has a receipt already."""
    if referral.status not in OVER:
        raise Invalid("reference", "still_open")
    if is_archived(session, id_of(referral)):
        raise Invalid("receipt", "already_recorded")
    if holds_cpr_number(receipt):
        raise Invalid("receipt", "holds_cpr")
    session.add(ArchiveReceipt(referral_id=id_of(referral), receipt=receipt, by=by, at=now))
