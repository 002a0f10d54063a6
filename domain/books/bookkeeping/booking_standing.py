"""How far a booking has come in the finance systems, as one of its parties reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.books.accounts import holder
from domain.books.bookkeeping.posting_life import COUNTED, PostingState, counts


class BookingStanding(StrEnum):
    """How far the postings of a booking have come. ACCEPTED_BY_US says that other sides are still awaited.

    Only what both sides have accepted counts in figures; RECONCILED counts too.
    """

    WAITING = "waiting"
    SENT = "sent"
    ACCEPTED_BY_US = "accepted_by_us"
    ACCEPTED_BY_BOTH = "accepted_by_both"
    RECONCILED = "reconciled"
    REJECTED = "rejected"
    DISPUTED = "disputed"

    @property
    def counts(self) -> bool:
        """Whether the booking counts in figures."""
        return self in (BookingStanding.ACCEPTED_BY_BOTH, BookingStanding.RECONCILED)


@dataclass(frozen=True, slots=True)
class PostedSide:
    """One side of a booking: its account, and what is known of it where it was posted last."""

    account: str
    state: PostingState


_WRONG = {PostingState.REJECTED: BookingStanding.REJECTED, PostingState.DISPUTED: BookingStanding.DISPUTED}
_SENT = COUNTED | {PostingState.SENT}


def standing_for(party: str, sides: Iterable[PostedSide]) -> BookingStanding:
    """How far a booking has come for a party: what is wrong first, then the side that has come least far."""
    known = tuple(sides)
    states = {side.state for side in known}
    if counts(states):
        return BookingStanding.RECONCILED if states == {PostingState.RECONCILED} else BookingStanding.ACCEPTED_BY_BOTH
    for wrong, standing in _WRONG.items():
        if wrong in states:
            return standing
    if counts(side.state for side in known if holder(side.account) == party):
        return BookingStanding.ACCEPTED_BY_US
    return BookingStanding.SENT if states and states <= _SENT else BookingStanding.WAITING
