"""Rows in quarantine from the command line."""

import asyncio
import json

import pytest
from sqlmodel import select

from storage import clock
from storage.feeds import quarantine
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.vacancies.vacancies import Vacancy
from tasks import platform as platforms
from tasks.feeds import night as syncing
from tasks.feeds.ready_loads import apply_ready
from tests.deployments.cli.nights import tilflyt
from tests.world.feed_nights import OTHER, ROW, feed, night
from tests.world.world import World


@pytest.fixture
def world(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose databases the commands use."""
    url = sqlite_world.platform.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", url)
    monkeypatch.setattr(platforms, "current", lambda: sqlite_world.platform)
    return sqlite_world


def test_a_row_in_quarantine_is_shown_as_it_came_with_every_reason(world: World):
    feed(world, ROW, OTHER | {"floor": "stuen", "rooms": 0})
    night(world)
    (row,) = json.loads(tilflyt("quarantine", "list", "--json"))
    shown = json.loads(tilflyt("quarantine", "show", str(row["no."]), "--json"))

    assert json.loads(shown["raw"])["floor"] == "stuen"
    assert [reason.partition(":")[0] for reason in shown["reasons"]] == ["rooms", "floor"]
    assert "stuen" in tilflyt("quarantine", "show", str(row["no."]))
    assert "havblik-2" in tilflyt("quarantine", "list", "--association", "havblik")


def test_the_list_says_how_many_more_wrong_rows_there_were(world: World, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_A_DAY", 1)
    monkeypatch.setattr(clock, "clock_of", lambda _settings: world.clock)
    feed(world, ROW, *(OTHER | {"external_id": f"wrong-{number}", "rooms": 0} for number in range(4)))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    assert "1 rows, and 3 more in the last day that are counted and not kept" in tilflyt("quarantine", "list")
    assert json.loads(tilflyt("sync", "history", "--json"))[0]["not kept"] == 3


def test_what_an_association_writes_is_mapped_and_its_rows_replayed(world: World):
    feed(world, ROW, OTHER | {"floor": "stuen"})
    night(world)
    number = str(json.loads(tilflyt("quarantine", "list", "--json"))[0]["no."])

    assert "floor" in tilflyt("quarantine", "replay", number, exit_code=1)
    tilflyt("quarantine", "map", "havblik", "floor", "stuen", "0")
    assert json.loads(tilflyt("quarantine", "replay", number, "--json")) == [{"no.": int(number), "reasons": []}]
    apply_ready(world.platform)

    (home,) = world.rows(select(Vacancy).where(Vacancy.external_id == "havblik-2"))
    assert home.floor == 0
    assert [row.standing for row in world.rows(select(QuarantinedRow))] == [RowStanding.REPLAYED]
    assert night(world).quarantined == 0


def test_a_dropped_row_is_not_asked_about_again(world: World):
    feed(world, ROW, OTHER | {"rooms": 0})
    night(world)
    assert json.loads(tilflyt("quarantine", "drop", "1", "--json")) == {"dropped": [1]}
    night(world)

    assert json.loads(tilflyt("quarantine", "list", "--json")) == []
    with pytest.raises(Exception, match="no row 1 is in quarantine"):
        tilflyt("quarantine", "show", "1")


@pytest.mark.parametrize("field", ["external_id", "flor"])
def test_a_field_that_cannot_be_mapped_is_refused_by_name(world: World, field: str):
    with pytest.raises(Exception, match=f"{field}: is no field that can be mapped"):
        tilflyt("quarantine", "map", "havblik", field, "a", "b")
