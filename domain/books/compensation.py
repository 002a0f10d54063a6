"""Compensation (udligningsmodel) for a household that moved in: two-sided, in whole øre.

Not to be confused with statutory reimbursement (mellemkommunal refusion), which is another thing.
"""

from datetime import UTC, date, datetime, timedelta

from domain.books.booking import Entry
from domain.parties.compensation.model import Compensation, CompensationTerms
from domain.working_days import COPENHAGEN, day_of


def move_in_entries(terms: CompensationTerms, *, sender: str, receiver: str, department: str) -> tuple[Entry, ...]:
    """What one move-in books between three accounts; the entries sum to zero."""
    paid = terms.receiving_municipality_ore + terms.housing_department_ore
    entries = (
        Entry(sender, -paid),
        Entry(receiver, terms.receiving_municipality_ore),
        Entry(department, terms.housing_department_ore),
    )
    return tuple(entry for entry in entries if entry.amount_ore)


def guarantee_ends(moved_in_at: datetime, terms: Compensation) -> datetime:
    """The end of the guarantee, at the same hour in Copenhagen: until then a move-out reverses the booking."""
    # By the clock on the wall: in UTC, an hour of summer time would move the last day of who moved in near midnight.
    ends = moved_in_at.astimezone(COPENHAGEN) + timedelta(days=terms.guarantee_days)
    return ends.astimezone(UTC)


def why_not_reversed(moved_out_on: date, *, moved_in_at: datetime, terms: Compensation, today: date) -> str | None:
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
