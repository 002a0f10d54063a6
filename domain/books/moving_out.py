"""What a move-out within the guarantee period does to what was booked for the family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from domain.books.booking import BookingKind, Entry
from domain.books.charges import Charge
from domain.books.shares import rounded
from domain.parties.compensation.parts import MoveOut


@dataclass(frozen=True, slots=True)
class Correction:
    """A charge that is reversed, and what is earned in its place; None when all of it is returned."""

    charge: Charge
    earned: Charge | None


def corrections(
    booked: Sequence[Charge], *, moved_in_on: date, moved_out_on: date, guarantee_days: int
) -> Iterator[Correction]:
    """The charges that a move-out corrects: those of later days, and those that are not kept by the agreement.

    A claim is for a cost that was had, whenever it was accepted: its part alone says what becomes of it.
    Once a loan has been paid back before the move-out, neither of the two is corrected.
    """
    repaid = {one.rule for one in booked if one.kind is BookingKind.REPAYMENT and one.value_date <= moved_out_on}
    stayed = _share_of_the_period(moved_in_on, moved_out_on, guarantee_days)
    for charge in booked:
        is_later = charge.value_date > moved_out_on and charge.kind is not BookingKind.CLAIM
        if is_later or (charge.move_out is MoveOut.RETURNED and charge.rule not in repaid):
            yield Correction(charge, None)
        elif charge.move_out is MoveOut.EARNED_BY_DAY:
            yield Correction(charge, _earned(charge, stayed, moved_out_on))


def _share_of_the_period(moved_in_on: date, moved_out_on: date, guarantee_days: int) -> Fraction:
    days = (moved_out_on - moved_in_on).days
    return Fraction(min(days, guarantee_days), guarantee_days) if guarantee_days else Fraction(1)


def _earned(charge: Charge, stayed: Fraction, on: date) -> Charge | None:
    """Each account keeps its part, rounded half to even; the first, a payer, takes what rounding leaves over."""
    kept = [Entry(one.account, rounded(one.amount_ore * stayed)) for one in charge.entries[1:]]
    entries = (Entry(charge.entries[0].account, -sum(one.amount_ore for one in kept)), *kept)
    written = tuple(one for one in entries if one.amount_ore)
    if not written:
        return None
    paid = -sum(one.amount_ore for one in written if one.amount_ore < 0)
    return replace(charge, kind=BookingKind.EARNED, value_date=on, amount_ore=paid, entries=written)
