"""A booking: why it was made, and its entries, in whole øre."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# What the plainest terms are called where rules are, of which they have none.
PLAIN = "compensation"


class BookingKind(StrEnum):
    """Why a booking was made.

    EARNED stands in the place of a booking that a move-out has reversed, for the days that the family stayed.
    """

    MOVE_IN = "move_in"
    MONTH = "month"
    REPAYMENT = "repayment"
    CLAIM = "claim"
    EARNED = "earned"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a booking: an account and what it receives, in øre (negative: pays)."""

    account: str
    amount_ore: int


def reversal_entries(booked: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that undo a booking. A correction is a reversal, never an edit."""
    return tuple(Entry(entry.account, -entry.amount_ore) for entry in booked)
