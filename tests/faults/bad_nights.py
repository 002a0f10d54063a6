"""Nights with a bad feed, and what is expected of them."""

import asyncio
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from connectors.registry import connector
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.feeds.load import LoadStanding
from domain.parties.party import Connection
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tests.faults.bad_feeds import CSV, JSON, XML, Form, Outcome, Talk, rows
from tests.faults.bad_lines import always
from tests.world.kept import Kept
from tests.world.world import World

FORMS = (JSON, CSV, XML)
BEFORE, AFTER = 700_000, 710_000
MOST_MEMORY_BYTES = 60_000_000


def night(world: World, form: Form, talk: Talk) -> None:
    """A night on which the association answers so; a silent or refused feed is no error of the test's."""
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
    """Check that the second night had this outcome."""
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


_AFTER_A_GOOD_NIGHT: dict[Form, Kept] = {}


def a_good_night(world: World, form: Form) -> None:
    """A night with a good feed; computed once in each process."""
    if form in _AFTER_A_GOOD_NIGHT:
        _AFTER_A_GOOD_NIGHT[form].into(world)
        return
    night(world, form, always("200 OK", form.write(rows()), Content_Type=form.media_type))
    expect(world, Outcome.APPLIED)
    _AFTER_A_GOOD_NIGHT[form] = Kept(world)


def second_night(world: World, form: Form, talk: Talk) -> None:
    """A night with a good feed, and then a night on which the association answers so."""
    a_good_night(world, form)
    tracemalloc.start()
    try:
        night(world, form, talk)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY_BYTES
    finally:
        tracemalloc.stop()


def codes(world: World) -> set[str]:
    with world.platform.database.reading() as session:
        return {item.code for item in open_items(session) if item.subject == "feed:havblik"}
