"""What is stored of a row that breaks the contract: enough to correct it, until it is correct, and no CPR number."""

import asyncio
import json

import pytest
from sqlmodel import SQLModel, select

from domain.errors import Invalid
from domain.text.screening import without_cpr_numbers
from storage.feeds import quarantine
from storage.feeds import review as reviewing
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow, RowStanding, keep
from storage.operations.overview import feed_states
from storage.staff import feed_rows, feed_words
from storage.staff import feeds as feeds_by_staff
from storage.vacancies.vacancies import VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.ready_loads import apply_ready
from tests.world.feed_nights import OTHER, ROW, feed, homes, night, standings
from tests.world.world import World

# An invented number with a day that does not exist, in the form of a CPR number.
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
        feed_words.remember_mapping(session, "havblik", "rooms", "tre", "3", by="vagt", now=now)
        assert feed_rows.replay(session, kept(world).id, by="vagt", now=now) == []
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


WAYS = ["310299-1234", "3102991234", "310299·1234", "(310299) 1234", "31:02:99:1234", "3IO299-I234", "³¹⁰²⁹⁹1234"]


def everything_kept(world: World) -> str:
    """Every row of every table except the vault's, as text."""
    with world.platform.database.reading() as session:
        tables = [table for name, table in SQLModel.metadata.tables.items() if name not in ("vault_entry", "tally")]
        rows = [row for table in tables for row in session.connection().execute(select(table))]
    return " ".join(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value) for row in rows for value in row
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", ["external_id", "unit_number", "department", "area", "rooms", "lbf_number", "lejer"])
def test_nobodys_number_is_kept_wherever_it_stands(sqlite_world: World, field: str, way: str):
    wrong = {"rooms": "tre"} if field == "lejer" else {}
    feed(sqlite_world, ROW, OTHER | wrong | {field: way})
    night(sqlite_world)

    assert kept(sqlite_world).reasons
    assert way not in everything_kept(sqlite_world)
    assert kept(sqlite_world).external_id == (None if field == "external_id" else "havblik-2")


@pytest.mark.parametrize("number", [3102991234, 101801234, -3102991234])
def test_nobodys_number_is_kept_that_a_program_wrote_as_a_number(sqlite_world: World, number: int):
    feed(sqlite_world, ROW, OTHER | {"deposit_ore": number})
    night(sqlite_world)
    assert kept(sqlite_world).told["deposit_ore"] == ["neither text nor number"]
    assert str(abs(number)) not in json.dumps(kept(sqlite_world).told)


def test_nobodys_number_is_kept_in_the_names_of_a_feed(sqlite_world: World):
    feed(sqlite_world, *[row | {NUMBER: 1, "x" * 5_000: 1} for row in homes(5)])
    night(sqlite_world)
    told = everything_kept(sqlite_world)
    assert "xxxxxx-xxxx" in told
    assert NUMBER not in told
    assert "x" * 200 not in told


def test_a_row_whose_number_was_hidden_is_not_replayed_as_a_home(sqlite_world: World):
    feed(sqlite_world, ROW, OTHER | {"external_id": NUMBER})
    night(sqlite_world)
    with sqlite_world.platform.database.writing() as session:
        faults = feed_rows.replay(session, kept(sqlite_world).id, by="vagt", now=sqlite_world.clock.now())
    assert [fault.partition(":")[0] for fault in faults] == ["external_id"]


def test_a_word_that_is_mapped_is_nobodys_number(sqlite_world: World):
    with sqlite_world.platform.database.writing() as session, pytest.raises(Invalid, match="holds_cpr_number"):
        feed_words.remember_mapping(
            session, "havblik", "department", f"Hr. {NUMBER}", "Lunden", by="vagt", now=sqlite_world.clock.now()
        )


@pytest.fixture
def two_a_day(monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_A_DAY", 2)


def many_wrong(count: int, **changes: object) -> list[dict]:
    return [
        row | {"external_id": f"wrong-{number}", "rooms": "tre"} | changes for number, row in enumerate(homes(count))
    ]


def load_of(world: World) -> FeedLoad:
    return world.rows(select(FeedLoad).order_by(FeedLoad.id))[-1]


@pytest.mark.usefixtures("two_a_day")
def test_a_day_has_a_bound_and_what_is_beyond_it_is_counted(world: World):
    feed(world, ROW, *many_wrong(6))
    night(world)
    assert (load_of(world).quarantined, load_of(world).not_kept) == (6, 4)
    assert len(world.rows(select(QuarantinedRow))) == 2

    night(world)
    assert load_of(world).not_kept == 2, "those that are there already take no room, and a day later there is room"
    assert len(world.rows(select(QuarantinedRow))) == 4


@pytest.mark.usefixtures("two_a_day")
def test_another_association_has_a_day_of_its_own_and_the_page_and_the_command_say_how_many_more(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW, *many_wrong(5))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    with world.platform.database.writing() as session:
        assert keep(session, "skovbrynet", [], now=world.clock.now()) == 0
    with world.platform.database.reading() as session:
        states = {state.association.id: state for state in feed_states(session, now=world.clock.now())}
        told = reviewing.history(session, "havblik")[0]
    assert (states["havblik"].in_quarantine, states["havblik"].not_kept, states["skovbrynet"].not_kept) == (2, 3, 0)
    assert told["not kept"] == 3


@pytest.mark.usefixtures("two_a_day")
def test_a_home_that_is_known_stands_though_its_row_is_wrong_and_not_kept(world: World):
    feed(world, *homes(8))
    night(world)
    for _ in range(3):
        feed(world, *(row | {"rooms": "tre"} for row in homes(8)))
        night(world)
        with world.platform.database.writing() as session:
            feeds_by_staff.accept(session, "havblik", by="vagt", now=world.clock.now())
        apply_ready(world.platform)
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    assert len(world.rows(select(QuarantinedRow))) <= 2 * 3 + len(homes(8)), "one more for each home, and no more"
