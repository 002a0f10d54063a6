"""The nightly sync: a bad row goes into quarantine, a bad feed changes nothing, and a reserved home stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.errors import MovedMeanwhile, PartnerUnavailable, Unexpected
from domain.feeds.load import LoadStanding
from domain.questions.question import QuestionKind
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.verdict import Night
from tests.world.families import family
from tests.world.feed_nights import OTHER, ROW, attention, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def test_a_first_night_brings_the_vacancies_and_the_same_again_changes_nothing(world: World):
    feed(world, ROW, OTHER)

    first, second = night(world), night(world)

    assert (first.appeared, first.changed, first.vanished) == (2, 0, 0)
    assert (second.appeared, second.changed, second.vanished) == (0, 0, 0)
    assert [load.standing for load in world.rows(select(FeedLoad))] == [LoadStanding.APPLIED] * 2
    assert world.rows(select(StagedVacancy)) == []


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
        ({"available_from": "1767225600"}, "available_from"),
        ({"available_from": "1767225600.0"}, "available_from"),
        ({"available_from": "1900-01-01"}, "available_from"),
        ({"department": "=SUM(A1)"}, "department"),
        ({"department": "StrandvÃ¦nget"}, "department"),
        ({"department": "Strandv\ufffdnget"}, "department"),
        ({"dar_address_id": "ikke en adresse"}, "dar_address_id"),
        ({"floor": "stuen"}, "floor"),
        ({"persons_min": 4, "persons_max": 2}, "persons_max"),
        ({"status": "måske"}, "status"),
        ({"municipality": "9999"}, "municipality"),
        ({"municipality": "Nyborg"}, "municipality"),
        ({"letting": "måske"}, "letting"),
        ({"department": ""}, "department"),
        ({"department": "a\x00b"}, "department"),
        ({"department": "Se https://evil.example/x"}, "department"),
        ({"department": "Bolig på evil.dk/sti"}, "department"),
        ({"department": "a\u2028b"}, "department"),
        ({"area": "www.evil"}, "area"),
        ({"unit_number": "mig@evil.example"}, "unit_number"),
        ({"unit_number": "0101801234"}, "unit_number"),
        ({"external_id": "010180-1234"}, "external_id"),
        ({"external_id": None}, "external_id"),
    ],
)
def test_a_row_that_breaks_the_contract_goes_into_quarantine_with_its_reason_and_the_rest_goes_on(
    sqlite_world: World, change, field
):
    feed(sqlite_world, ROW | {"external_id": "good"}, ROW | change)

    assert night(sqlite_world).quarantined == 1
    assert list(standings(sqlite_world)) == ["good"]
    kept = sqlite_world.rows(select(QuarantinedRow))[0]
    assert kept.line == 2
    assert kept.reasons[0].startswith(field)


def test_a_row_that_stands_twice_is_taken_once(sqlite_world: World):
    feed(sqlite_world, ROW, ROW | {"rooms": 4})

    assert night(sqlite_world).quarantined == 1
    assert [row.rooms for row in sqlite_world.rows(select(Vacancy))] == [3]


def test_every_reason_is_kept_and_the_same_row_is_kept_once(sqlite_world: World):
    feed(sqlite_world, ROW | {"rooms": 0, "size_m2": 1})
    night(sqlite_world)
    night(sqlite_world)

    kept = sqlite_world.rows(select(QuarantinedRow))
    assert [len(row.reasons) for row in kept] == [2]


def test_a_row_that_a_later_night_delivers_right_leaves_quarantine_by_itself(world: World):
    feed(world, ROW, OTHER | {"rooms": 0}, ROW | {"external_id": "havblik-3", "size_m2": 1})
    night(world)
    feed(world, ROW, OTHER)
    night(world)

    left = {row.external_id: row.standing for row in world.rows(select(QuarantinedRow))}
    assert left == {"havblik-2": RowStanding.CAME_RIGHT, "havblik-3": RowStanding.GONE}
    assert standings(world)["havblik-2"] is VacancyStanding.AVAILABLE


def test_a_row_that_was_wrong_before_and_is_wrong_again_is_in_quarantine_again(sqlite_world: World):
    for rows in ([ROW, OTHER | {"rooms": 0}], [ROW, OTHER], [ROW, OTHER | {"rooms": 0}]):
        feed(sqlite_world, *rows)
        night(sqlite_world)

    (kept,) = sqlite_world.rows(select(QuarantinedRow))
    assert (kept.standing, kept.ended_at) == (RowStanding.KEPT, None)
    assert kept.last_seen - kept.first_seen == timedelta(days=2)


def test_rows_of_one_id_in_two_batches_are_taken_once(world: World):
    feed(world, *homes(3), homes(1)[0] | {"rooms": 4}).rows_at_once = 2

    assert night(world).quarantined == 1
    assert {home.rooms for home in world.rows(select(Vacancy))} == {3}


def test_a_feed_that_breaks_off_changes_nothing_and_a_person_is_told(sqlite_world: World):
    feed(sqlite_world, ROW)
    night(sqlite_world)
    feed(sqlite_world, ROW, OTHER).fails = PartnerUnavailable("GET /: not JSON")

    with pytest.raises(PartnerUnavailable):
        night(sqlite_world)

    assert list(standings(sqlite_world)) == ["havblik-1"]
    assert attention(sqlite_world) == [("feed:havblik", "partner_unavailable")]
    assert sqlite_world.rows(select(StagedVacancy)) == []
    feed(sqlite_world, ROW, OTHER)
    night(sqlite_world)
    assert attention(sqlite_world) == []


def test_of_two_syncs_at_once_one_counts(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, OTHER)
    world.clock.move_on(timedelta(days=1))

    async def twice() -> list[object]:
        both = (syncing.sync(world.platform, "havblik"), syncing.sync(world.platform, "havblik"))
        return await asyncio.gather(*both, return_exceptions=True)

    told = sorted(asyncio.run(twice()), key=lambda one: isinstance(one, Exception))
    assert isinstance(told[0], Night)
    assert isinstance(told[1], MovedMeanwhile)
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    assert world.rows(select(StagedVacancy)) == []
    assert attention(world) == [], "whoever came second need not be looked at"


def test_a_family_that_waits_for_tomorrow_is_looked_at_when_something_becomes_vacant(world: World):
    world.flag(family())
    world.until(QuestionKind.OFFER)
    assert world.questions() == []

    feed(world, ROW)
    night(world)
    world.settle()

    assert [question.kind for question in world.questions()] == [QuestionKind.OFFER]


def test_what_nobody_thought_of_is_told_by_its_kind_and_place_and_never_by_its_words(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, ROW).fails = ZeroDivisionError("Hr. Jensen")

    with pytest.raises(Unexpected) as told:
        night(world)

    assert told.match("^ZeroDivisionError in in_process.py, line [0-9]+$")
    assert told.value.__suppress_context__
    assert attention(world) == [("feed:havblik", "unexpected")]
    assert len(standings(world)) == 2
    assert world.rows(select(FeedLoad))[-1].standing is LoadStanding.FAILED


def test_who_asks_for_years_is_asked_again_the_next_night(world: World):
    found = feed(world, ROW)
    found.fails = PartnerUnavailable("GET /: 503", retry_after_s=999_999_999)
    with pytest.raises(PartnerUnavailable):
        night(world)
    assert len(found.asked) == 1

    found.fails = PartnerUnavailable("GET /: 503", retry_after_s=60)
    with pytest.raises(PartnerUnavailable):
        night(world)
    assert len(found.asked) == 1 + syncing.TRIES


def test_a_feed_that_does_not_come_to_an_end_is_given_up(world: World):
    found = feed(world, *homes(5))
    found.rows_at_once = 1
    seen = []

    def slow(rows: int) -> None:
        seen.append(rows)
        world.clock.move_on(timedelta(minutes=20))

    with pytest.raises(PartnerUnavailable):
        asyncio.run(syncing.sync(world.platform, "havblik", rows_seen=slow))
    assert max(seen) == 4
    assert world.rows(select(StagedVacancy)) == []
