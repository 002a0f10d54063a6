"""The commands of integration staff about the nightly sync, and their effects."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from deployments.cli.actor import as_known_here
from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedMark
from storage.feeds import review as reviewing
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow
from storage.feeds.staging import StagedVacancy
from storage.staff import feeds
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks import platform as platforms
from tasks.feeds.ready_loads import anything_waits, apply_ready
from tests.deployments.cli.nights import tilflyt
from tests.world.feed_nights import OTHER, ROW, attention, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture
def world(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose databases the commands use."""
    url = sqlite_world.platform.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", url)
    monkeypatch.setattr(platforms, "current", lambda: sqlite_world.platform)
    return sqlite_world


def shrunk(world: World) -> None:
    """A feed that has twenty homes one night and five the next."""
    for count in (20, 5):
        feed(world, *homes(count))
        night(world)


def test_a_feed_is_synced_and_tells_what_became_of_it(world: World):
    feed(world, ROW, OTHER | {"rooms": 0})

    (told,) = json.loads(tilflyt("sync", "--association", "havblik", "--json"))
    assert (told["outcome"], told["rows"], told["appeared"], told["quarantined"]) == ("applied", 2, 1, 1)
    assert "havblik" in tilflyt("sync", "--association", "havblik")


def test_a_dry_run_tells_what_would_change_and_changes_nothing(world: World):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, ROW | {"rooms": 4}, ROW | {"external_id": "havblik-3"}, ROW | {"external_id": "havblik-4", "rooms": 0})
    before = world.rows(select(Vacancy))

    (told,) = json.loads(tilflyt("sync", "--association", "havblik", "--dry-run", "--json"))

    assert (told["appeared"], told["changed"], told["vanished"]) == (1, 1, 1)
    assert world.rows(select(Vacancy)) == before
    assert world.rows(select(StagedVacancy)) == world.rows(select(QuarantinedRow)) == []
    assert len(world.rows(select(FeedLoad))) == 1


def test_a_dry_run_of_many_batches_leaves_no_trace_either(world: World):
    feed(world, *homes(5), ROW | {"external_id": "havblik-9", "rooms": 0}).rows_at_once = 2

    (told,) = json.loads(tilflyt("sync", "--association", "havblik", "--dry-run", "--json"))

    assert (told["outcome"], told["rows"], told["appeared"], told["quarantined"]) == ("ready", 6, 5, 1)
    for table in (Vacancy, StagedVacancy, QuarantinedRow, FeedLoad):
        assert world.rows(select(table)) == []


def test_a_dry_run_tells_what_would_be_held_back(world: World):
    feed(world, *homes(20))
    night(world)
    feed(world)
    told = tilflyt("sync", "--association", "havblik", "--dry-run", "--json", exit_code=1)
    assert json.loads(told)[0]["why"] == ["empty", "shrunk", "strangers"]
    assert attention(world) == []


def test_an_association_that_nobody_knows_is_said_to_be_unknown(world: World):
    with pytest.raises(Exception, match="no association nobody with a feed; known: havblik"):
        tilflyt("sync", "--association", "nobody")


def test_what_was_held_back_is_applied_when_somebody_accepts_it(world: World):
    shrunk(world)

    told = json.loads(tilflyt("sync", "accept", "havblik", "--json"))
    assert (told["why"], told["vanished"]) == (["shrunk", "strangers"], 15)
    assert anything_waits(world.platform)
    assert [one.outcome for one in apply_ready(world.platform)] == [LoadStanding.APPLIED]
    assert not anything_waits(world.platform)
    assert attention(world) == []
    night(world)

    assert list(standings(world).values()).count(VacancyStanding.WITHDRAWN) == 15
    assert world.rows(select(FeedLoad.decided_by).where(FeedLoad.id == 2)) == [as_known_here("command line")]


