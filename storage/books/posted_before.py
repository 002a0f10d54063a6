"""Postings that a finance system held and our books did not, when it was asked after a backup was put back.

The case goes on from the backup and is booked again; such a posting is not posted a second time.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, bindparam
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.ports.finance import LedgerPosting
from storage.books.ledger import Booking, LedgerEntry
from storage.columns import UtcDateTime
from storage.outbox import OutboxRow
from storage.referrals.referrals import Referral


class PostedBefore(SQLModel, table=True):
    """A posting that a finance system holds and our books did not. Append-only, by trigger."""

    __tablename__ = "posted_before"
    __table_args__ = (
        UniqueConstraint("party", "reference", "kind", "account", "amount_ore"),
        {"info": {"chained_as": "posted_before"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    party: str
    booking: str
    reference: str
    kind: str
    account: str
    amount_ore: int = Field(sa_type=BigInteger)
    booked_on: date
    found_at: datetime = Field(sa_type=UtcDateTime)


_KNOWN_BY = ("reference", "kind", "account", "amount_ore")
_HELD = select(PostedBefore.id).where(
    *(getattr(PostedBefore, name) == bindparam(name) for name in ("party", *_KNOWN_BY))
)


def was_posted_before(session: Session, party: str, posting: LedgerPosting) -> bool:
    """Whether a finance system already held this posting when it was asked."""
    values = {"party": party} | {name: getattr(posting, name) for name in _KNOWN_BY}
    return session.connection().execute(_HELD, values).first() is not None


def remember_posted(session: Session, party: str, posting: LedgerPosting, *, now: datetime) -> bool:
    """Record that a finance system holds a posting; False when that was known."""
    if was_posted_before(session, party, posting):
        return False
    session.add(
        PostedBefore(
            party=party,
            booking=posting.booking,
            reference=posting.reference,
            kind=posting.kind,
            account=posting.account,
            amount_ore=posting.amount_ore,
            booked_on=posting.booked_on,
            found_at=now,
        )
    )
    return True


def booked_as(posting: LedgerPosting) -> tuple[str, str, int]:
    """A booking's kind, rule and period, from the kind that a finance system was told."""
    kind, rule, period = (*posting.kind.split("/"), "", "")[:3]
    return kind, rule, int(period) if period.isascii() and period.isdecimal() and len(period) < len(str(2**31)) else 0


def was_told(session: Session, party: str, posting: LedgerPosting) -> bool:
    """Whether a posting is booked here, and was told, or is to be told, to this party.

    One that was corrected may be held by a party that, by this database, was never told it.
    """
    kind, rule, period = booked_as(posting)
    query = (
        select(LedgerEntry.id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .join(OutboxRow, col(OutboxRow.entry_id) == LedgerEntry.id)
        .where(
            Referral.reference == posting.reference,
            Booking.kind == kind,
            Booking.rule == rule,
            Booking.period == period,
            LedgerEntry.account == posting.account,
            LedgerEntry.amount_ore == posting.amount_ore,
            OutboxRow.addressee == party,
        )
    )
    return session.exec(query).first() is not None
