"""Compensation is booked in whole, and reversed in whole."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books import booking, compensation
from domain.parties.compensation.model import CompensationTerms


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_booking_and_its_reversal_each_sum_to_zero_and_undo_each_other(municipality: int, department: int):
    terms = CompensationTerms(municipality, department, 180)
    booked = compensation.move_in_entries(terms, sender="s", receiver="r", department="d")
    undone = booking.reversal_entries(booked)

    assert sum(entry.amount_ore for entry in booked) == 0 == sum(entry.amount_ore for entry in undone)
    assert {entry.account: entry.amount_ore for entry in booked} == {
        entry.account: -entry.amount_ore for entry in undone
    }
    assert all(entry.amount_ore for entry in booked)


@pytest.mark.parametrize(
    ("moved_out_on", "today", "why"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), None),
        (date(2026, 3, 31), date(2026, 4, 1), None),
        # Recorded years later, the day of the move-out is still the same.
        (date(2026, 3, 31), date(2029, 4, 1), None),
        (date(2026, 4, 1), date(2029, 4, 1), "after the guarantee's last day, 2026-03-31"),
        (date(2026, 3, 1), date(2026, 4, 1), "before the family moved in, on 2026-03-02"),
        (date(2026, 3, 20), date(2026, 3, 19), "in the future"),
    ],
)
def test_a_move_out_reverses_its_booking_from_the_move_in_to_the_guarantees_last_day(moved_out_on, today, why):
    # In Copenhagen it is 2 March, and by 31 March summer time has begun.
    moved_in_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    terms = CompensationTerms(1, 1, 29)

    told = compensation.why_not_reversed(moved_out_on, moved_in_at=moved_in_at, terms=terms, today=today)

    assert (why or "") in (told or "")
    assert (told is None) is (why is None)
