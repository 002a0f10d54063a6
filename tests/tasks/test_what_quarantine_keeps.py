"""What is kept of a row that breaks the contract: enough to mend it, while it must be mended, and nobody's number."""

from sqlmodel import select

from domain.screening import without_cpr_numbers
from storage import reviewing
from storage.quarantine import QuarantinedRow, RowStanding
from storage.vacancies import VacancyStanding
from tests.tasks.test_syncing import OTHER, ROW, feed, night, standings
from tests.world import World

# Invented: no such day, but days of birth look like it.
NUMBER = "310299-1234"
WRONG = OTHER | {"rooms": "tre", "lejer": f"Hr. Jensen {NUMBER}", "note": "x" * 100_000}


def kept(world: World) -> QuarantinedRow:
    (row,) = world.rows(select(QuarantinedRow))
    return row


def test_no_cpr_number_is_kept_and_of_what_the_contract_does_not_know_only_the_row_as_it_came(world: World):
    feed(world, ROW, WRONG)
    night(world)

    row = kept(world)
    assert b"xxxxxx-xxxx" in row.raw
    assert NUMBER.encode() not in row.raw
    assert len(row.raw) <= 20_000
    assert row.told == OTHER | {"rooms": "tre"}


def test_a_row_that_came_right_leaves_nothing_and_is_known_again_when_it_is_wrong_again(world: World):
    feed(world, ROW, WRONG)
    night(world)
    feed(world, ROW, OTHER)
    night(world)
    assert (kept(world).standing, kept(world).raw, kept(world).told) == (RowStanding.CAME_RIGHT, b"", {})

    feed(world, ROW, WRONG)
    night(world)
    assert (kept(world).standing, kept(world).told["rooms"]) == (RowStanding.KEPT, "tre")
    assert kept(world).raw


def test_a_row_that_is_replayed_leaves_nothing(world: World):
    feed(world, ROW, WRONG)
    night(world)
    with world.platform.database.writing() as session:
        now = world.clock.now()
        reviewing.remember_mapping(session, "havblik", "rooms", "tre", "3", by="vagt", now=now)
        assert reviewing.replay(session, kept(world).id, by="vagt", now=now) == []
    assert (kept(world).standing, kept(world).raw, kept(world).told) == (RowStanding.REPLAYED, b"", {})


def test_a_home_whose_id_is_padded_stands_while_its_row_is_wrong(world: World):
    feed(world, ROW, OTHER)
    night(world)
    for _ in range(3):
        feed(world, ROW, OTHER | {"external_id": " havblik-2 ", "rooms": "tre"})
        night(world)
    assert standings(world) == dict.fromkeys(("havblik-1", "havblik-2"), VacancyStanding.AVAILABLE)
    assert kept(world).external_id == "havblik-2"


def test_what_cannot_be_an_id_is_kept_without_one(world: World):
    feed(world, ROW, OTHER | {"external_id": "a\x00b"})
    night(world)
    assert kept(world).external_id is None


def test_numbers_that_cannot_be_a_cpr_number_stand():
    told = "310299-1234 and 3102991234; 2026-04-01, 12-3456-78, 990299-1234, 0a3f507a-0000-4000-8000-000000000001"
    assert without_cpr_numbers(told) == told.replace("310299-1234", "xxxxxx-xxxx").replace("3102991234", "x" * 10)
