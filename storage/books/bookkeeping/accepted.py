"""What counts: the bookings that every finance system in which they stand has accepted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.books.bookkeeping.booking_standing import PostedSide
from domain.books.bookkeeping.posting_life import counts
from domain.books.journal import Booked
from domain.books.netting import Settlement
from domain.books.statement import statements
from storage.books.balances import all_booked, booked_in
from storage.books.bookkeeping.states import PostingStep, state_now
from storage.books.ledger import Booking, LedgerEntry
from storage.outbox import OutboxRow, Telling


@dataclass(frozen=True, slots=True)
class Figures:
    """What is booked for a party in a time, in øre (negative: it owes), and how much of it both sides have accepted."""

    party: str
    booked_ore: int
    accepted_ore: int

    @property
    def awaited_ore(self) -> int:
        """What is booked, and not accepted by everybody yet."""
        return self.booked_ore - self.accepted_ore


# The newest line of each posting; one that was not told, or told by an earlier version, has none.
_STATE = (
    select(PostingStep.state)
    .where(col(PostingStep.outbox_id) == OutboxRow.id)
    .order_by(col(PostingStep.id).desc())
    .limit(1)
    .correlate(OutboxRow)
    .scalar_subquery()
)


def sides_of_bookings(session: Session, *which: ColumnElement[bool]) -> dict[str, tuple[PostedSide, ...]]:
    """What is known of each side of some bookings where it was posted last, by the booking's name."""
    query = (
        sa_select(
            *(col(Booking.id), col(Booking.name), col(LedgerEntry.id).label("entry"), col(LedgerEntry.account)),
            *(col(OutboxRow.standing), _STATE.label("state")),
        )
        .join(LedgerEntry, col(LedgerEntry.booking_id) == Booking.id)
        .join(OutboxRow, col(OutboxRow.entry_id) == LedgerEntry.id)
        .where(col(OutboxRow.telling) == Telling.POSTING, *which)
        .order_by(col(OutboxRow.id))
    )
    sides: dict[str, dict[int, PostedSide]] = defaultdict(dict)
    for row in session.connection().execute(query):
        # A later row of the same entry is its correction, and takes its place.
        sides[row.name or str(row.id)][row.entry] = PostedSide(row.account, state_now(row.state, row.standing))
    return {name: tuple(known.values()) for name, known in sides.items()}


def accepted_bookings(session: Session, *which: ColumnElement[bool]) -> frozenset[str]:
    """The names of the bookings, of some or of all, of which every side is accepted where it was posted last."""
    sides = sides_of_bookings(session, *which)
    return frozenset(name for name, known in sides.items() if counts(side.state for side in known))


def figures(session: Session, *, after: date | None, until: date) -> list[Figures]:
    """What was booked for each party from the day after one until another, and what of it counts."""
    accepted = accepted_bookings(session, booked_in(after, until))
    booked = list(all_booked(session, after=after, until=until))
    whole = _totals(booked)
    counted = _totals(one for one in booked if one.name in accepted)
    return [Figures(party, ore, counted.get(party, 0)) for party, ore in whole.items()]


def _totals(booked: Iterable[Booked]) -> dict[str, int]:
    return {party: one.total_ore for party, one in statements(booked, Settlement((), ()), {}).items()}
