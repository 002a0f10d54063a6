"""Which requests are sent together: at least three alike in one sending, or as few as a caseworker has allowed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.anonymity.measure import EXACT, WAYS, AnonymityTerms, Crowd, Sought, as_coarse, shown
from domain.anonymity.request_groups import Together, Waiting, ready, sending, with_a_yes
from domain.parties.sending_days import USUAL_DAYS, USUAL_HOUR, Weekday, next_sending
from domain.working_days import COPENHAGEN
from tests.domain.outsider import joined, may_be, right, sent_at_once, sent_together, some_families

TERMS = AnonymityTerms(least=3, wanted=5)
ONE = Sought(3, 750_000, date(2026, 5, 20), step_free=False, region="Region Syddanmark")
OTHER = replace(ONE, rent_max_monthly_ore=900_000)
seeks = st.builds(
    Sought,
    rooms_min=st.integers(1, 6),
    rent_max_monthly_ore=st.integers(600_000, 1_000_000),
    move_in_from=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    step_free=st.booleans(),
    region=st.sampled_from(["Region Syddanmark", None]),
)
lines = st.lists(
    st.builds(
        Waiting,
        id=st.integers(1, 10_000),
        seeks=seeks,
        told=st.sampled_from([None, None, None, *WAYS[::29]]),
        least=st.sampled_from([None, None, None, 1, 2]),
    ),
    max_size=18,
    unique_by=lambda one: one.id,
)


def crowd(*pool: Sought) -> Crowd:
    return Crowd(Counter(pool))


def line(*those: Sought, first: int = 1, **more: object) -> list[Waiting]:
    return [Waiting(number, one, **more) for number, one in enumerate(those, first)]


def ids(groups: list[Together]) -> list[set[int]]:
    return [{one.id for one in group.waits} for group in groups]


@given(lines, st.lists(seeks, max_size=12))
@settings(max_examples=200, deadline=None)
def test_whoever_goes_is_one_of_enough_in_the_sending_and_in_the_crowd(waits: list[Waiting], more: list[Sought]):
    them = crowd(*(one.seeks for one in waits), *more)
    groups = sending(waits, them, TERMS)

    going = [one.id for group in groups for one in group.waits]
    assert len(going) == len(set(going))
    for group in groups:
        steps, seen = group.found.steps, group.found.seen
        assert all(shown(one.seeks, steps) == seen for one in group.waits)
        assert group.found.alike == them.alike(seen, steps)
        assert all(one.told is None or as_coarse(steps, one.told) for one in group.waits), "finer than before"
        if group.chosen:
            assert all(one.least is not None and len(group.waits) >= one.least for one in group.waits)
            continue
        first = [one for one in group.waits if one.told is None]
        assert group.found.alike >= TERMS.least
        assert len(first) >= TERMS.least or (not first and len(group.waits) >= TERMS.least)


def test_two_that_look_the_same_are_told_as_coarsely_as_the_one_that_must_be():
    early = replace(ONE, move_in_from=date(2026, 1, 1), rent_max_monthly_ore=600_000, rooms_min=1)
    later = replace(early, move_in_from=date(2026, 4, 1), rent_max_monthly_ore=700_000, region=None)
    told = (0, 1, 2, 1, 1)
    waits = [Waiting(1, early, least=1), Waiting(2, later), Waiting(3, early, told=told, least=1)]
    (group,) = sending(waits, crowd(early, later, early), TERMS)
    assert {one.id for one in group.waits} == {1, 3}
    assert as_coarse(group.found.steps, told)


@given(lines)
@settings(max_examples=100, deadline=None)
def test_where_three_wait_for_the_first_time_all_who_do_go(waits: list[Waiting]):
    new = [replace(one, told=None, least=None) for one in waits]
    going = {one.id for group in sending(new, crowd(*(one.seeks for one in new)), TERMS) for one in group.waits}
    assert going == ({one.id for one in new} if len(new) >= TERMS.least else set())


def test_a_name_that_the_association_knows_makes_a_new_family_no_less_alone():
    """Only one of these three was signed off since the last sending, so that the day would show which one it is."""
    known = line(ONE, ONE, first=2, told=EXACT)
    assert sending([*line(ONE), *known], crowd(*[ONE] * 9), TERMS) == []
    (three_known,) = sending([*line(ONE), *known, *line(ONE, first=9, told=EXACT)], crowd(*[ONE] * 9), TERMS)
    assert ids([three_known]) == [{2, 3, 9}]


def test_whoever_is_left_joins_others_that_go_who_are_then_told_as_coarsely():
    (group,) = sending(line(ONE, ONE, ONE, OTHER), crowd(ONE, ONE, ONE, OTHER), TERMS)
    assert ids([group]) == [{1, 2, 3, 4}]
    assert group.found.seen.rent_ore != shown(ONE).rent_ore


def test_those_whom_the_association_cannot_be_asked_about_do_not_make_it_enough():
    assert sending(line(ONE, ONE, ONE), crowd(ONE, ONE), TERMS) == []


def test_as_many_as_are_wanted_are_ready_and_one_fewer_is_not():
    for count, going in ((4, []), (5, [{1, 2, 3, 4, 5}])):
        assert ids(ready(line(*[ONE] * count), lambda: crowd(*[ONE] * 9), TERMS)) == going
    # No fact is left out for that.
    assert ready(line(*[ONE] * 4, OTHER), lambda: crowd(*[ONE] * 9), TERMS) == []


def test_one_that_goes_alone_by_choice_takes_the_form_that_the_association_had_of_others():
    """Of the forms that the request may take, the association has had one, with a wide rent band, of two others."""
    had = shown(ONE, (0, 2, 0, 0, 0))
    (group,) = sending(line(ONE, least=1), crowd(*[ONE] * 9), TERMS, had=lambda seen, _but: 2 if seen == had else 0)
    assert group.chosen
    assert group.found.seen == had
    (group,) = sending(line(ONE, least=1), crowd(*[ONE] * 9), TERMS)
    assert group.found.seen == shown(ONE)


def test_a_caseworker_is_told_how_many_would_go_and_not_how_many_wait():
    waits = line(ONE, ONE)
    assert with_a_yes(waits[0], waits, crowd(ONE, ONE), TERMS) == 1
    assert with_a_yes(waits[0], [waits[0], replace(waits[1], least=2)], crowd(ONE, ONE), TERMS) == 2


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "2026-03-03 10:00"),
        (datetime(2026, 3, 3, 8, 59, tzinfo=UTC), "2026-03-03 10:00"),
        (datetime(2026, 3, 3, 9, 0, tzinfo=UTC), "2026-03-06 10:00"),
        # Summer time begins between the two days.
        (datetime(2026, 3, 27, 9, 0, tzinfo=UTC), "2026-03-31 10:00"),
        # Good Friday moves to the Tuesday after Easter, which is a sending day itself.
        (datetime(2026, 3, 31, 9, 0, tzinfo=UTC), "2026-04-07 10:00"),
        # Friday the 25th of December moves to Monday.
        (datetime(2026, 12, 22, 10, 0, tzinfo=UTC), "2026-12-28 10:00"),
    ],
)
def test_sending_days_are_working_days_and_a_holiday_moves_to_the_next(now: datetime, then: str):
    closed = holidays.country_holidays("DK", categories=("public", "optional"))
    found = next_sending(now, USUAL_DAYS, USUAL_HOUR, closed).astimezone(COPENHAGEN)
    assert f"{found:%Y-%m-%d %H:%M}" == then


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.sets(st.sampled_from(Weekday), min_size=1))  # noqa: DTZ001  # made aware below
def test_there_is_always_a_next_sending_day_within_some_weeks(now: datetime, days: set[Weekday]):
    closed = holidays.country_holidays("DK", categories=("public", "optional"))
    now = now.replace(tzinfo=UTC)
    found = next_sending(now, days, 10, closed)
    assert timedelta() < found - now < timedelta(days=15)
    assert found.astimezone(COPENHAGEN).date() not in closed


@pytest.mark.parametrize("a_day", [1, 3])
def test_who_knows_the_facts_and_the_day_is_right_no_more_often_than_allowed(a_day: int):
    """How often an outsider with an association's mail is right, and two associations that compare their mail."""
    days, terms = 40, AnonymityTerms()
    families = some_families(a_day, days, seed=7)
    figures = {}
    for name, outcome in (
        ("each at once, as it was", sent_at_once(families, terms)),
        ("together", sent_together(families, terms, days)),
    ):
        knows = [may_be(one, families, outcome, facts=True) for one in outcome.requests]
        guesses = [may_be(one, families, outcome, facts=False) for one in outcome.requests]
        two = list(joined(outcome, by_instant=name != "together"))
        figures[name] = right(knows), right(guesses), right(two), min(knows), min(two)
        print(  # noqa: T201  # asked for
            f"{a_day} a day, {name}: facts and day {right(knows):.0%}, day alone {right(guesses):.0%}, "
            f"two that join {right(two):.0%}; asked in vain {len(outcome.in_vain)} of {len(families)}"
        )
    before, after = figures["each at once, as it was"], figures["together"]
    assert min(before[0], before[2]) > 0.6
    assert max(after[0], after[2]) <= 1 / terms.least
    assert min(after[3], after[4]) >= terms.least
