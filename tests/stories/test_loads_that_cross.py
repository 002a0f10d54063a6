"""Loads of a feed at the same time, and what is stored about them."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.vacancy_feed.json_feed import stamp_of
from connectors.vacancy_feed.xml_feed import Export
from domain.errors import MovedMeanwhile, PartnerUnavailable, Unexpected
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy
from storage.columns import id_of
from storage.feeds import review as reviewing
from storage.feeds import version_guard as turns
from storage.feeds.feeds import FeedLoad
from storage.feeds.push import TooMuchAtOnce
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.staff import feed_rows
from tasks.feeds import fetch
from tasks.feeds import night as syncing
from tasks.feeds import ready_loads as applying
from tests.stories.crossing_nights import LET, V, accept, sends
from tests.world.feed_nights import FEED_URL, OTHER, ROW, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def test_two_sendings_at_once_do_not_take_away_together_what_one_may_not(world: World):
    feed(world, *homes(10))
    night(world)
    gone = [home | LET for home in homes(6)]
    told: list[str] = []

    def go(rows: list[dict], key: str) -> None:
        try:
            told.append(str(sends(world, *rows, key=key).load.standing))
        except TooMuchAtOnce:
            told.append("refused")

    threads = [threading.Thread(target=go, args=given) for given in ((gone[:3], "a"), (gone[3:], "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["ready", "refused"]


def test_two_fetches_an_hour_apart_are_one_night_however_late_the_second_is_accepted(world: World):
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(20)[1:])
    night(world)
    world.clock.move_on(timedelta(hours=1))
    feed(world, *homes(10)[1:])
    assert asyncio.run(syncing.sync(world.platform, "havblik")).outcome is LoadStanding.HELD

    world.clock.move_on(timedelta(hours=12))
    accept(world)
    applying.apply_ready(world.platform)

    assert standings(world)["havblik-1"] is V.AVAILABLE


@pytest.mark.parametrize(
    ("rows", "mode"),
    [
        ([*(home | LET for home in homes(10)), *homes(20)[10:]], FeedMode.FULL),
        ([*(home | {"rooms": 0} for home in homes(10)), ROW | {"external_id": "havblik-11"}], FeedMode.DELTA),
    ],
)
def test_who_decides_is_told_how_many_would_vanish(sqlite_world: World, rows: list[dict], mode: FeedMode):
    world = sqlite_world
    feed(world, *homes(20))
    night(world)
    feed(world, *rows, mode=mode)
    assert night(world).outcome is LoadStanding.HELD

    would = accept(world).would
    (became,) = applying.apply_ready(world.platform)

    assert would.vanished == became.vanished


def test_a_field_that_few_rows_no_longer_have_says_nothing(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW | {"floor": 1})
    night(world)
    feed(world, ROW)
    assert night(world).why == ()


def test_what_a_delta_has_in_common_says_nothing_of_the_next(sqlite_world: World):
    world = sqlite_world
    feed(world, *homes(50))
    night(world)
    for row in (ROW | {"floor": 1}, OTHER):
        feed(world, row, mode=FeedMode.DELTA)
        assert night(world).why == ()
    feed(world, *homes(50))
    assert night(world).why == ()


@pytest.mark.parametrize("written", ["9999-12-31T23:30:00Z", "0001-01-01T00:00:00Z"])
def test_a_stamp_that_not_every_time_zone_can_hold_is_no_stamp(written: str):
    with pytest.raises(PartnerUnavailable):
        stamp_of({"generated_at": written})


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_moments_are_read_in_utc_whatever_the_servers_own_time_zone(world: World):
    with world.platform.database.reading() as session:
        assert session.connection().exec_driver_sql("SHOW timezone").scalar() == "UTC"


def test_what_is_wrong_with_one_associations_entry_is_told_as_a_code(world: World):
    def broken(*_: object) -> None:
        raise ValueError("http://secret@partner")

    with pytest.raises(Unexpected) as told:
        asyncio.run(syncing.sync(replace(world.platform, connect=broken), "havblik"))
    assert "secret" not in str(told.value)


def test_a_night_whose_verdict_was_taken_back_is_remembered_as_failed(world: World, monkeypatch):
    feed(world, ROW, OTHER)
    night(world)
    monkeypatch.setattr(fetch, "apply", lambda *_given, **_named: 1 / 0)
    with pytest.raises(Unexpected):
        night(world)

    loads = world.rows(select(FeedLoad).order_by(col(FeedLoad.id)))
    assert [load.standing for load in loads] == [LoadStanding.APPLIED, LoadStanding.FAILED]


def test_rows_that_came_before_the_feed_said_that_nothing_is_new_leave_no_load_behind(sqlite_world: World):
    world = sqlite_world
    feed(world, *homes(4), mark=FeedMark(etag='"3"'))
    night(world)

    class BreaksOffOnce:
        tries = 0

        async def batches(self, last: FeedMark) -> AsyncIterator[FeedBatch]:
            self.tries += 1
            if self.tries > 1:
                yield FeedBatch(FeedHead(last, unchanged=True))
                return
            for row in (ROW, OTHER):
                yield FeedBatch(FeedHead(), [RawVacancy(1, row, json.dumps(row))])
            raise PartnerUnavailable("GET /: 503")

    world.partners.systems["vacancy_feed", FEED_URL] = BreaksOffOnce()
    assert night(world).outcome is LoadStanding.UNCHANGED

    assert LoadStanding.FETCHING not in {load.standing for load in world.rows(select(FeedLoad))}


def test_a_feed_that_stands_still_takes_nothing_away(sqlite_world: World):
    world = sqlite_world
    stamp = datetime(2026, 3, 3, 1, tzinfo=UTC)
    feed(world, ROW, OTHER)
    night(world)
    feed(world, OTHER, mark=FeedMark(etag='"1"', generated_at=stamp))
    night(world)
    with world.platform.database.writing() as session:
        session.execute(text("UPDATE feed SET stamp_since = '2026-01-01 00:00:00.000000'"))

    found = night(world)

    assert (found.why, found.vanished) == (("standing_still",), 0)


def test_a_load_that_another_sync_is_at_keeps_no_sending_waiting(world: World, monkeypatch):
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5))
    night(world)
    accept(world)
    sends(world, ROW | {"external_id": "sent"})

    def another_is_at_it(*_: object) -> turns.Leftovers | None:
        raise MovedMeanwhile("havblik")

    monkeypatch.setattr(applying, "take_turn", another_is_at_it)
    applying.apply_ready(world.platform)

    assert "sent" in standings(world)


def test_a_dropped_row_of_xml_stays_dropped_whatever_follows_it(sqlite_world: World):
    world = sqlite_world

    def deliver(*names: bytes) -> None:
        rows = b"".join(b"  <Bolig><BoligIdentifikator>%s</BoligIdentifikator></Bolig>\n" % name for name in names)
        feed(world).raw = Export().homes(b"<BoligListe>\n" + rows + b"</BoligListe>")
        night(world)

    deliver(b"a", b"b")
    with world.platform.database.writing() as session:
        for row in reviewing.in_quarantine(session):
            feed_rows.drop(session, id_of(row), by="a test", now=world.clock.now())
    deliver(b"a", b"b", b"c")

    kept = world.rows(select(QuarantinedRow.external_id).where(QuarantinedRow.standing == RowStanding.KEPT))
    assert kept == ["c"]
