"""The books as they stand, read row by row for tests, and what follows from them without the platform's own sums."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.books.accounts import holder
from domain.books.booking import BookingKind, Entry
from storage.books.balances import Balance
from storage.books.ledger import Booking, LedgerEntry
from storage.books.settlements import SettledPayment, Settlement


class Written(NamedTuple):
    """A booking as it stands in the books, with its sides."""

    id: int
    referral_id: int
    offer_id: int
    kind: BookingKind
    reverses_id: int | None
    booked_at: datetime
    name: str
    rule: str
    period: int
    entry_date: date
    value_date: date
    agreement_version_id: int
    entries: tuple[Entry, ...]

    @property
    def facts(self) -> dict[str, object]:
        """What another booking like it would be made of."""
        return {name: value for name, value in self._asdict().items() if name not in ("id", "entries")}


class Paid(NamedTuple):
    """A payment of a settlement."""

    settlement: int
    netted: bool
    payer: str
    payee: str
    amount_ore: int


_PAYMENTS = sa_select(
    *(SettledPayment.settlement_id, SettledPayment.netted),
    *(SettledPayment.payer, SettledPayment.payee, SettledPayment.amount_ore),
).order_by(col(SettledPayment.id))


def paid_in(session: Session) -> list[tuple[date, list[Paid]]]:
    """Each settlement's last day, with its payments."""
    settled = session.exec(select(Settlement.id, Settlement.last_day).order_by(col(Settlement.id))).all()
    payments = [Paid(*row) for row in session.connection().execute(_PAYMENTS)]
    return [(last_day, [paid for paid in payments if paid.settlement == one]) for one, last_day in settled]


_BOOKINGS = sa_select(*(getattr(Booking, name) for name in Written._fields[:-1])).order_by(col(Booking.id))
_ENTRIES = sa_select(LedgerEntry.booking_id, LedgerEntry.account, LedgerEntry.amount_ore).order_by(col(LedgerEntry.id))


def written_in(session: Session) -> Iterator[Written]:
    """Every booking, in the order in which they were made."""
    connection, entries = session.connection(), dict[int, list[Entry]]()
    for booking_id, account, amount_ore in connection.execute(_ENTRIES):
        entries.setdefault(booking_id, []).append(Entry(account, amount_ore))
    for row in connection.execute(_BOOKINGS):
        yield Written(*row, entries=tuple(entries[row.id]))


def recomputed(written: list[Written], *, as_of: datetime) -> list[Balance]:
    """Every balance at a moment, added up from the bookings."""
    sums: dict[tuple[str, str], int] = {}
    for one in written:
        if one.booked_at <= as_of:
            for entry in one.entries:
                key = (entry.account, one.rule)
                sums[key] = sums.get(key, 0) + entry.amount_ore
    return [Balance(account, rule, ore) for (account, rule), ore in sorted(sums.items())]


def positions(written: list[Written], *, until: date) -> dict[str, int]:
    """What each party is owed by the bookings up to a day; parties at zero are left out."""
    found: dict[str, int] = {}
    for one in written:
        if one.entry_date <= until:
            for entry in one.entries:
                party = holder(entry.account)
                found[party] = found.get(party, 0) + entry.amount_ore
    return {party: ore for party, ore in found.items() if ore}


def is_reversal(one: Written) -> bool:
    return one.kind is BookingKind.REVERSAL
