"""The books: double entry, append-only by trigger; a correction is a reversal."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, bindparam, func, insert
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.books.accounts import is_municipality
from domain.books.booking import BookingKind, Entry, reversal_entries
from domain.parties import party
from domain.ports.finance import LedgerPosting
from domain.told_once import booking_name, posting_key
from domain.working_days import day_of
from storage.columns import UtcDateTime, id_of, one_of
from storage.database import write
from storage.outbox import Telling, put_once
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling


class Booking(SQLModel, table=True):
    """Why entries were made: one move-in for each offer, and at most one reversal of it.

    By trigger its offer belongs to the case, and it reverses the move-in of the same offer.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("offer_id", "kind"),
        # Checked at the end of the transaction: a booking that could still get more entries never stays.
        ForeignKeyConstraint(
            ["id"],
            ["complete_booking.booking_id"],
            name="booking_is_complete",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_its_booking"),
        {"info": {"chained_as": "booking", "came_later": ("name",)}},
    )

    # Stated, because SQLAlchemy does not number a column that refers to another by itself.
    id: int | None = Field(default=None, primary_key=True, sa_column_kwargs={"autoincrement": True})
    referral_id: int = Field(foreign_key="referral.id", index=True)
    offer_id: int = Field(foreign_key="offer.id")
    kind: BookingKind = Field(sa_type=one_of(BookingKind, "booking_kind"))
    reverses_id: int | None = Field(default=None, foreign_key="booking.id")
    booked_at: datetime = Field(sa_type=UtcDateTime)
    # Its name at partners: its number here would be another booking's after a backup is put back. A booking of an
    # earlier version has no name, and keeps its number.
    name: str | None = None


class CompleteBooking(SQLModel, table=True):
    """Marks a booking as complete: by trigger its entries sum to zero, and no more are added. Append-only.

    A reversal has the entries of the booking that it reverses, with the signs turned.
    """

    __tablename__ = "complete_booking"

    booking_id: int = Field(primary_key=True, foreign_key="booking.id", sa_column_kwargs={"autoincrement": False})


class LedgerEntry(SQLModel, table=True):
    """One side of a booking, in øre. By trigger it can be written only until its booking is complete."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_ore <> 0", name="amount_not_zero"),
        {"info": {"chained_as": "ledger"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="booking.id", index=True)
    account: str
    amount_ore: int


_ENTRIES = insert(LedgerEntry).returning(col(LedgerEntry.id), sort_by_parameter_order=True)
_COMPLETE = insert(CompleteBooking)


def book(session: Session, booking: Booking, entries: Iterable[Entry]) -> list[LedgerEntry]:
    """Write a booking whose entries sum to zero, and return them as booked."""
    sides = list(entries)
    if sum(side.amount_ore for side in sides) != 0:
        raise ValueError("a booking must sum to zero")
    write(session, booking)
    connection = session.connection()
    rows = [LedgerEntry(booking_id=id_of(booking), account=side.account, amount_ore=side.amount_ore) for side in sides]
    numbers = connection.execute(_ENTRIES, [row.model_dump(exclude={"id"}) for row in rows]).scalars()
    for row, number in zip(rows, numbers, strict=True):
        row.id = number
    connection.execute(_COMPLETE, {"booking_id": booking.id})
    return rows


def book_and_post(session: Session, booking: Booking, entries: Iterable[Entry], *, told_key: bytes) -> None:
    """Book, and post each side: a municipality's in its own system, the department's in the receiving municipality's.

    `told_key` is the vault's: the idempotency keys made from it keep any side from being posted twice.
    """
    offer = session.get_one(Offer, booking.offer_id)
    receiver = party.municipality(dwelling(session, offer.vacancy_id).municipality)
    number = _number_of_next(session, booking)
    booking.name = booking_name(session.get_one(Referral, booking.referral_id).reference, booking.kind, number)
    for row in book(session, booking, entries):
        payee = row.account if is_municipality(row.account) else receiver
        names = {"referral_id": booking.referral_id, "entry_id": row.id}
        key = posting_key(told_key, posting_of(session, booking, row), number=number)
        put_once(session, Telling.POSTING, key=key, to=payee, lane=payee, now=booking.booked_at, **names)


_OF_KIND = select(func.count()).where(Booking.referral_id == bindparam("of"), Booking.kind == bindparam("kind"))


def _number_of_next(session: Session, booking: Booking) -> int:
    """The next booking's number among those of its kind in its case."""
    of = {"of": booking.referral_id, "kind": booking.kind}
    return int(session.connection().execute(_OF_KIND, of).scalar_one()) + 1


def posting_of(session: Session, booking: Booking, entry: LedgerEntry) -> LedgerPosting:
    """One side of a booking as a finance system receives it."""
    return LedgerPosting(
        booking=booking.name or str(booking.id),
        reference=session.get_one(Referral, booking.referral_id).reference,
        account=entry.account,
        amount_ore=entry.amount_ore,
        booked_on=day_of(booking.booked_at),
        kind=booking.kind,
    )


def reverse(session: Session, booked: Booking, *, told_key: bytes, now: datetime) -> None:
    """Book and post the reversal of a move-in, once, however often it is asked for. The case must be held."""
    if booking_of(session, booked.offer_id, BookingKind.REVERSAL) is not None:
        return
    reversal = Booking(
        referral_id=booked.referral_id,
        offer_id=booked.offer_id,
        kind=BookingKind.REVERSAL,
        reverses_id=booked.id,
        booked_at=now,
    )
    book_and_post(session, reversal, reversal_entries(entries_of(session, id_of(booked))), told_key=told_key)


def move_in_of(session: Session, referral_id: int) -> Booking | None:
    """The booking of a case's move-in: a case has one at most."""
    of_case = select(Booking).where(Booking.referral_id == referral_id, Booking.kind == BookingKind.MOVE_IN)
    return session.exec(of_case).one_or_none()


def booking_of(session: Session, offer_id: int, kind: BookingKind) -> Booking | None:
    """The booking of this kind that an offer led to."""
    return session.exec(select(Booking).where(Booking.offer_id == offer_id, Booking.kind == kind)).one_or_none()


def entries_of(session: Session, booking_id: int) -> list[Entry]:
    """The sides of a booking."""
    rows = session.exec(select(LedgerEntry).where(LedgerEntry.booking_id == booking_id).order_by(col(LedgerEntry.id)))
    return [Entry(row.account, row.amount_ore) for row in rows]


def sum_ore(session: Session) -> int:
    """The sum of all entries, in øre; anything but zero is a broken book."""
    return int(session.exec(select(func.coalesce(func.sum(LedgerEntry.amount_ore), 0))).one())
