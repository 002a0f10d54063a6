"""At least sixty bad inputs in each form of feed: never a crash, never a good row lost, and memory bounded."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from connectors.registry import connector
from domain.errors import PartnerRefused, PartnerUnavailable, Seen
from domain.feeds.load import LoadStanding
from domain.parties.party import Connection
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tests.faults.bad_feeds import (
    CSV,
    IN_EVERY_FORM,
    JSON,
    JSON_ALONE,
    LOGIN,
    MISSING,
    NOT_WHOLE,
    ON_THE_LINE,
    ONE_ROW,
    WELL_MEANT,
    XML,
    Form,
    Outcome,
    Talk,
    always,
    longer_than_announced,
    rows,
    spoilt,
    well,
)
from tests.world.world import World

FORMS = (JSON, CSV, XML)
BEFORE, AFTER = 700_000, 710_000
MOST_MEMORY_BYTES = 60_000_000


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # They are the library's; here they would only cost time.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def night(world: World, form: Form, talk: Talk) -> None:
    """A night on which the association talks like that; silence and refusal are no errors of ours."""
    world.clock.move_on(timedelta(days=1))
    asked = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                asked += 1
                await talk(form, asked, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def one_night() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
        at = Connection(form.connector, url, "NOT_LOOKED_UP")
        reached = replace(world.platform, connect=lambda system, _at: connector(system, at, token="t", timeout_s=0.15))
        try:
            with suppress(PartnerUnavailable, PartnerRefused):
                await syncing.sync(reached, "havblik")
        finally:
            server.close()
            talking = asyncio.all_tasks() - {asyncio.current_task()}
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)

    asyncio.run(one_night())


def expect(world: World, outcome: Outcome) -> None:
    """What came of the second night is what must come of it."""
    load = world.rows(select(FeedLoad).order_by(FeedLoad.id))[-1]
    homes = {row.external_id: row for row in world.rows(select(Vacancy))}
    known = [homes[row["external_id"]] for row in rows()]
    assert {home.standing for home in known} == {VacancyStanding.AVAILABLE}
    assert {home.rent_monthly_ore for home in known} <= {BEFORE, AFTER}
    assert len({home.rent_monthly_ore for home in known}) == 1, "all of it or nothing"
    with world.platform.database.reading() as session:
        codes = [item.code for item in open_items(session) if item.subject == "feed:havblik"]

    standing, quarantined, told = {
        Outcome.APPLIED: (LoadStanding.APPLIED, 0, False),
        Outcome.QUARANTINED: (LoadStanding.APPLIED, 1, False),
        Outcome.REFUSED: (LoadStanding.FAILED, 0, True),
        Outcome.HELD: (LoadStanding.HELD, 0, True),
    }[outcome]
    assert (load.standing, bool(codes)) == (standing, told), load.why
    if load.standing is LoadStanding.APPLIED:
        kept = select(QuarantinedRow).where(QuarantinedRow.standing == RowStanding.KEPT)
        assert len(world.rows(kept)) == quarantined
    if outcome is not Outcome.HELD:
        assert world.rows(select(StagedVacancy)) == []


def second_night(world: World, form: Form, talk: Talk) -> None:
    """A good night, and then this one."""
    night(world, form, always("200 OK", form.write(rows()), Content_Type=form.media_type))
    expect(world, Outcome.APPLIED)
    tracemalloc.start()
    try:
        night(world, form, talk)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY_BYTES
    finally:
        tracemalloc.stop()


def named(case: object) -> str:
    return "missing" if case is MISSING else repr(case)[:30]


def whole(body: bytes) -> Talk:
    async def talk(form: Form, nth: int, out: asyncio.StreamWriter) -> None:
        await always("200 OK", body, Content_Type=form.media_type)(form, nth, out)

    return talk


WRONG_ROWS = [(form, field, wrong) for form in FORMS for field, wrong in IN_EVERY_FORM] + [
    (JSON, field, wrong) for field, wrong in JSON_ALONE
]


@pytest.mark.parametrize(("form", "field", "wrong"), WRONG_ROWS, ids=named)
def test_a_row_that_breaks_the_contract_is_set_aside_and_the_rest_of_its_feed_goes_on(sqlite_world, form, field, wrong):
    second_night(sqlite_world, form, whole(form.write(spoilt(field, wrong))))
    expect(sqlite_world, Outcome.QUARANTINED)
    (kept,) = sqlite_world.rows(select(QuarantinedRow))
    assert any(reason.startswith((field, "persons_min", "row")) for reason in kept.reasons)
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in ONE_ROW[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in ONE_ROW[form]],
)
def test_a_row_that_cannot_be_read_is_set_aside_too(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.QUARANTINED)


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in NOT_WHOLE[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in NOT_WHOLE[form]],
)
def test_a_feed_that_is_not_whole_changes_nothing(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.REFUSED)
    assert codes(sqlite_world) <= set(Seen), "it answered, and is not called silent"


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in WELL_MEANT[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in WELL_MEANT[form]],
)
def test_what_spreadsheets_and_serialisers_add_is_read(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.APPLIED)
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


@pytest.mark.parametrize(
    ("form", "name", "reason"),
    [
        (CSV, "a cell too many in the middle", "row: has another number of cells than the header: 10/9"),
        (CSV, "a cell too few in the middle", "row: has another number of cells than the header: 8/9"),
        (CSV, "a quotation mark that nobody closed", "row: has a quotation mark that is not closed, or stands in the"),
        (CSV, "a byte of another encoding", "row: holds bytes that are not in the encoding of the rest"),
        (JSON, "a size that is no number", "size_m2: must be a whole number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_row_is_called_by_its_name_and_its_home_stays(sqlite_world, form, name, reason):
    second_night(sqlite_world, form, whole(ONE_ROW[form][name]))
    night(sqlite_world, form, whole(ONE_ROW[form][name]))
    expect(sqlite_world, Outcome.QUARANTINED)
    (kept,) = sqlite_world.rows(select(QuarantinedRow))
    assert len(kept.reasons) == 1
    assert kept.reasons[0].startswith(reason)


@pytest.mark.parametrize(
    ("form", "body", "media_type", "seen"),
    [
        *((form, b"", form.media_type, Seen.EMPTY) for form in FORMS),
        *((form, LOGIN, "text/html", Seen.PAGE) for form in FORMS),
        *((form, LOGIN, form.media_type, Seen.PAGE) for form in FORMS),
        (CSV, b"PK\x03\x04" + bytes(2000), CSV.media_type, Seen.OTHER_FORM),
        (CSV, gzip.compress(CSV.write(rows()), mtime=0), CSV.media_type, Seen.OTHER_FORM),
        (CSV, JSON.write(rows()), CSV.media_type, Seen.OTHER_FORM),
        (CSV, CSV.write(rows()).replace(b"Husleje", b"Leje"), CSV.media_type, Seen.NO_HEADER),
        (JSON, XML.write(rows()), JSON.media_type, Seen.OTHER_FORM),
        (JSON, b'{"external_id": "1"}\n{"external_id": "2"}\n', JSON.media_type, Seen.NOT_READABLE),
        (XML, JSON.write(rows()), XML.media_type, Seen.OTHER_FORM),
    ],
)
def test_what_came_instead_of_a_feed_is_called_by_its_name(sqlite_world, form, body, media_type, seen):
    night(sqlite_world, form, always("200 OK", body, Content_Type=media_type))
    assert codes(sqlite_world) == {seen}
    assert sqlite_world.rows(select(FeedLoad.why)) == [[seen]]


def codes(world: World) -> set[str]:
    with world.platform.database.reading() as session:
        return {item.code for item in open_items(session) if item.subject == "feed:havblik"}


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("talk", "outcome"), ON_THE_LINE.values(), ids=ON_THE_LINE.keys())
def test_whatever_goes_wrong_on_the_line(sqlite_world, form, talk, outcome):
    second_night(sqlite_world, form, talk)
    # A table that ends early looks whole, and the breaker stands behind it.
    looks_whole = form is CSV and talk is longer_than_announced
    expect(sqlite_world, Outcome.HELD if looks_whole else outcome)
    night(sqlite_world, form, lambda form, _nth, out: well(form, out))
    expect(sqlite_world, Outcome.APPLIED)
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("date", ["Mon, 01 Mar 2027 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "i dag"])
def test_a_partners_clock_may_be_wrong(sqlite_world, form, date):
    body = form.write(rows(rent_monthly_ore=AFTER))
    second_night(
        sqlite_world, form, always("200 OK", body, Content_Type=form.media_type, Date=date, Last_Modified=date)
    )
    expect(sqlite_world, Outcome.APPLIED)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_etag_that_lies_is_believed_for_a_week_at_most(sqlite_world, form):
    async def lies(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
        await always("200 OK", form.write(rows()), Content_Type=form.media_type, ETag='"1"')(form, 1, out)

    def unchanged(asked: bytes) -> bool:
        return b"if-none-match" in asked.lower()

    night(sqlite_world, form, lies)
    outcomes = []
    for _ in range(8):
        night_of_a_liar(sqlite_world, form, unchanged)
        outcomes.append(sqlite_world.rows(select(FeedLoad.standing).order_by(FeedLoad.id))[-1])
    assert outcomes == [LoadStanding.UNCHANGED] * 6 + [LoadStanding.APPLIED, LoadStanding.UNCHANGED]
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


def night_of_a_liar(world: World, form: Form, unchanged: Callable[[bytes], bool]) -> None:
    """A night on which the association says that nothing is new whenever it is asked, though all rents have risen."""
    world.clock.move_on(timedelta(days=1))

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        risen = form.write(rows(rent_monthly_ore=AFTER))
        told = ("304 Not Modified", b"") if unchanged(asked) else ("200 OK", risen)
        await always(*told, Content_Type=form.media_type, ETag='"1"')(form, 1, writer)
        writer.close()

    async def one_night() -> None:
        async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
            at = Connection(form.connector, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "NOT_LOOKED_UP")
            reached = replace(world.platform, connect=lambda system, _at: connector(system, at, token="t", timeout_s=2))
            await syncing.sync(reached, "havblik")

    asyncio.run(one_night())


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_there_are_at_least_sixty_for_each_form(form):
    of_rows = [wrong for of, _, wrong in WRONG_ROWS if of is form]
    assert len(of_rows) + len(ONE_ROW[form]) + len(NOT_WHOLE[form]) + len(ON_THE_LINE) >= 60
