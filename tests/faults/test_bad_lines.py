"""Faults of the connection, and partners whose clock or ETags are wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from connectors.registry import connector
from domain.feeds.load import LoadStanding
from domain.parties.party import Connection
from storage.feeds.feeds import FeedLoad
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tests.faults.bad_feeds import CSV, Form, Outcome, rows
from tests.faults.bad_lines import ON_THE_LINE, always, longer_than_announced, well
from tests.faults.bad_nights import AFTER, FORMS, expect, night, second_night
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("talk", "outcome"), ON_THE_LINE.values(), ids=ON_THE_LINE.keys())
def test_whatever_goes_wrong_on_the_line(sqlite_world, form, talk, outcome):
    second_night(sqlite_world, form, talk)
    # A table that ends early looks complete; then the breaker holds the feed back.
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
    """A night on which the association answers every request with "not modified", though all rents have risen."""
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
