"""Whether a home suits a need, and which homes are suggested."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.allocation.criteria import Search, objections
from domain.allocation.shortlist import fit, of_the_first_sizes, suggestions
from domain.homes.area import AreaStatus
from domain.homes.dwelling import Dwelling, LettingCriteria
from domain.referrals.household import Need

NEED = Need(persons=4, rooms_min=3, rent_max_monthly_ore=800_000, move_in_from=date(2026, 4, 1))
HOME = Dwelling(
    1, "havblik", "Strandvænget", "0450", None, 3, 79, 700_000, date(2026, 4, 1), False, LettingCriteria.FLEXIBLE
)
SEARCH = Search(frozenset({"0450"}), frozenset({"havblik"}))


def codes(need: Need, home: Dwelling, search: Search = SEARCH, listed_as: frozenset[AreaStatus] = frozenset()):
    return [objection.code for objection in objections(need, home, search=search, listed_as=listed_as)]


@pytest.mark.parametrize(
    ("need", "home", "expected"),
    [
        (NEED, HOME, []),
        (NEED, replace(HOME, rooms=2), ["too_small"]),
        (replace(NEED, persons=7), HOME, ["too_small"]),
        (replace(NEED, persons=6), HOME, []),
        (NEED, replace(HOME, persons_min=4, persons_max=4), []),
        (NEED, replace(HOME, persons_min=5), ["not_let_to_so_many"]),
        (NEED, replace(HOME, persons_max=3), ["not_let_to_so_many"]),
        (NEED, replace(HOME, rent_monthly_ore=800_000), []),
        (NEED, replace(HOME, rent_monthly_ore=800_001), ["too_expensive"]),
        (replace(NEED, step_free=True), HOME, ["not_step_free"]),
        (replace(NEED, step_free=True), replace(HOME, step_free=True), []),
        (NEED, replace(HOME, letting=LettingCriteria.ORDINARY), ["ordinary_waiting_list"]),
        (NEED, replace(HOME, municipality="0461"), ["outside_agreement"]),
        (NEED, replace(HOME, association="other"), ["association_excluded"]),
    ],
)
def test_a_home_is_judged_by_each_rule(need: Need, home: Dwelling, expected: list[str]):
    assert codes(need, home) == expected


def test_every_objection_is_told_and_not_only_the_first():
    bad = replace(HOME, rooms=1, rent_monthly_ore=900_000, letting=LettingCriteria.ORDINARY, municipality="0461")
    excluded = replace(SEARCH, excluded_vacancies=frozenset({1}))

    assert codes(replace(NEED, step_free=True), bad, excluded, frozenset({AreaStatus.VULNERABLE})) == [
        "too_small",
        "too_expensive",
        "not_step_free",
        "ordinary_waiting_list",
        "listed_area",
        "outside_agreement",
        "home_excluded",
    ]


@pytest.mark.parametrize("status", list(AreaStatus))
def test_no_listed_area_receives_anybody(status: AreaStatus):
    assert codes(NEED, HOME, listed_as=frozenset({status})) == ["listed_area"]


homes = st.lists(
    st.builds(
        replace,
        st.just(HOME),
        vacancy_id=st.integers(1, 99),
        association=st.sampled_from(["a", "b", "c", "d"]),
        rooms=st.integers(3, 6),
        rent_monthly_ore=st.integers(400_000, 800_000),
        step_free=st.booleans(),
    ),
    max_size=20,
    unique_by=lambda home: home.vacancy_id,
).map(lambda found: sorted(found, key=lambda home: home.rooms))


@given(homes, st.integers(1, 3), st.integers(1, 4))
def test_at_most_so_many_associations_are_asked_for_at_most_so_many_homes_each(found, at_once, each):
    asked = suggestions(NEED, found, associations_at_once=at_once, homes_each=each)

    assert len(asked) == min(at_once, len({home.association for home in found}))
    for association, suggested in asked.items():
        assert 1 <= len(suggested) <= each
        assert {home.association for home in suggested} == {association}


@given(homes, st.integers(1, 3), st.integers(1, 4), st.dictionaries(st.integers(1, 99), st.integers(0, 3)))
def test_what_fits_best_of_all_homes_is_suggested_though_not_all_are_read(found, at_once, each, counted):
    def rank(home):
        return fit(NEED, home, asked_for=counted.get(home.vacancy_id, 0)), home.vacancy_id

    best = sorted(found, key=rank)
    associations = list(dict.fromkeys(home.association for home in best))[:at_once]

    asked = suggestions(NEED, iter(found), associations_at_once=at_once, homes_each=each, asked_for=lambda _: counted)

    assert list(asked) == associations
    for association, suggested in asked.items():
        assert suggested == [home for home in best if home.association == association][:each]


@given(homes, st.integers(1, 4))
def test_of_one_association_the_first_sizes_hold_the_best_few_and_no_larger_home(found, each):
    there = [replace(home, association="havblik") for home in found]
    read = of_the_first_sizes(iter(there), each)

    of_all = suggestions(NEED, there, associations_at_once=1, homes_each=each)
    assert suggestions(NEED, read, associations_at_once=1, homes_each=each) == of_all
    smaller = [home for home in there if read and home.rooms < read[-1].rooms]
    assert len(smaller) < each


def test_larger_homes_are_not_read_when_the_smallest_suffice():
    unread = iter([HOME, replace(HOME, vacancy_id=2, rooms=HOME.rooms + 1), replace(HOME, vacancy_id=3, rooms=9)])

    suggestions(NEED, unread, associations_at_once=1, homes_each=1)

    assert [home.vacancy_id for home in unread] == [3]
