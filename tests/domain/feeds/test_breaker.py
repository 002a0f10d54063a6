"""The breaker: what makes it hold a feed back, and which changes a small association may make every night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feeds.breaker import FeedFacts, FeedTerms, Shape, Trip, trips
from domain.feeds.contract import MANDATORY, FeedMode

NOW = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
TERMS = FeedTerms()
SHAPE = Shape(MANDATORY | {"deposit_ore"}, MANDATORY | {"deposit_ore", "floor", "photo"})
AS_EVER = FeedFacts(
    mode=FeedMode.FULL,
    rows=100,
    quarantined=0,
    earlier_rows=(100, 101, 99),
    known=100,
    known_again=99,
    gone=0,
    shape=SHAPE,
    earlier_shape=SHAPE,
    stamp_since=NOW - timedelta(hours=1),
)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"rows": 71}, []),
        ({"rows": 69}, [Trip.SHRUNK]),
        ({"rows": 0, "known_again": 0}, [Trip.EMPTY, Trip.SHRUNK, Trip.STRANGERS]),
        ({"rows": 0, "known": 0, "known_again": 0, "earlier_rows": ()}, []),
        ({"quarantined": 2}, []),
        ({"quarantined": 3}, []),
        ({"quarantined": 4}, [Trip.QUARANTINED]),
        ({"known_again": 80}, []),
        ({"known_again": 79}, [Trip.STRANGERS]),
        ({"gone": 20}, []),
        ({"gone": 21}, [Trip.VANISHING]),
        ({"mode": FeedMode.DELTA, "gone": 21}, [Trip.VANISHING]),
        ({"known": 3, "known_again": 3, "gone": 3}, []),
        ({"shape": replace(SHAPE, ever=SHAPE.ever - {"floor", "photo"})}, []),
        ({"shape": replace(SHAPE, ever=SHAPE.ever - {"deposit_ore"})}, [Trip.SHAPE]),
        ({"shape": replace(SHAPE, ever=SHAPE.ever | {"pets"})}, []),
        ({"shape": replace(SHAPE, ever=SHAPE.ever | {"lejer"})}, [Trip.SHAPE]),
        ({"earlier_shape": None}, []),
        ({"stamp_since": None}, []),
        ({"stamp_since": NOW - timedelta(days=4)}, [Trip.STANDING_STILL]),
        ({"mode": FeedMode.DELTA, "rows": 1, "known_again": 0}, []),
        ({"mode": FeedMode.DELTA, "rows": 0, "known_again": 0}, []),
    ],
)
def test_what_trips_the_breaker(change: dict, found: list[Trip]):
    assert trips(replace(AS_EVER, **change), TERMS, now=NOW) == found


@pytest.mark.parametrize(("rows", "found"), [(100, []), (69, [Trip.SHRUNK])])
def test_before_there_is_a_history_what_was_announced_is_usual(rows: int, found: list[Trip]):
    first = replace(AS_EVER, rows=rows, earlier_rows=(), known=0, known_again=0, earlier_shape=None)
    assert trips(first, FeedTerms(expected_rows=100), now=NOW) == found


@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 3))
def test_a_small_association_may_let_a_home_or_write_one_wrong_without_asking_anybody(rows, gone, wrong):
    tonight = max(rows - gone, 1)
    small = replace(
        AS_EVER,
        rows=tonight,
        earlier_rows=(rows,) * 5,
        known=rows,
        known_again=tonight,
        quarantined=min(wrong, tonight),
    )
    assert trips(small, TERMS, now=NOW) == []


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_a_feed_that_lost_a_third_of_its_rows_is_never_applied_unseen(usual, rows, again):
    lost = usual - rows
    facts = replace(AS_EVER, rows=rows, earlier_rows=(usual,), known=usual, known_again=min(again, rows, usual))
    if lost > TERMS.few_rows and rows < usual * 0.66:
        assert trips(facts, TERMS, now=NOW)


@pytest.mark.parametrize(
    "wrong", [{"rows_at_least": 1.1}, {"known_at_least": -0.1}, {"few_rows": -1}, {"expected_rows": -5}]
)
def test_terms_that_cannot_be_meant_are_refused(wrong: dict):
    with pytest.raises(ValueError, match="must"):
        FeedTerms(**wrong)
