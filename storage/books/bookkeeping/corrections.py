"""Rejected postings that a person corrects: the same side of a booking, sent anew under another key."""

from collections.abc import Container
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from domain.ports.finance import LedgerPosting
from storage.books.ledger import Booking, LedgerEntry
from storage.books.postings import posting_of
from storage.columns import UtcDateTime, needed
from storage.outbox import OutboxRow
from storage.parties.agreements import agreement_of
from storage.parties.partners import partner_of
from storage.referrals.referrals import Referral


class PostingCorrection(SQLModel, table=True):
    """What a person changed in a posting that was rejected: where it is booked, never its amount. Append-only.

    `number` counts the corrections of one entry from 1; the outbox row that tells it is the entry's next one.
    """

    __tablename__ = "posting_correction"
    __table_args__ = (UniqueConstraint("entry_id", "number"), {"info": {"chained_as": "posting_correction"}})

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="ledger_entry.id")
    number: int
    receiver: str
    account_string: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


def correction_of(session: Session, row: OutboxRow) -> PostingCorrection | None:
    """The correction that an outbox row tells; None when it tells the posting as it was booked."""
    query = select(PostingCorrection).where(PostingCorrection.entry_id == row.entry_id)
    by_number = {one.number: one for one in session.exec(query)}
    if not by_number:
        return None
    earlier = select(func.count()).where(OutboxRow.entry_id == row.entry_id, col(OutboxRow.id) < needed(row.id))
    return by_number.get(session.exec(earlier).one())


def corrections_of(session: Session, entry_id: int) -> int:
    """How often an entry's posting was corrected."""
    return session.exec(select(func.count()).where(PostingCorrection.entry_id == entry_id)).one()


def posting_told(session: Session, row: OutboxRow, *, corrected: Container[int] | None = None) -> LedgerPosting:
    """The posting that an outbox row tells, with its account string: as corrected, else as its party names it.

    `corrected` are the entries that were corrected, where they are known.
    """
    entry = session.get_one(LedgerEntry, row.entry_id)
    booking = session.get_one(Booking, entry.booking_id)
    never = corrected is not None and entry.id not in corrected
    correction = None if never else correction_of(session, row)
    return posting_of(session, booking, entry, account_string=account_string_of(session, row, booking, correction))


def account_string_of(session: Session, row: OutboxRow, booking: Booking, correction: PostingCorrection | None) -> str:
    """The account string of a posting at the party that keeps it."""
    if correction is not None and correction.account_string:
        return correction.account_string
    books = partner_of(session, row.addressee).bookkeeping
    return books.account_string(purpose_of(booking)) if books else ""


def purpose_of(booking: Booking) -> str:
    """The purpose under which parties name account strings."""
    return booking.rule or "compensation"


def agreement_told(session: Session, booking: Booking) -> str:
    """The agreement and version on which a booking rests, as files have it."""
    version = booking.agreement_version_id or session.get_one(Referral, booking.referral_id).agreement_version_id
    agreement = agreement_of(session, version)
    return f"{agreement.id}/{agreement.version}"
