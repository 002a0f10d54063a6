"""The books: double entry, append-only by trigger; a correction is a reversal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, func, insert
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.books.booking import BookingKind, Entry
from domain.books.charges import Charge, ChargeKey
from domain.errors import TilflytError
from domain.working_days import day_of
from storage.columns import UtcDateTime, id_of, needed, one_of


class Booking(SQLModel, table=True):
    """Why entries were made: of each kind, rule and period one for each offer, and at most one reversal of it.

    `rule` is the part of the agreement's model that is booked, empty where the agreement has the plainest terms, and
    `period` the month's number of what is paid monthly. `value_date` is the day for which an amount is due,
    `entry_date` the day in Copenhagen on which it was booked. By trigger its offer belongs to the case, it reverses a
    booking of the same offer, rule and period, and its entry date lies in no closed period.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("offer_id", "kind", "rule", "period"),
        # Checked at the end of the transaction: a booking that could still get more entries never stays.
        ForeignKeyConstraint(
            ["id"],
            ["complete_booking.booking_id"],
            name="booking_is_complete",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index("booking_by_day", "entry_date", "id"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_its_booking"),
        {
            "info": {
                "chained_as": "booking",
                "came_later": ("name", "rule", "period", "entry_date", "value_date", "agreement_version_id"),
            }
        },
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
    rule: str = Field(default="", sa_column_kwargs={"server_default": ""})
    period: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # None in bookings of earlier versions: then it is the day of `booked_at`.
    entry_date: date | None = None
    value_date: date | None = None
    # The agreement's version on which it rests; None in bookings of earlier versions: then it is its case's.
    agreement_version_id: int | None = Field(default=None, foreign_key="agreement_version.id")

    @property
    def key(self) -> ChargeKey:
        """What tells it from every other booking of the same move-in."""
        return (self.kind, self.rule, self.period)


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
    amount_ore: int = Field(sa_type=BigInteger)


@dataclass(slots=True)
class NewBooking:
    """A booking that is about to be written: a row's object costs as much as writing it (`make bench-ledger`)."""

    referral_id: int
    offer_id: int
    kind: BookingKind
    rule: str
    period: int
    booked_at: datetime
    value_date: date | None
    agreement_version_id: int | None
    reverses_id: int | None = None
    name: str | None = None
    entry_date: date | None = None
    id: int | None = None

    @property
    def key(self) -> ChargeKey:
        """What tells it from every other booking of the same move-in."""
        return (self.kind, self.rule, self.period)


_WRITTEN = tuple(one.name for one in fields(NewBooking) if one.name != "id")
Made = tuple[Booking | NewBooking, Sequence[Entry]]


def book(session: Session, booking: Booking | NewBooking, entries: Iterable[Entry]) -> None:
    """Write a booking whose entries sum to zero."""
    book_all(session, [(booking, tuple(entries))])


_BOOKINGS = insert(Booking).returning(col(Booking.id), sort_by_parameter_order=True)
_ENTRIES = insert(LedgerEntry).returning(col(LedgerEntry.id), sort_by_parameter_order=True)
_COMPLETE = insert(CompleteBooking)


def book_all(session: Session, made: Sequence[Made]) -> list[list[int]]:
    """Write bookings whose entries sum to zero each, and return the numbers of their entries."""
    for booking, sides in made:
        booking.entry_date = day_of(booking.booked_at)
        booking.value_date = booking.value_date or booking.entry_date
        if not sides or sum(side.amount_ore for side in sides) != 0:
            raise ValueError("a booking must have entries and sum to zero")
    connection = session.connection()
    rows = [{name: getattr(booking, name) for name in _WRITTEN} for booking, _ in made]
    for (booking, _), booking_id in zip(made, connection.execute(_BOOKINGS, rows).scalars(), strict=True):
        booking.id = booking_id
    every = [
        {"booking_id": booking.id, "account": side.account, "amount_ore": side.amount_ore}
        for booking, sides in made
        for side in sides
    ]
    numbers = map(needed, connection.execute(_ENTRIES, every).scalars().all())
    connection.execute(_COMPLETE, [{"booking_id": booking.id} for booking, _ in made])
    return [[next(numbers) for _ in sides] for _, sides in made]


def bookings_of(session: Session, offer_id: int) -> list[Booking]:
    """Every booking that an offer led to, in the order in which they were made."""
    return list(session.exec(select(Booking).where(Booking.offer_id == offer_id).order_by(col(Booking.id))))


class BookedOtherwise(TilflytError):
    """A charge is booked already, and with other entries: the booking's name."""

    code = "booked_otherwise"


def booked_as_before(session: Session, offer_id: int, due: Iterable[Charge]) -> set[ChargeKey]:
    """The keys under which an offer's charges are booked; `BookedOtherwise` when one has other entries than now.

    A key tells a booking from every other one, and the entries are its content: neither ever changes.
    """
    booked = {one.key: one for one in bookings_of(session, offer_id)}
    again = {id_of(booked[charge.key]): charge for charge in due if charge.key in booked}
    entries = entries_by_booking(session, again)
    for booking_id, charge in again.items():
        if entries[booking_id] != charge.entries:
            raise BookedOtherwise(booked[charge.key].name or str(booking_id))
    return {*booked}


def entries_of(session: Session, booking_id: int) -> list[Entry]:
    """The sides of a booking."""
    rows = session.exec(select(LedgerEntry).where(LedgerEntry.booking_id == booking_id).order_by(col(LedgerEntry.id)))
    return [Entry(row.account, row.amount_ore) for row in rows]


def entries_by_booking(session: Session, booking_ids: Collection[int]) -> dict[int, tuple[Entry, ...]]:
    """The sides of several bookings, each in the order in which they were written."""
    if not booking_ids:
        return {}
    query = select(LedgerEntry.booking_id, LedgerEntry.account, LedgerEntry.amount_ore)
    of = col(LedgerEntry.booking_id)
    # Bookings that are read together lie together: by the range PostgreSQL knows how few of all entries are wanted.
    wanted = query.where(of.between(min(booking_ids), max(booking_ids)), of.in_(booking_ids))
    wanted = wanted.order_by(of, col(LedgerEntry.id))
    found: dict[int, list[Entry]] = defaultdict(list)
    for booking_id, account, amount_ore in session.exec(wanted):
        found[booking_id].append(Entry(account, amount_ore))
    return {booking_id: tuple(entries) for booking_id, entries in found.items()}


def sum_ore(session: Session) -> int:
    """The sum of all entries, in øre; anything but zero is a broken book."""
    return int(session.exec(select(func.coalesce(func.sum(LedgerEntry.amount_ore), 0))).one())
