"""The nightly sync: a bad row is kept aside, a bad feed changes nothing, and a reserved home stays."""

import asyncio

import pytest
from sqlmodel import select

from deployments.standins.in_process import InProcessFeed
from domain.errors import PartnerUnavailable
from domain.ports import RawVacancy
from domain.question import QuestionKind
from storage.attention import AttentionItem
from storage.vacancies import FeedNight, RowKeptAside, Vacancy, VacancyStanding
from tasks import syncing
from tests.world import World, family

ROW = {
    "external_id": "havblik-1",
    "department": "Strandvænget",
    "municipality": "0450",
    "area": None,
    "rooms": 3,
    "size_m2": 79,
    "rent_monthly_ore": 700_000,
    "available_from": "2026-04-01",
    "step_free": True,
    "letting": "municipal_assignment",
}
FEED_URL = "http://partners.invalid/association/havblik/vacancies"


def feed(world: World, *rows: dict) -> InProcessFeed:
    """What Havblik's feed holds from now on."""
    raw = [RawVacancy(line, row, repr(sorted(row.items(), key=str))) for line, row in enumerate(rows, 1)]
    found = world.partners.systems.setdefault(("vacancy_feed", FEED_URL), InProcessFeed())
    found.raw = raw
    return found


def night(world: World) -> syncing.Night:
    return asyncio.run(syncing.sync(world.platform, "havblik"))


def standings(world: World) -> dict[str, VacancyStanding]:
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def test_a_first_night_brings_the_vacancies_and_the_same_again_changes_nothing(world: World):
    feed(world, ROW, ROW | {"external_id": "havblik-2"})

    first, second = night(world), night(world)

    assert (first.appeared, first.changed, first.vanished) == (2, 0, 0)
    assert (second.appeared, second.changed, second.vanished) == (0, 0, 0)
    assert len(world.rows(select(FeedNight))) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rooms": 0}, "rooms"),
        ({"rooms": 10**12}, "rooms"),
        ({"rooms": "tre"}, "rooms"),
        ({"rent_monthly_ore": -1}, "rent_monthly_ore"),
        ({"rent_monthly_ore": None}, "rent_monthly_ore"),
        ({"available_from": "2026-02-30"}, "available_from"),
        ({"available_from": "2999-01-01"}, "available_from"),
        ({"available_from": 1767225600}, "available_from"),
        ({"municipality": "9999"}, "municipality"),
        ({"municipality": "Nyborg"}, "municipality"),
        ({"letting": "måske"}, "letting"),
        ({"department": ""}, "department"),
        ({"department": "a\x00b"}, "department"),
        ({"external_id": None}, "external_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_row_that_breaks_the_contract_is_kept_aside_with_its_reason_and_the_rest_goes_on(
    sqlite_world: World, change, field
):
    feed(sqlite_world, ROW | {"external_id": "good"}, ROW | change)

    assert night(sqlite_world).kept_aside == 1
    assert list(standings(sqlite_world)) == ["good"]
    kept = sqlite_world.rows(select(RowKeptAside))[0]
    assert kept.line == 2
    assert kept.reasons[0].startswith(field)


def test_a_row_that_stands_twice_is_taken_once(sqlite_world: World):
    feed(sqlite_world, ROW, ROW | {"rooms": 4})

    assert night(sqlite_world).kept_aside == 1
    assert [row.rooms for row in sqlite_world.rows(select(Vacancy))] == [3]


def test_every_reason_is_kept_and_the_same_row_is_kept_once(sqlite_world: World):
    feed(sqlite_world, ROW | {"rooms": 0, "size_m2": 1})
    night(sqlite_world)
    night(sqlite_world)

    kept = sqlite_world.rows(select(RowKeptAside))
    assert [len(row.reasons) for row in kept] == [2]


def test_a_vacancy_that_is_missing_is_withdrawn_the_second_night_and_keeps_its_identity_when_it_returns(world: World):
    feed(world, ROW)
    night(world)
    was = world.rows(select(Vacancy.id))
    feed(world)

    assert night(world).vanished == 0
    assert standings(world) == {"havblik-1": VacancyStanding.AVAILABLE}
    assert night(world).vanished == 1
    assert standings(world) == {"havblik-1": VacancyStanding.WITHDRAWN}

    feed(world, ROW)
    assert night(world).appeared == 1
    assert (world.rows(select(Vacancy.id)), standings(world)) == (was, {"havblik-1": VacancyStanding.AVAILABLE})


def test_a_reserved_home_is_neither_withdrawn_nor_changed_by_a_night(world: World):
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    feed(world)
    night(world)
    night(world)
    assert standings(world) == {"havblik-1": VacancyStanding.RESERVED}

    feed(world, ROW | {"rent_monthly_ore": 800_000})
    night(world)
    assert world.rows(select(Vacancy.rent_monthly_ore)) == [700_000]


def test_a_feed_that_breaks_off_changes_nothing_and_a_person_is_told(sqlite_world: World, monkeypatch):
    # The waits between the tries are the library's; here they would only cost time.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)
    feed(sqlite_world, ROW)
    night(sqlite_world)
    feed(sqlite_world, ROW | {"external_id": "havblik-2"}).fails = PartnerUnavailable("GET /: not JSON")

    with pytest.raises(PartnerUnavailable):
        night(sqlite_world)

    assert list(standings(sqlite_world)) == ["havblik-1"]
    assert [item.subject for item in sqlite_world.rows(select(AttentionItem))] == ["feed:havblik"]


def test_a_family_that_waits_for_tomorrow_is_looked_at_when_something_becomes_vacant(world: World):
    world.flag(family())
    world.until(QuestionKind.OFFER)
    assert world.questions() == []

    feed(world, ROW)
    night(world)
    world.settle()

    assert [question.kind for question in world.questions()] == [QuestionKind.OFFER]