def test_what_was_held_back_is_gone_when_somebody_refuses_it_and_the_next_night_is_judged_anew(world: World):
    shrunk(world)
    tilflyt("sync", "refuse", "havblik")

    assert apply_ready(world.platform) == []
    assert world.rows(select(StagedVacancy)) == []
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    assert night(world).outcome is LoadStanding.HELD


def test_what_was_accepted_is_old_when_a_newer_night_came_first(world: World):
    shrunk(world)
    tilflyt("sync", "accept", "havblik")
    feed(world, *homes(19))
    night(world)

    assert apply_ready(world.platform) == []
    assert not anything_waits(world.platform)
    assert world.rows(select(FeedLoad.standing).where(FeedLoad.id == 2)) == [LoadStanding.SUPERSEDED]
    assert world.rows(select(StagedVacancy)) == []
    assert list(standings(world).values()).count(VacancyStanding.AVAILABLE) == 20


def test_what_was_held_back_is_old_when_the_feed_is_again_as_it_was(world: World):
    feed(world, *homes(20), mark=FeedMark(etag='"as it was"'))
    night(world)
    feed(world, *homes(5))
    night(world)
    feed(world, *homes(20), mark=FeedMark(etag='"as it was"'))

    assert night(world).outcome is LoadStanding.UNCHANGED
    assert attention(world) == []
    with pytest.raises(Exception, match="nothing of havblik is held back"):
        tilflyt("sync", "accept", "havblik")


def test_nothing_can_be_accepted_twice(world: World):
    shrunk(world)
    tilflyt("sync", "accept", "havblik")
    with pytest.raises(Exception, match="nothing of havblik is held back"):
        tilflyt("sync", "accept", "havblik")


def test_what_the_association_changed_meanwhile_stands_when_an_older_feed_is_accepted(world: World):
    feed(world, *homes(20), ROW | {"external_id": "havblik-21", "rooms": 0})
    night(world)
    feed(world, *homes(5))
    night(world)
    # A replayed row is as recent as a push at the same moment.
    world.clock.move_on(timedelta(hours=1))
    (row,) = json.loads(tilflyt("quarantine", "list", "--json"))
    tilflyt("quarantine", "map", "havblik", "rooms", "0", "2")
    tilflyt("quarantine", "replay", str(row["no."]))
    tilflyt("sync", "accept", "havblik")
    apply_ready(world.platform)

    (sent,) = world.rows(select(Vacancy).where(Vacancy.external_id == "havblik-21"))
    assert (sent.rooms, sent.missing_since) == (2, None)


def test_history_tells_every_load(world: World):
    shrunk(world)
    loads = json.loads(tilflyt("sync", "history", "--json"))
    assert [(load["outcome"], load["rows"], load["why"]) for load in loads] == [
        ("held", 5, "shrunk, strangers"),
        ("applied", 20, ""),
    ]
    assert "shrunk" in tilflyt("sync", "history", "--association", "havblik")


def test_what_an_association_wrote_does_nothing_to_a_terminal(world: World):
    feed(world, ROW, OTHER | {"external_id": "[link=https://evil.invalid]7[/b]", "x": "\x1b]52;c;aGVq\x07\u202e"})
    feed(world, ROW, OTHER | {"external_id": "[/b]", "rooms": "\x1b[2J", "\x1b[31m": 1})
    night(world)
    listed, shown = tilflyt("quarantine", "list"), tilflyt("quarantine", "show", "1")
    assert "[/b]" in listed
    assert "\x1b" not in listed + shown


def test_what_somebody_else_has_decided_meanwhile_is_not_decided_again(world: World, monkeypatch: pytest.MonkeyPatch):
    shrunk(world)
    with world.platform.database.reading() as session:
        before_them = reviewing.held(session, "havblik")
    tilflyt("sync", "refuse", "havblik")
    monkeypatch.setattr(feeds, "held", lambda *_, **__: before_them)
    with pytest.raises(reviewing.NothingHeld):
        tilflyt("sync", "accept", "havblik")
    assert not anything_waits(world.platform)
