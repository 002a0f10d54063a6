"""The books: double entry, append-only by trigger; a correction is a reversal."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.compensation import BookingKind, Entry
from storage.columns import UtcDateTime, one_of
from storage.database import write


class Booking(SQLModel, table=True):
    """Why entries were made: one move-in an offer, and at most one reversal of it."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("offer_id", "kind"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_its_booking"),
        {"info": {"chained_as": "booking"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    offer_id: int = Field(foreign_key="offer.id")
    kind: BookingKind = Field(sa_type=one_of(BookingKind, "booking_kind"))
    reverses_id: int | None = Field(default=None, foreign_key="booking.id")
    booked_at: datetime = Field(sa_type=UtcDateTime)


class LedgerEntry(SQLModel, table=True):
    """One side of a booking, in øre."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_ore <> 0", name="amount_not_zero"),
        {"info": {"chained_as": "ledger"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="booking.id", index=True)
    account: str
    amount_ore: int


def book(session: Session, booking: Booking, entries: Iterable[Entry]) -> list[LedgerEntry]:
    """Write a booking whose entries sum to zero, and return them as booked."""
    sides = list(entries)
    if sum(side.amount_ore for side in sides) != 0:
        raise ValueError("a booking must sum to zero")
    write(session, booking)
    rows = [LedgerEntry(booking_id=booking.id or 0, account=side.account, amount_ore=side.amount_ore) for side in sides]
    for row in rows:
        write(session, row)
    return rows


def booking_of(session: Session, offer_id: int, kind: BookingKind) -> Booking | None:
    """The booking of a kind that an offer led to."""
    return session.exec(select(Booking).where(Booking.offer_id == offer_id, Booking.kind == kind)).one_or_none()


def entries_of(session: Session, booking_id: int) -> list[Entry]:
    """The sides of a booking."""
    rows = session.exec(select(LedgerEntry).where(LedgerEntry.booking_id == booking_id).order_by(col(LedgerEntry.id)))
    return [Entry(row.account, row.amount_ore) for row in rows]


def sum_ore(session: Session) -> int:
    """The sum of all entries, in øre; anything but zero is a broken book."""
    return int(session.exec(select(func.coalesce(func.sum(LedgerEntry.amount_ore), 0))).one())
