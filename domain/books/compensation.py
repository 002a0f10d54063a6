"""Compensation (udligningsmodel) for a household that moved in: two-sided, in whole øre.

Not to be confused with statutory reimbursement (mellemkommunal refusion), which is another thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.parties.agreement import CompensationTerms
from domain.parties.party import PartyKind, is_a, municipality
from domain.working_days import day_of


class BookingKind(StrEnum):
    """Why a booking was made."""

    MOVE_IN = "move_in"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a booking: an account and what it receives, in øre (negative: pays)."""

    account: str
    amount_ore: int


def municipality_account(code: str) -> str:
    """The account of a municipality, the same name as its party."""
    return municipality(code)


def is_municipality(account: str) -> bool:
    """Whether an account is a municipality's: its name is that of the party too."""
    return is_a(account, PartyKind.MUNICIPALITY)


def department_account(association: str, department: str) -> str:
    """The account of a housing department (boligafdeling)."""
    return f"department:{association}/{department}"


def move_in_entries(terms: CompensationTerms, *, sender: str, receiver: str, department: str) -> tuple[Entry, ...]:
    """What one move-in books between three accounts; the entries sum to zero."""
    paid = terms.receiving_municipality_ore + terms.housing_department_ore
    entries = (
        Entry(sender, -paid),
        Entry(receiver, terms.receiving_municipality_ore),
        Entry(department, terms.housing_department_ore),
    )
    return tuple(entry for entry in entries if entry.amount_ore)


def reversal_entries(booked: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that undo a booking. A correction is a reversal, never an edit."""
    return tuple(Entry(entry.account, -entry.amount_ore) for entry in booked)


def guarantee_ends(moved_in_at: datetime, terms: CompensationTerms) -> datetime:
    """The end of the guarantee: until then a move-out reverses the booking."""
    return moved_in_at + timedelta(days=terms.reversed_within_days)


def why_not_reversed(moved_out_on: date, *, moved_in_at: datetime, terms: CompensationTerms, today: date) -> str | None:
    """Why a move-out on a day reverses no booking; None when it does. The guarantee's last day still counts.

    The day on which we hear of the move-out makes no difference.
    """
    moved_in_on = day_of(moved_in_at)
    last_day = day_of(guarantee_ends(moved_in_at, terms))
    if moved_out_on > today:
        return "is in the future"
    if moved_out_on < moved_in_on:
        return f"is before the family moved in, on {moved_in_on}"
    if moved_out_on > last_day:
        return f"is after the guarantee's last day, {last_day}: the compensation stays"
    return None
