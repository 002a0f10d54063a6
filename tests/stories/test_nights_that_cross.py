"""The nightly sync together with pushes, reservations, decisions and faults before, during or after it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

from connectors.http import PartnerHttp
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from domain.errors import PartnerUnavailable
from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedBatch, FeedMark
from storage.feeds.feeds import FeedLoad
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tasks.feeds import ready_loads as applying
from tasks.feeds.fetch import Fetching
from tests.stories.crossing_nights import LET, VACANT, V, accept, sends
from tests.world.families import family
from tests.world.feed_nights import OTHER, ROW, attention, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def missing(world: World) -> list[str]:
    return world.rows(select(Vacancy.external_id).where(col(Vacancy.missing_since).is_not(None)))


def test_what_was_sent_of_an_unknown_home_is_not_undone_by_an_older_feed_that_is_accepted(world: World):
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5), ROW | {"external_id": "new"})
    assert night(world).outcome is LoadStanding.HELD

    world.clock.move_on(timedelta(hours=1))
    sends(world, ROW | {"external_id": "new"} | LET)
    applying.apply_ready(world.platform)
    world.clock.move_on(timedelta(hours=1))
    accept(world)
    applying.apply_ready(world.platform)

    assert standings(world)["new"] is V.WITHDRAWN


def test_a_home_that_was_sent_as_let_comes_back_when_a_later_night_has_it(world: World):
    feed(world, OTHER)
    night(world)
    sends(world, ROW | LET)
    applying.apply_ready(world.platform)

    feed(world, OTHER, ROW)
    night(world)

    assert standings(world)["havblik-1"] is V.AVAILABLE


@pytest.mark.parametrize("gone", [[OTHER | VACANT], [ROW | LET, OTHER | VACANT], [ROW | LET]])
def test_a_home_that_we_let_comes_back_when_its_case_is_closed_and_the_feed_has_it(sqlite_world: World, gone):
    world = sqlite_world
    feed(world, ROW | VACANT, OTHER | VACANT | {"letting": "ordinary"})
    night(world)
    world.flag(family())
    world.housed()
    for _ in range(3):
        feed(world, *gone)
        assert night(world).why == ()
    world.clock.move_on(timedelta(days=3000))
    world.settle()

    for _ in range(3):
        feed(world, ROW | VACANT, OTHER | VACANT)
        assert night(world).why == ()
    assert standings(world)["havblik-1"] is V.AVAILABLE


def test_a_home_that_was_listed_again_before_its_case_was_closed_comes_back_then(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW, OTHER | {"letting": "ordinary"})
    night(world)
    world.flag(family())
    world.housed()
    feed(world, OTHER)
    night(world)
    night(world)
    # With an ETag: because the case is closed, the feed is read again even so.
    feed(world, ROW, OTHER, mark=FeedMark(etag='"2"'))
    night(world)
    assert standings(world)["havblik-1"] is V.LET

    world.clock.move_on(timedelta(days=3000))
    world.settle()
    night(world)

    assert standings(world)["havblik-1"] is V.AVAILABLE


@pytest.mark.parametrize("after", [[ROW | {"rooms": 0}, OTHER], [OTHER]])
def test_a_home_whose_row_is_wrong_is_there_and_begins_to_be_missing_anew(world: World, after):
    feed(world, ROW, OTHER)
    night(world)
    feed(world, OTHER)
    night(world)
    assert missing(world) == ["havblik-1"]
    feed(world, ROW | {"rooms": 0}, OTHER, mark=FeedMark(etag='"9"'))
    night(world)
    assert missing(world) == []

    feed(world, *after, mark=FeedMark(etag='"9"') if len(after) == 2 else FeedMark())
    night(world)

    assert standings(world)["havblik-1"] is V.AVAILABLE


def test_rows_that_a_later_night_saw_again_keep_their_homes_when_the_held_one_is_accepted(world: World):
    feed(world, *homes(20))
    night(world)
    wrong = [home | {"rooms": 0} for home in homes(5)]
    feed(world, *wrong, *homes(20)[5:])
    assert night(world).outcome is LoadStanding.HELD
    found = feed(world, *wrong, *homes(20)[5:])
    found.rows_at_once, found.fails = 10, PartnerUnavailable("GET /: 503")
    with pytest.raises(PartnerUnavailable):
        night(world)

    accept(world)
    applying.apply_ready(world.platform)

    assert missing(world) == []


def test_a_partners_time_limit_strikes_while_it_is_waited_for_and_never_while_we_write(world: World, monkeypatch):
    head = "Lejemålsnr;Afdeling;Kommunekode;Rum;Areal;Husleje;Ledig fra;Niveaufri adgang;Udlejning\n"
    rows = "".join(f"h-{number};Strandvænget;0450;3;79;7000;2026-04-01;ja;ordinær\n" for number in range(4000))
    body = (head + rows).encode()

    class Slowly(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for first in range(0, len(body), 20_000):
                await asyncio.sleep(0)
                yield body[first : first + 20_000]

    async def answer(_request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "text/csv", "content-length": str(len(body))}
        return httpx.Response(200, headers=headers, stream=Slowly())

    at = PartnerHttp("http://x.invalid", token="t", timeout_s=0.05, transport=httpx.MockTransport(answer))
    platform = replace(world.platform, connect=lambda *_: CsvVacancyFeed(at))
    take = Fetching.take

    def slowly(fetching: Fetching, batch: FeedBatch) -> None:
        time.sleep(0.3)  # longer than the time limit of the whole feed
        take(fetching, batch)

    monkeypatch.setattr(Fetching, "take", slowly)
    with pytest.raises(PartnerUnavailable):
        asyncio.run(syncing.sync(platform, "havblik"))

    assert [load.standing for load in world.rows(select(FeedLoad))] == [LoadStanding.FAILED]
    assert ("feed:havblik", "partner_unavailable") in attention(world)
