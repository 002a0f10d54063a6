"""The receiving municipality is told, before the yes, what fits many families, and nothing finer than others are."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from domain.anonymity.measure import EXACT, LADDERS, WAYS, AnonymityTerms, Sought, shown
from domain.anonymity.newcomer import COARSEST, NEWCOMER_LADDERS, NEWCOMER_WAYS, Newcomer, measured_newcomer, presented
from domain.anonymity.request import in_bands
from domain.homes.dwelling import Dwelling, LettingCriteria
from domain.parties.agreement import Shows

TERMS = AnonymityTerms()
EVERYTHING = tuple(Shows)
HOME = Dwelling(
    vacancy_id=1,
    association="havblik",
    department="Strandvænget",
    municipality="0450",
    area_name=None,
    rooms=4,
    size_m2=90,
    rent_monthly_ore=700_000,
    available_from=date(2026, 4, 1),
    step_free=True,
    letting=LettingCriteria.MUNICIPAL_ASSIGNMENT,
)
# As WAYS has them: rooms, rent, move-in, step-free, region.
ALL_COARSE = tuple(len(ladder) - 1 for ladder in LADDERS.values())


def population(count: int, *, seed: int = 5) -> list[Newcomer]:
    """Families with realistic differences, from two senders."""
    chance = random.Random(seed)  # the same families every time
    return [
        Newcomer(
            Sought(
                rooms_min=chance.choices((2, 3, 4), (3, 4, 2))[0],
                rent_max_monthly_ore=chance.randint(700, 1200) * 1000,
                move_in_from=date(2026, chance.randint(1, 12), chance.randint(1, 28)),
                step_free=chance.random() < 0.15,
            ),
            persons=chance.randint(1, 6),
            sender=chance.choice(("0461", "0751")),
        )
        for _ in range(count)
    ]


def in_the_narrowest_bands(one: Newcomer) -> tuple[object, ...]:
    """What the page showed before it was measured: each ladder's exact step, the household's band and the sender."""
    return (*shown(one.seeks), presented(one, (0,) * len(NEWCOMER_LADDERS)))


@pytest.mark.parametrize("shows", [(), (Shows.HOUSEHOLD_BAND,), EVERYTHING])
@pytest.mark.parametrize("count", [40, 150])
def test_no_family_is_alone_in_what_the_page_tells(count: int, shows: tuple[Shows, ...]):
    them = [one for one in population(count) if one.fits(HOME)]
    before = Counter(map(in_the_narrowest_bands, them))
    alone_before = sum(before[in_the_narrowest_bands(one)] == 1 for one in them) / len(them)
    assert alone_before > 0.4

    counted = list(Counter(them).items())
    # What the offering association was told: everything coarse, a step between, and everything exact.
    for asked in (ALL_COARSE, WAYS[60], EXACT):
        for one in them:
            found = measured_newcomer(one, counted, TERMS, shows=shows, association_was_told=asked)
            assert found.alike == sum(presented(other, found.steps) == found.seen for other in them)
            assert found.alike >= TERMS.least
            # Nor by what the two know together, unless the association alone knew as much.
            both = [
                other
                for other in them
                if presented(other, found.steps) == found.seen and shown(other.seeks, asked) == shown(one.seeks, asked)
            ]
            alone_to_the_association = sum(shown(other.seeks, asked) == shown(one.seeks, asked) for other in them)
            assert len(both) >= min(TERMS.least, alone_to_the_association)
            assert Shows.SENDER in shows or found.seen.sender is None
            assert Shows.HOUSEHOLD_BAND in shows or found.seen.persons is None


def test_nothing_is_told_in_finer_steps_than_to_the_association():
    them = population(400)
    counted = list(Counter(them).items())
    at_all = 0
    for asked, one in product((WAYS[30], WAYS[90], WAYS[150]), them[:40]):
        told = dict(zip(LADDERS, asked, strict=True))
        found = measured_newcomer(one, counted, TERMS, shows=EVERYTHING, association_was_told=asked)
        steps = dict(zip(NEWCOMER_LADDERS, found.steps, strict=True))
        assert steps["move_in"] >= told["move_in"]
        assert steps["step_free"] >= told["step_free"]
        at_all += found.steps != COARSEST
    assert at_all > 0


def test_where_too_few_may_come_nothing_is_told_beside_the_home():
    one, *others = population(20)
    found = measured_newcomer(
        one, [(one, 1), (replace(one, persons=9), 1)], TERMS, shows=EVERYTHING, association_was_told=EXACT
    )
    assert in_bands(found.seen) == in_bands(presented(others[0], COARSEST))
    assert (found.alike, found.crowd) == (2, 2)


def test_whom_the_home_would_not_suit_makes_nobody_less_alone():
    one = population(1)[0]
    assert replace(one, persons=8).fits(HOME)
    for unfit in (
        replace(one, persons=9),
        replace(one, seeks=replace(one.seeks, rooms_min=5)),
        replace(one, seeks=replace(one.seeks, rent_max_monthly_ore=699_999)),
    ):
        assert not unfit.fits(HOME)
    assert not replace(one, seeks=replace(one.seeks, step_free=True)).fits(replace(HOME, step_free=False))


def test_the_ladders_begin_without_loss_and_end_in_silence():
    assert all(ladder[0].loss == 0 for ladder in NEWCOMER_LADDERS.values())
    assert presented(population(1)[0], COARSEST) == (None, None, False, None)
    assert NEWCOMER_WAYS[-1] == COARSEST
