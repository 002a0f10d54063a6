"""How far a booking has come for each of its parties, by what is known of its sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.bookkeeping.booking_standing import BookingStanding, PostedSide, standing_for
from domain.books.bookkeeping.posting_life import PostingState, counts

US, THEM = "municipality:0461", "municipality:0430"
SIDES = st.lists(st.builds(PostedSide, st.sampled_from((US, THEM)), st.sampled_from(PostingState)), max_size=5)


def sides(ours: str, theirs: str) -> list[PostedSide]:
    of = ((US, ours), ("fund:0461/fyn", ours), (THEM, theirs))
    return [PostedSide(account, PostingState(state)) for account, state in of]


@pytest.mark.parametrize(
    ("ours", "theirs", "to_us", "to_them"),
    [
        ("queued", "queued", "waiting", "waiting"),
        ("sent", "queued", "waiting", "waiting"),
        ("sent", "sent", "sent", "sent"),
        ("accepted", "queued", "accepted_by_us", "waiting"),
        ("accepted", "sent", "accepted_by_us", "sent"),
        ("reconciled", "sent", "accepted_by_us", "sent"),
        ("accepted", "accepted", "accepted_by_both", "accepted_by_both"),
        ("accepted", "reconciled", "accepted_by_both", "accepted_by_both"),
        ("reconciled", "reconciled", "reconciled", "reconciled"),
        ("accepted", "rejected", "rejected", "rejected"),
        ("rejected", "disputed", "rejected", "rejected"),
        ("accepted", "disputed", "disputed", "disputed"),
        # A correction that a restored backup has lost is sent again.
        ("accepted", "corrected", "accepted_by_us", "waiting"),
    ],
)
def test_what_is_wrong_is_said_first_and_then_what_is_missing(ours: str, theirs: str, to_us: str, to_them: str):
    known = sides(ours, theirs)

    assert (standing_for(US, known), standing_for(THEM, known)) == (to_us, to_them)


def test_one_own_side_that_is_missing_is_missing():
    known = [PostedSide(US, PostingState.ACCEPTED), PostedSide("rounding:0461", PostingState.SENT)]

    assert standing_for(US, known) is BookingStanding.SENT
    assert standing_for("association:havblik", known) is BookingStanding.SENT
    assert standing_for(US, ()) is BookingStanding.WAITING


@given(SIDES, st.sampled_from((US, THEM)))
def test_what_counts_is_what_counts_in_figures(known: list[PostedSide], party: str):
    assert standing_for(party, known).counts is counts(side.state for side in known)
