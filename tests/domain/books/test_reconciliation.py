"""What was sent and what is reported back: each stands in exactly one list, and nothing is guessed."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.reconciliation import Pair, Reconciliation, Reported, Sent, reconcile
from domain.errors import Invalid

DAY = date(2026, 3, 31)
LISTS = ("matched", "another_amount", "another_date", "lost_there", "awaited", "twice", "lost_here")
A, B = Sent("a", 500, DAY, number="2026-7"), Sent("b", -300, DAY)


def told(*names: str, amount_ore: int = 500, on: date = DAY, at: str = "line 2") -> Reported:
    return Reported(names, amount_ore, on, at)


def reconciled(sent: list[Sent], reported: list[Reported]) -> Reconciliation:
    return reconcile(sent, reported, until=DAY, most_days_apart=4)


LATER = Sent("a", 500, DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("sent", "reported", "expected"),
    [
        pytest.param([], [], {}, id="nothing"),
        pytest.param([A], [told("a")], {"matched": [Pair(A, told("a"))]}, id="by its key"),
        pytest.param([A], [told("2026-7")], {"matched": [Pair(A, told("2026-7"))]}, id="by its number"),
        pytest.param([A], [told("x", "A")], {"matched": [Pair(A, told("x", "A"))]}, id="in capitals, among words"),
        pytest.param([A], [told("a", "2026-7")], {"matched": [Pair(A, told("a", "2026-7"))]}, id="by both"),
        pytest.param([A], [], {"lost_there": [A]}, id="lost there"),
        pytest.param([LATER], [], {"awaited": [LATER]}, id="sent after the report's last day"),
        pytest.param([LATER], [told("a")], {"matched": [Pair(LATER, told("a"))]}, id="reported sooner than awaited"),
        pytest.param([], [told("a")], {"lost_here": [told("a")]}, id="lost here"),
        pytest.param([], [told()], {"lost_here": [told()]}, id="reported without a name"),
        pytest.param([A], [told()], {"lost_there": [A], "lost_here": [told()]}, id="never by amount and date alone"),
        pytest.param(
            [A, B],
            [told("a", "b")],
            {"lost_there": [A, B], "lost_here": [told("a", "b")]},
            id="a report of two things at once is neither's",
        ),
        pytest.param(
            [A], [told("a", amount_ore=501)], {"another_amount": [Pair(A, told("a", amount_ore=501))]}, id="an øre more"
        ),
        pytest.param(
            [B],
            [told("b", amount_ore=300)],
            {"another_amount": [Pair(B, told("b", amount_ore=300))]},
            id="another sign",
        ),
        pytest.param(
            [A],
            [told("a", on=DAY + timedelta(days=4))],
            {"matched": [Pair(A, told("a", on=DAY + timedelta(days=4)))]},
            id="over Easter",
        ),
        pytest.param(
            [A],
            [told("a", on=DAY - timedelta(days=5))],
            {"another_date": [Pair(A, told("a", on=DAY - timedelta(days=5)))]},
            id="another date",
        ),
        pytest.param(
            [A],
            [told("a", amount_ore=9), told("a", at="line 3"), told("a", at="line 4")],
            {
                "matched": [Pair(A, told("a", at="line 3"))],
                "twice": [Pair(A, told("a", amount_ore=9)), Pair(A, told("a", at="line 4"))],
            },
            id="twice: the one that fits is matched",
        ),
        pytest.param(
            [A],
            [told("a", on=DAY - timedelta(days=5)), told("a", on=DAY + timedelta(days=4))],
            {
                "matched": [Pair(A, told("a", on=DAY + timedelta(days=4)))],
                "twice": [Pair(A, told("a", on=DAY - timedelta(days=5)))],
            },
            id="twice: the one of that date is matched",
        ),
        pytest.param(
            [A],
            [told("a", on=DAY + timedelta(days=4)), told("a")],
            {"matched": [Pair(A, told("a", on=DAY + timedelta(days=4)))], "twice": [Pair(A, told("a"))]},
            id="twice, both in time: the first is matched",
        ),
        pytest.param(
            [A],
            [told("a"), told("a")],
            {"matched": [Pair(A, told("a"))], "twice": [Pair(A, told("a"))]},
            id="twice, and the same to the letter",
        ),
    ],
)
def test_what_stands_in_which_list(sent, reported, expected):
    found = reconciled(sent, reported)
    assert {name: list(getattr(found, name)) for name in LISTS if getattr(found, name)} == expected
    assert found.is_clean == (expected.keys() <= {"matched", "awaited"})


PAID, BACK = told("a"), Reported(("a",), -500, DAY, "line 3", is_reversal=True)


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        pytest.param([PAID, BACK], {"lost_there": [A]}, id="paid and reversed"),
        pytest.param([BACK, PAID], {"lost_there": [A]}, id="in the other order"),
        pytest.param([PAID, BACK, PAID], {"matched": [Pair(A, PAID)]}, id="reversed and paid anew"),
        pytest.param([PAID, PAID, BACK], {"matched": [Pair(A, PAID)]}, id="paid twice, once reversed"),
        pytest.param([BACK], {"another_amount": [Pair(A, BACK)]}, id="what an earlier report had is reversed"),
        pytest.param(
            [PAID, replace(BACK, amount_ore=-499)],
            {"matched": [Pair(A, PAID)], "twice": [Pair(A, replace(BACK, amount_ore=-499))]},
            id="another amount is reversed",
        ),
        pytest.param(
            [told("x"), replace(BACK, names=("x",))],
            {"lost_there": [A], "lost_here": [told("x"), replace(BACK, names=("x",))]},
            id="what names nothing of ours stays",
        ),
    ],
)
def test_a_reversal_takes_back_what_it_reverses(reported, expected):
    found = reconciled([A], reported)
    assert {name: list(getattr(found, name)) for name in LISTS if getattr(found, name)} == expected


def test_one_report_given_twice_is_told_twice():
    one = told("a")
    assert reconciled([A], [one, one]).twice == (Pair(A, one),)


@pytest.mark.parametrize(
    "second", [Sent("a", 1, DAY), Sent("A", 1, DAY), Sent("2026-7", 1, DAY), Sent("c", 1, DAY, number="A")]
)
def test_two_things_sent_under_one_name_are_refused(second):
    with pytest.raises(Invalid, match=f"sent\\[{second.key}\\]: has the key or the number of another"):
        reconciled([A, second], [])


NAMES = [f"k{number}" for number in range(8)]
DAYS = st.dates(DAY - timedelta(days=8), DAY + timedelta(days=8))
SENT = st.lists(
    st.builds(Sent, st.sampled_from(NAMES), st.integers(-2, 2), DAYS), unique_by=lambda one: one.key, max_size=8
)
REPORTED = st.lists(
    st.builds(
        Reported,
        st.lists(st.sampled_from([*NAMES, "x"]), max_size=2).map(tuple),
        st.integers(-2, 2),
        DAYS,
        st.integers(2, 99).map("line {}".format),
    ),
    max_size=12,
)


@given(SENT, REPORTED)
def test_everything_sent_and_everything_reported_stands_in_exactly_one_list(sent, reported):
    found = reconciled(sent, reported)
    pairs = [*found.matched, *found.another_amount, *found.another_date]
    ours = [pair.sent for pair in pairs] + [*found.lost_there, *found.awaited]
    theirs = [pair.reported for pair in [*pairs, *found.twice]] + [*found.lost_here]
    assert Counter(ours) == Counter(sent)
    assert Counter(theirs) == Counter(reported)
    assert {pair.sent for pair in found.twice} <= {pair.sent for pair in pairs}


@given(SENT, st.randoms(use_true_random=False))
def test_a_report_of_exactly_what_was_sent_is_clean_in_any_order(sent, chance: random.Random):
    reported = [Reported((one.key,), one.amount_ore, one.on, "line 2") for one in sent]
    found = reconciled(sent, chance.sample(reported, len(reported)))
    assert found.is_clean
    assert [pair.sent for pair in found.matched] == sent
