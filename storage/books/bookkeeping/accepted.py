"""What counts: the bookings that every finance system in which they stand has accepted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from domain.books.bookkeeping.posting_life import PostingState, counts
from domain.books.journal import Booked
from domain.books.netting import Settlement
from domain.books.statement import statements
from storage.books.balances import all_booked
from storage.books.bookkeeping.states import PostingStep, known_from, newest_steps
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


def accepted_bookings(session: Session) -> frozenset[str]:
    """The names of the bookings of which every side is accepted where it was posted last."""
    query = (
        select(OutboxRow, Booking, PostingStep)
        .outerjoin(PostingStep, (col(PostingStep.outbox_id) == OutboxRow.id) & col(PostingStep.id).in_(newest_steps()))
        .join(LedgerEntry, col(LedgerEntry.id) == OutboxRow.entry_id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .where(OutboxRow.telling == Telling.POSTING)
        .order_by(col(OutboxRow.id))
    )
    sides: dict[str, dict[int | None, PostingState | None]] = defaultdict(dict)
    for row, booking, step in session.exec(query):
        known = known_from(step, row)
        # A later row of the same entry is its correction, and takes its place.
        sides[booking.name or str(booking.id)][row.entry_id] = known.state if known else None
    return frozenset(name for name, states in sides.items() if counts(states.values()))


def figures(session: Session, *, after: date | None, until: date) -> list[Figures]:
    """What was booked for each party from the day after one until another, and what of it counts."""
    accepted = accepted_bookings(session)
    booked = list(all_booked(session, after=after, until=until))
    whole = _totals(booked)
    counted = _totals(one for one in booked if one.name in accepted)
    return [Figures(party, ore, counted.get(party, 0)) for party, ore in whole.items()]


def _totals(booked: Iterable[Booked]) -> dict[str, int]:
    return {party: one.total_ore for party, one in statements(booked, Settlement((), ())).items()}
