"""A run of postings that exists is whole; what is wrong with another is said by field and reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.posting_run import MOST_ORE, PostingLine, PostingRun, banking_day
from domain.errors import Invalid

MARCH = date(2026, 3, 31)
DEBIT = PostingLine(
    key="TF-2026-00042/reception/1",
    account_string="05.46.60.001",
    amount_ore=5_000_000,
    entry_date=MARCH,
    value_date=MARCH,
    text="Modtagebeløb, Grønnevang",
    reference="TF-2026-00042",
    rule="reception",
    agreement="hovedstaden/3",
)
CREDIT = replace(DEBIT, key="TF-2026-00042/reception/2", account_string="09.52.59.018", amount_ore=-5_000_000)
RUN = PostingRun("2026-03/0461", "municipality:0461", MARCH, (DEBIT, CREDIT))


def test_a_run_stands_in_the_order_of_its_keys_however_it_was_read():
    assert replace(RUN, lines=(CREDIT, DEBIT)).in_order() == RUN.in_order() == (DEBIT, CREDIT)


def test_a_run_may_hold_several_days_when_each_sums_to_zero():
    earlier = [replace(line, key=f"{line.key}/a", entry_date=date(2026, 3, 1)) for line in (DEBIT, CREDIT)]
    assert len(PostingRun("r", "p", MARCH, (DEBIT, CREDIT, *earlier)).lines) == 4


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"key": ""}, "key", "must be like"),
        ({"key": "=1+1"}, "key", "must be like"),
        ({"key": "k\n"}, "key", "must be like"),
        ({"key": "k" * 65}, "key", "must be like"),
        ({"account_string": "-1"}, "account_string", "must be like"),
        ({"account_string": "05;46"}, "account_string", "must be like"),
        ({"reference": "Ane Prøve"}, "reference", "must be like"),
        ({"rule": "@sum"}, "rule", "must be like"),
        ({"agreement": ""}, "agreement", "must be like"),
        ({"amount_ore": 0}, "k.amount_ore", "not zero"),
        ({"amount_ore": 1.0}, "k.amount_ore", "whole øre"),
        ({"amount_ore": True}, "k.amount_ore", "whole øre"),
        ({"amount_ore": MOST_ORE + 1}, "k.amount_ore", "64 bits"),
        ({"amount_ore": -MOST_ORE - 1}, "k.amount_ore", "64 bits"),
        ({"entry_date": datetime(2026, 3, 31, tzinfo=UTC)}, "k.entry_date", "a day"),
        ({"entry_date": date(1999, 12, 31)}, "k.entry_date", "this century"),
        ({"value_date": date(2100, 1, 1)}, "k.value_date", "this century"),
        ({"text": ""}, "k.text", "1 to 200"),
        ({"text": "x" * 201}, "k.text", "1 to 200"),
        ({"text": " =1+1"}, "k.text", "space"),
        ({"text": "to\nlinjer"}, "k.text", "one line"),
        ({"text": "vendt \u202e om"}, "k.text", "one line"),
        ({"text": "vedr. 010180-1234"}, "k.text", "CPR"),
    ],
)
def test_a_line_that_is_wrong_is_refused_by_field_and_reason(change, field, reason):
    with pytest.raises(Invalid) as refused:
        replace(DEBIT, **{"key": "k", **change})
    assert refused.value.field == field
    assert reason in refused.value.reason
    assert not any(str(value) in str(refused.value) for value in change.values() if len(str(value)) > 3)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"id": ""}, "id", "must be like"),
        ({"party": "Ane Prøve"}, "party", "must be like"),
        ({"entry_date": None}, "entry_date", "a day"),
        ({"lines": ()}, "lines", "at least one"),
        ({"lines": (DEBIT,)}, "lines", "of 2026-03-31 sum to 5000000 øre"),
        ({"lines": (DEBIT, replace(CREDIT, amount_ore=-4_999_999))}, "lines", "sum to 1 øre"),
        ({"lines": (DEBIT, replace(CREDIT, entry_date=date(2026, 3, 30)))}, "lines", "of 2026-03-30 sum to -5000000"),
        ({"lines": (DEBIT, replace(CREDIT, key=DEBIT.key))}, f"{DEBIT.key}.key", "twice"),
        ({"entry_date": date(2026, 3, 30)}, f"{DEBIT.key}.entry_date", "after the run's, 2026-03-30"),
    ],
)
def test_a_run_that_is_wrong_is_refused_by_field_and_reason(change, field, reason):
    with pytest.raises(Invalid) as refused:
        replace(RUN, **change)
    assert refused.value.field == field
    assert reason in refused.value.reason


CHRISTMAS = frozenset({date(2026, 12, day) for day in (24, 25, 26, 31)} | {date(2027, 1, 1)})


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 12, 23), date(2026, 12, 23)),
        (date(2026, 12, 24), date(2026, 12, 28)),
        (date(2026, 12, 26), date(2026, 12, 28)),
        # A month that ends on a closed day; the second of January is a Saturday.
        (date(2026, 12, 31), date(2027, 1, 4)),
        (date(2024, 2, 29), date(2024, 2, 29)),
        (date(2026, 2, 28), date(2026, 3, 2)),
        # The nights in which the clocks are changed.
        (date(2026, 3, 29), date(2026, 3, 30)),
        (date(2026, 10, 25), date(2026, 10, 26)),
    ],
)
def test_a_closed_day_is_moved_to_the_next_banking_day(day, moved):
    assert banking_day(day, CHRISTMAS) == moved


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.frozensets(st.integers(0, 9), max_size=9))
def test_a_banking_day_is_open_and_no_open_day_is_passed_over(day: date, closed: frozenset[int]):
    closed_days = {day + timedelta(days=later) for later in closed}
    moved = banking_day(day, closed_days)
    assert moved.weekday() < 5
    assert moved not in closed_days
    between = [day + timedelta(days=later) for later in range((moved - day).days)]
    assert all(one.weekday() >= 5 or one in closed_days for one in between)


def test_a_year_that_is_closed_all_through_is_refused():
    class Always:
        def __contains__(self, _day: object) -> bool:
            return True

    with pytest.raises(Invalid, match="closed_days: leave no banking day in the 14 days after 2026-03-31"):
        banking_day(MARCH, Always())
