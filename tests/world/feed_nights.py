"""Sets the rows of Havblik's feed, runs the next night's sync, and reads the result."""

import asyncio
import json
from datetime import timedelta

from sqlmodel import select

from domain.ports.vacancy_feed import FeedHead, RawVacancy
from storage.attention import open_items
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.verdict import Night
from tests.world.in_process import InProcessFeed
from tests.world.world import World

ROW = {
    "external_id": "havblik-1",
    "department": "Strandvænget",
    "municipality": "0450",
    "area": None,
    "rooms": 3,
    "size_m2": 79,
    "rent_monthly_ore": 700_000,
    "available_from": "2026-04-01",
    "step_free": True,
    "letting": "municipal_assignment",
}
OTHER = ROW | {"external_id": "havblik-2"}
FEED_URL = "http://partners.invalid/association/havblik/vacancies"


def feed(world: World, *rows: dict, **told: object) -> InProcessFeed:
    """Set the rows of Havblik's feed."""
    found = world.partners.systems.setdefault(("vacancy_feed", FEED_URL), InProcessFeed())
    found.raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
    found.head = FeedHead(**told)
    found.fails = None
    return found


def night(world: World) -> Night:
    """Run the next night's sync."""
    world.clock.move_on(timedelta(days=1))
    return asyncio.run(syncing.sync(world.platform, "havblik"))


def homes(count: int, **changes: object) -> list[dict]:
    return [ROW | {"external_id": f"havblik-{number}"} | changes for number in range(1, count + 1)]


def standings(world: World) -> dict[str, VacancyStanding]:
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def attention(world: World) -> list[tuple[str, str]]:
    with world.platform.database.reading() as session:
        return [(item.subject, item.code) for item in open_items(session)]
