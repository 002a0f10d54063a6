"""Nights over a proxy that drops, delays and cuts connections: each feed is taken over whole or not at all."""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from connectors.registry import connector
from deployments.standins.server import Doors, in_a_thread
from deployments.standins.world import StandInAssociation, StandInWorld
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.feeds.load import LoadStanding
from domain.parties.party import Connection
from storage.feeds.feeds import FeedLoad
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tests.faults.bad_feeds import good
from tests.faults.line import Fault, faulty_line
from tests.world.world import World

HOMES = 120
NIGHTS = 15
# Each association with the kind of its feed and its path at the stand-ins.
FEEDS = {
    "havblik": ("json", "vacancies"),
    "kloeverlykken": ("csv", "export/ledige-boliger.csv"),
    "skovbrynet": ("xml", "export/ledige-boliger.xml"),
}


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def homes(association: str, rent: int) -> list[dict]:
    return [good(number, external_id=f"{association}-{number}", rent_monthly_ore=rent) for number in range(HOMES)]


async def night(world: World, doors: Doors, chance: random.Random, *, well: bool = False) -> set[Fault]:
    """One night of all three associations; returns the faults of the connections."""

    def plan() -> tuple[Fault, int]:
        fault = Fault.NONE if well else chance.choice(list(Fault))
        return fault, chance.choice((0, 40, 700, chance.randrange(20_000)))

    async with faulty_line(doors.http_port, plan) as line:
        for association, (kind, path) in FEEDS.items():
            at = Connection(f"{kind}-vacancies", f"http://127.0.0.1:{line.port}/association/{association}/{path}", "X")

            def connect(system: str, _at: Connection, at: Connection = at) -> object:
                return connector(system, at, token="token", timeout_s=0.25)

            with suppress(PartnerUnavailable, PartnerRefused):
                await syncing.sync(replace(world.platform, connect=connect), association)
        return set(line.seen)


def test_a_feed_is_taken_whole_or_not_at_all(world: World, tmp_path):
    chance = random.Random(7)
    told = {name: StandInAssociation(kind, homes(name, 700_000)) for name, (kind, _) in FEEDS.items()}
    peopled = StandInWorld(associations=told, tokens={f"association:{name}": "token" for name in FEEDS})
    faults: set[Fault] = set()
    with in_a_thread(peopled, tmp_path / "journal.jsonl") as doors:
        for number in range(NIGHTS):
            world.clock.move_on(timedelta(days=1))
            for name, association in told.items():
                association.vacancies[:] = homes(name, 700_000 + number * 100)
            faults |= asyncio.run(night(world, doors, chance))
            for name in FEEDS:
                rents = set(world.rows(select(Vacancy.rent_monthly_ore).where(Vacancy.association == name)))
                assert len(rents) <= 1, f"a part of {name}'s feed was taken in night {number}"
        world.clock.move_on(timedelta(days=1))
        asyncio.run(night(world, doors, chance, well=True))

    known = world.rows(select(Vacancy.association, Vacancy.rent_monthly_ore))
    assert sorted(known) == sorted((name, 700_000 + (NIGHTS - 1) * 100) for name in FEEDS for _ in range(HOMES))
    assert world.rows(select(StagedVacancy)) == []
    standings = {load.standing for load in world.rows(select(FeedLoad))}
    assert {LoadStanding.APPLIED, LoadStanding.FAILED} <= standings, "some nights went well and some did not"
    assert faults == set(Fault)
