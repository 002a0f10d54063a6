"""The nightly sync: a bad row goes into quarantine, a bad feed changes nothing, and a reserved home stays."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from deployments.standins.in_process import InProcessFeed
from domain.errors import MovedMeanwhile, PartnerUnavailable, Unexpected
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedHead, FeedMark, RawVacancy
from domain.questions.question import QuestionKind
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad, feed_of
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy, VacancyChange, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.verdict import Night
from tests.world import START, World, family

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
OTHER = ROW | {"external_id": "havblik-2"}
FEED_URL = "http://partners.invalid/association/havblik/vacancies"


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # They are the library's; here they would only cost time.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def feed(world: World, *rows: dict, **told: object) -> InProcessFeed:
    """What Havblik's feed holds from now on."""
    found = world.partners.systems.setdefault(("vacancy_feed", FEED_URL), InProcessFeed())
    found.raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
    found.head = FeedHead(**told)
    found.fails = None
    return found


def night(world: World) -> Night:
    """The next night's sync."""
    world.clock.move_on(timedelta(days=1))
    return asyncio.run(syncing.sync(world.platform, "havblik"))


def homes(count: int, **changes: object) -> list[dict]:
    return [ROW | {"external_id": f"havblik-{number}"} | changes for number in range(1, count + 1)]


def standings(world: World) -> dict[str, VacancyStanding]:
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def attention(world: World) -> list[tuple[str, str]]:
    with world.platform.database.reading() as session:
        return [(item.subject, item.code) for item in open_items(session)]


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


def test_a_feed_that_shrinks_is_held_back_and_the_last_good_snapshot_stands(world: World):
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5))
    held = night(world)

    assert (held.outcome, held.why) == (LoadStanding.HELD, ("shrunk", "strangers"))
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    assert attention(world) == [("feed:havblik", "shrunk"), ("feed:havblik", "strangers")]
    with world.platform.database.reading() as session:
        assert feed_of(session, "havblik").last_good_at == START + timedelta(days=1)


def test_what_was_held_back_makes_room_for_the_next_night(world: World):
    for count in (20, 5, 5, 20):
        feed(world, *homes(count))
        night(world)

    assert [load.standing for load in world.rows(select(FeedLoad).order_by(FeedLoad.id))] == [
        LoadStanding.APPLIED,
        LoadStanding.SUPERSEDED,
        LoadStanding.SUPERSEDED,
        LoadStanding.APPLIED,
    ]
    assert world.rows(select(StagedVacancy)) == []
    assert attention(world) == []


def test_a_feed_whose_own_stamp_stands_still_for_days_asks_for_a_person(sqlite_world: World):
    written = FeedMark(generated_at=datetime(2026, 3, 3, 1, tzinfo=UTC))
    outcomes = []
    for _ in range(6):
        feed(sqlite_world, ROW, mark=written)
        outcomes.append(night(sqlite_world).why)
    assert outcomes == [(), (), (), (), ("standing_still",), ("standing_still",)]


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
