"""A request looks like many others, and is no coarser than that needs."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycanon import anonymity

from domain.anonymity.measure import (
    EXACT,
    LADDERS,
    WAYS,
    AnonymityTerms,
    Crowd,
    Measured,
    Seen,
    Sought,
    loss,
    measured,
    names_of,
    shown,
    sought,
)
from domain.anonymity.request import anonymised, pseudonym
from domain.referrals.household import Need

KEY = bytes(range(32))
ONE = Sought(3, 750_000, date(2026, 5, 20), step_free=False, region="Region Syddanmark")
TERMS = AnonymityTerms(least=3, wanted=3)
families = st.builds(
    Sought,
    rooms_min=st.integers(1, 6),
    rent_max_monthly_ore=st.integers(600_000, 1_000_000),
    move_in_from=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    step_free=st.booleans(),
    region=st.sampled_from(["Region Syddanmark", "Region Midtjylland", None]),
)
pools = st.lists(families, min_size=1, max_size=25)


def crowd(*pool: Sought) -> Crowd:
    return Crowd(Counter(pool))


def some_families(count: int, *, seed: int) -> list[Sought]:
    """Families with realistic differences: rooms, rents and months spread as in the demo."""
    chance = random.Random(seed)  # the same families every time
    return [
        Sought(
            rooms_min=chance.choices((2, 3, 4, 5), (3, 4, 2, 1))[0],
            rent_max_monthly_ore=chance.randint(600, 1200) * 1000,
            move_in_from=date(2026, chance.randint(1, 12), 1),
            step_free=chance.random() < 0.15,
            region=chance.choice(("Region Syddanmark", "Region Midtjylland")),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("others", "terms", "steps"),
    [
        ([ONE, ONE], TERMS, {}),
        ([ONE, replace(ONE, rent_max_monthly_ore=799_999)], TERMS, {}),
        ([ONE, replace(ONE, move_in_from=date(2026, 4, 1))], TERMS, {"move_in": "quarter"}),
        ([ONE, replace(ONE, move_in_from=date(2026, 3, 31))], TERMS, {"move_in": "half_year"}),
        ([ONE, replace(ONE, region=None)], TERMS, {"region": "not_said"}),
        ([ONE, replace(ONE, rent_max_monthly_ore=699_999)], TERMS, {"rent_ore": "2000_kr"}),
        ([ONE, replace(ONE, rooms_min=4)], TERMS, {"rooms": "wide_band"}),
        ([ONE, replace(ONE, rooms_min=5)], TERMS, {"rooms": "not_said"}),
        ([ONE, replace(ONE, step_free=True)], TERMS, {"step_free": "not_said"}),
        # Eleven alike are wanted and cannot be reached, and three are needed: the four that are alike suffice.
        ([ONE, ONE, ONE], AnonymityTerms(least=3, wanted=11), {}),
        # Because four are wanted, the region is left out.
        ([ONE, ONE, replace(ONE, region=None)], AnonymityTerms(least=3, wanted=4), {"region": "not_said"}),
    ],
)
def test_only_as_coarse_as_it_takes(others: list[Sought], terms: AnonymityTerms, steps: dict[str, str]):
    found = measured(ONE, crowd(ONE, *others), terms)

    assert found is not None
    assert names_of(found.steps) == steps


def test_too_few_are_never_sent_however_coarse():
    assert measured(ONE, crowd(ONE, ONE), TERMS) is None
    assert measured(ONE, crowd(), TERMS) is None


@given(pools, st.integers(1, 6), st.integers(0, 8))
@settings(max_examples=150)
def test_it_is_the_least_loss_that_suffices_of_all_ways(pool: list[Sought], least: int, more: int):
    terms = AnonymityTerms(least=least, wanted=least + more)
    found = measured(pool[0], crowd(*pool), terms)

    def alike(steps: tuple[int, ...]) -> int:
        return sum(shown(one, steps) == shown(pool[0], steps) for one in pool)

    ways = list(product(*(range(len(ladder)) for ladder in LADDERS.values())))
    for enough in (terms.wanted, terms.least):
        if suffice := [loss(steps) for steps in ways if alike(steps) >= enough]:
            assert found is not None
            assert loss(found.steps) == min(suffice)
            assert found.alike == alike(found.steps) >= enough
            assert found.seen == shown(pool[0], found.steps)
            return
    assert found is None


@given(pools, st.sampled_from(WAYS))
def test_a_step_up_a_ladder_never_leaves_fewer_alike(pool: list[Sought], steps: tuple[int, ...]):
    them = crowd(*pool)
    for place, ladder in enumerate(LADDERS.values()):
        if steps[place] + 1 < len(ladder):
            higher = (*steps[:place], steps[place] + 1, *steps[place + 1 :])
            assert them.alike(shown(pool[0], higher), higher) >= them.alike(shown(pool[0], steps), steps)
            assert loss(higher) > loss(steps)


@given(pools, st.sampled_from(WAYS))
@settings(max_examples=40)
def test_an_independent_referee_counts_the_same(pool: list[Sought], steps: tuple[int, ...]):
    seen = [shown(one, steps) for one in pool]
    table = pandas.DataFrame([[repr(value) for value in one] for one in seen], columns=list(LADDERS))

    assert anonymity.k_anonymity(table, list(LADDERS)) == min(crowd(*pool).alike(one, steps) for one in seen)


@given(families, st.sampled_from(WAYS))
def test_what_is_shown_is_true_of_the_family(one: Sought, steps: tuple[int, ...]):
    request = anonymised(shown(one, steps), pseudonym="B-AAAAAAAA")

    if request.rooms_from is not None:
        assert request.rooms_from <= one.rooms_min
        assert request.rooms_to is None or one.rooms_min <= request.rooms_to
    if request.rent_from_ore is not None and request.rent_to_ore is not None:
        assert request.rent_from_ore <= one.rent_max_monthly_ore < request.rent_to_ore
    if request.move_in_year is not None and request.move_in_month is not None:
        first = request.move_in_month
        assert request.move_in_year == one.move_in_from.year
        assert first <= one.move_in_from.month < first + request.move_in_months
    assert request.step_free in (one.step_free, False)
    assert request.region in (one.region, None)


def test_how_many_they_are_is_no_part_of_what_may_be_shown():
    need = Need(2, 3, 700_000, date(2026, 5, 1))

    assert sought(need) == sought(replace(need, persons=9))


def test_the_fields_of_a_request_are_the_ladders():
    assert Seen._fields == tuple(LADDERS)
    assert all(ladder[0].loss == 0 for ladder in LADDERS.values())
    assert WAYS[0] == EXACT


def test_two_associations_that_compare_what_they_got_cannot_join_it_by_name():
    cases = [f"{number:032x}" for number in range(500)]
    had = {
        recipient: {pseudonym(KEY, recipient=recipient, period="2026Q4", case_key=case) for case in cases}
        for recipient in ("havblik", "kloeverlykken")
    }

    assert len(had["havblik"]) == len(had["kloeverlykken"]) == len(cases)
    assert not had["havblik"] & had["kloeverlykken"]


@pytest.mark.parametrize("count", [30, 300])
def test_an_intruder_with_the_whole_pool_and_an_associations_mail_guesses_hardly_better_than_allowed(count: int):
    """An intruder who knows what every family seeks reads a request and names one of the families that fit it."""
    pool, chance = some_families(count, seed=count), random.Random(1)  # the same guesses every time
    terms, them = AnonymityTerms(), crowd(*pool)
    sent: list[tuple[int, Measured]] = []
    for number, one in enumerate(pool):
        if (found := measured(one, them, terms)) is not None:
            sent.append((number, found))
    right, tries = 0, 20
    for number, found in sent:
        may_be = [other for other, one in enumerate(pool) if shown(one, found.steps) == found.seen]
        assert len(may_be) == found.alike >= terms.least
        right += sum(chance.choice(may_be) == number for _ in range(tries))

    top_1 = right / (len(sent) * tries)
    print(f"{count} families: top-1 {top_1:.1%}, chance {1 / count:.1%}, allowed {1 / terms.least:.1%}")  # noqa: T201  # asked for
    assert len(sent) == count
    assert top_1 <= 1 / terms.least
    assert top_1 <= 1.3 / min(found.alike for _, found in sent)
