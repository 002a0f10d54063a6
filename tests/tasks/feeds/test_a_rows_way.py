"""A row of a feed is handed from file to file in one direction, in the order in which a reader follows the code."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

import httpx
from sqlmodel import select

from connectors.http import PartnerHttp
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from domain.feeds.contract import FORMAT
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tests.world.feed_nights import ROW
from tests.world.world import World

# The files in that order, as docs/for-developers.md lists them.
WAY = [
    Path(__file__).parents[3] / file
    for file in (
        "tasks/feeds/night.py",
        "tasks/feeds/fetch.py",
        "connectors/vacancy_feed/json_feed.py",
        "storage/feeds/staging.py",
        "storage/feeds/takeover.py",
    )
]
PLACES = {str(file): place for place, file in enumerate(WAY)}


def places_above(frame: FrameType | None) -> Iterator[int]:
    """The positions in `WAY` of a frame's callers, the nearest first."""
    while frame := frame and frame.f_back:
        if (place := PLACES.get(frame.f_code.co_filename)) is not None:
            yield place


def calls_of(deed: Callable[[], object]) -> list[tuple[int, int]]:
    """The calls from one file of the way to another while a deed is done."""
    found = []

    def see(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (place := PLACES.get(frame.f_code.co_filename)) is not None:
            found.append((next(places_above(frame), 0), place))

    sys.setprofile(see)
    try:
        deed()
    finally:
        sys.setprofile(None)
    return found


def test_a_row_is_handed_on_and_never_back(sqlite_world: World):
    page = {"format": FORMAT, "vacancies": [ROW], "next": None}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=page))
    http = PartnerHttp("http://partners.invalid", token="t", timeout_s=5, transport=transport)
    platform = replace(sqlite_world.platform, connect=lambda *_: JsonVacancyFeed(http))

    calls = calls_of(lambda: asyncio.run(syncing.sync(platform, "havblik")))

    assert sqlite_world.rows(select(Vacancy.external_id)) == [ROW["external_id"]]
    assert {place for _, place in calls} == set(range(len(WAY)))
    assert [(WAY[caller].name, WAY[called].name) for caller, called in calls if caller > called] == []
