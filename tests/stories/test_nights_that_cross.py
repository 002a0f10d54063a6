"""What a night does beside what was told before, meanwhile or after it: sendings, reservations, decisions, faults."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.http import PartnerHttp
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.json_feed import stamp_of
from connectors.vacancy_feed.xml_feed import Export
from domain.errors import MovedMeanwhile, PartnerUnavailable, Unexpected
from domain.feeds.breaker import FeedTerms
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadStanding
from domain.ports import FeedBatch, FeedHead, FeedMark, RawVacancy
from domain.questions.question import Answer, QuestionKind
from storage.columns import id_of
from storage.feeds import review as reviewing
from storage.feeds import takeover
from storage.feeds import version_guard as turns
from storage.feeds.feeds import FeedLoad
from storage.feeds.push import Pushed, TooMuchAtOnce, push
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.staff import feeds as feeds_by_staff
from storage.vacancies.vacancies import Vacancy, VacancyChange, VacancyStanding, reserve
from tasks.feeds import fetch
from tasks.feeds import night as syncing
from tasks.feeds import verdict as applying
from tasks.feeds.fetch import Fetching
from tests.tasks.feeds.test_syncing import FEED_URL, OTHER, ROW, attention, feed, homes, night, standings
from tests.world import World, family

V = VacancyStanding
LET = {"status": "let"}
VACANT = {"status": "vacant"}


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # They are the library's; here they would only cost time.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def sends(world: World, *rows: dict, key: str = "k") -> Pushed:
    """Havblik sends vacancies itself."""
    raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
    now = world.clock.now()
    return push(world.platform.database, "havblik", raw, terms=FeedTerms(), key=key, digest=key, now=now)


def accept(world: World) -> reviewing.Held:
    with world.platform.database.writing() as session:
        return feeds_by_staff.accept(session, "havblik", by="a test", now=world.clock.now())


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
    # With a mark: that the case is closed has the feed read again all the same.
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
        time.sleep(0.3)  # longer than the feed may take altogether
        take(fetching, batch)

    monkeypatch.setattr(Fetching, "take", slowly)
    with pytest.raises(PartnerUnavailable):
        asyncio.run(syncing.sync(platform, "havblik"))

    assert [load.standing for load in world.rows(select(FeedLoad))] == [LoadStanding.FAILED]
    assert ("feed:havblik", "partner_unavailable") in attention(world)


@pytest.mark.parametrize("mode", [FeedMode.FULL, FeedMode.DELTA, None])
def test_a_home_that_is_told_let_while_a_family_holds_it_is_offered_to_nobody_else(sqlite_world: World, mode):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    if mode is None:
        sends(world, ROW | LET)
        applying.apply_ready(world.platform)
    else:
        feed(world, ROW | LET, mode=mode)
        night(world)
    assert standings(world)["havblik-1"] is V.RESERVED

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()

    assert standings(world)["havblik-1"] is V.WITHDRAWN


def test_a_home_that_was_told_let_by_mistake_and_then_vacant_again_is_let_go_as_ever(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    for row in (ROW | LET, ROW | VACANT):
        feed(world, row)
        night(world)

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()

    assert standings(world)["havblik-1"] is V.AVAILABLE


def test_what_changed_while_a_home_was_held_arrives_once_it_is_let_go(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    feed(world, ROW | {"rent_monthly_ore": 800_000}, mark=FeedMark(etag='"7"'))
    night(world)

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()
    night(world)

    assert world.rows(select(Vacancy.rent_monthly_ore)) == [800_000]


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("meanwhile", ["reserved", "let go"])
def test_history_and_change_agree_whatever_happens_between_them(world: World, monkeypatch, meanwhile: str):
    """On SQLite a night is alone."""
    feed(world, ROW, OTHER)
    night(world)
    (home,) = world.rows(select(Vacancy.id).where(Vacancy.external_id == "havblik-1"))
    if meanwhile == "let go":
        with world.platform.database.writing() as session:
            assert reserve(session, home or 0, until=world.clock.now() + timedelta(days=90))
    written = takeover._write_history

    def something_else() -> None:
        with world.platform.database.writing() as session:
            # Whoever waits for us longer than this would wait for ever.
            session.execute(text("SET LOCAL lock_timeout = '500ms'"))
            if meanwhile == "reserved":
                reserve(session, home or 0, until=world.clock.now() + timedelta(days=5))
            else:
                session.execute(text("UPDATE vacancy SET standing = 'available', reserved_until = NULL"))

    def and_then(*given: object) -> int:
        found = written(*given)
        other = threading.Thread(target=quietly, args=(something_else,))
        other.start()
        other.join()
        return found

    monkeypatch.setattr(takeover, "_write_history", and_then)
    feed(world, ROW | {"rent_monthly_ore": 800_000}, OTHER | {"rent_monthly_ore": 810_000})
    night(world)

    (changed,) = world.rows(select(Vacancy.rent_monthly_ore).where(Vacancy.id == home))
    lines = world.rows(select(VacancyChange.field).where(VacancyChange.vacancy_id == home))
    assert (changed == 800_000) == bool(lines)


def quietly(deed: Callable[[], None]) -> None:
    """Do it, or be refused the lock."""
    try:
        deed()
    except Exception as error:
        assert "lock timeout" in str(error)


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
            feeds_by_staff.drop(session, id_of(row), by="a test", now=world.clock.now())
    deliver(b"a", b"b", b"c")

    kept = world.rows(select(QuarantinedRow.external_id).where(QuarantinedRow.standing == RowStanding.KEPT))
    assert kept == ["c"]
