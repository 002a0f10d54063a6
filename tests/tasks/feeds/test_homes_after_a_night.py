"""What a nightly sync does to homes that have changed, are missing, are held or are let."""

import asyncio
from datetime import date

import pytest
from sqlmodel import select

from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedMark
from domain.questions.question import QuestionKind
from storage.vacancies.vacancies import Vacancy, VacancyChange, VacancyStanding
from tasks.feeds import night as syncing
from tests.world.families import family
from tests.world.feed_nights import OTHER, ROW, attention, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def test_what_changed_in_a_vacancy_is_remembered_field_by_field(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, ROW | {"rent_monthly_ore": 710_000, "floor": 2, "available_from": "2026-05-01"}, OTHER)

    assert night(world).changed == 1
    assert sorted((line.field, line.before, line.after) for line in world.rows(select(VacancyChange))) == [
        ("available_from", "2026-04-01", "2026-05-01"),
        ("floor", None, "2"),
        ("rent_monthly_ore", "700000", "710000"),
    ]
    (home,) = world.rows(select(Vacancy).where(Vacancy.external_id == "havblik-1"))
    assert (home.rent_monthly_ore, home.floor, home.available_from) == (710_000, 2, date(2026, 5, 1))


def test_a_vacancy_that_is_missing_is_withdrawn_the_second_night_and_keeps_its_identity_when_it_returns(world: World):
    feed(world, ROW, OTHER)
    night(world)
    was = world.rows(select(Vacancy.id).order_by(Vacancy.id))
    feed(world, OTHER)

    assert night(world).vanished == 0
    assert standings(world)["havblik-1"] is VacancyStanding.AVAILABLE
    assert night(world).vanished == 1
    assert standings(world)["havblik-1"] is VacancyStanding.WITHDRAWN

    feed(world, ROW, OTHER)
    assert night(world).appeared == 1
    assert (world.rows(select(Vacancy.id).order_by(Vacancy.id)), standings(world)["havblik-1"]) == (
        was,
        VacancyStanding.AVAILABLE,
    )


def test_a_home_whose_row_is_wrong_for_some_nights_is_not_missing(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, ROW | {"rooms": 0}, OTHER)
    assert [night(world).vanished for _ in range(3)] == [0, 0, 0]

    (home,) = world.rows(select(Vacancy).where(Vacancy.external_id == "havblik-1"))
    assert (home.standing, home.rooms, home.missing_since) == (VacancyStanding.AVAILABLE, 3, None)


def test_syncing_twice_in_one_night_does_not_count_as_two_nights(sqlite_world: World):
    feed(sqlite_world, ROW, OTHER)
    night(sqlite_world)
    feed(sqlite_world, OTHER)
    night(sqlite_world)
    asyncio.run(syncing.sync(sqlite_world.platform, "havblik"))

    assert standings(sqlite_world)["havblik-1"] is VacancyStanding.AVAILABLE


def test_a_feed_that_says_it_has_not_changed_costs_one_request_and_still_counts_as_a_night(world: World):
    feed(world, ROW, OTHER)
    night(world)
    asked = feed(world, OTHER, mark=FeedMark(etag='"7"')).asked
    night(world)
    again = night(world)

    assert (again.outcome, again.vanished) == (LoadStanding.UNCHANGED, 1)
    assert asked[-1].etag == '"7"'
    assert standings(world)["havblik-1"] is VacancyStanding.WITHDRAWN


def test_once_a_week_a_feed_is_read_whole_whatever_its_marks_say(sqlite_world: World):
    asked = feed(sqlite_world, ROW, mark=FeedMark(etag='"7"')).asked
    outcomes = [night(sqlite_world).outcome for _ in range(9)]
    assert [number for number, mark in enumerate(asked) if mark.etag is None] == [0, 7]
    assert outcomes.count(LoadStanding.APPLIED) == 2


def test_a_reserved_home_is_neither_withdrawn_nor_changed_by_a_night(world: World):
    feed(world, ROW, OTHER | {"letting": "ordinary"})
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    feed(world, OTHER | {"letting": "ordinary"})
    night(world)
    night(world)
    assert standings(world)["havblik-1"] is VacancyStanding.RESERVED

    feed(world, ROW | {"rent_monthly_ore": 800_000}, OTHER | {"letting": "ordinary"})
    night(world)
    assert world.rows(select(Vacancy.rent_monthly_ore).where(Vacancy.external_id == "havblik-1")) == [700_000]


def test_a_home_that_the_association_let_although_we_hold_it_needs_a_person(world: World):
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    feed(world, ROW | {"status": "let"})
    night(world)

    assert standings(world) == {"havblik-1": VacancyStanding.RESERVED}
    assert [code for _, code in attention(world)] == ["gone_while_reserved"]


def test_a_home_that_is_told_to_be_let_is_withdrawn_at_once(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, ROW | {"status": "let"}, OTHER)

    assert night(world).vanished == 1
    assert standings(world)["havblik-1"] is VacancyStanding.WITHDRAWN


def test_a_delta_changes_what_it_names_and_nothing_else(world: World):
    feed(world, *homes(3))
    night(world)
    rows = [ROW | {"rooms": 4}, OTHER | {"status": "withdrawn"}, ROW | {"external_id": "havblik-9"}]
    feed(world, *rows, mode=FeedMode.DELTA)
    for _ in range(2):
        night(world)

    assert standings(world) == {
        "havblik-1": VacancyStanding.AVAILABLE,
        "havblik-2": VacancyStanding.WITHDRAWN,
        "havblik-3": VacancyStanding.AVAILABLE,
        "havblik-9": VacancyStanding.AVAILABLE,
    }
