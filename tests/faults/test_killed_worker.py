"""The worker is killed at random moments, again and again: nothing is lost and nothing is doubled."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from deployments.demo import world as demo
from deployments.demo.audit import counted
from deployments.demo.browser import browser
from deployments.demo.people import Choice, Form, Mail, People, yes
from deployments.demo.stage import WORKER, Stage, staged
from deployments.progress import Standstill, until
from deployments.standins.world import StandInWorld
from domain.books.booking import BookingKind
from domain.referrals.lifecycle import Status
from storage.books.ledger import Booking, LedgerEntry, sum_ore
from storage.books.verdict import book_differences
from storage.outbox import OutboxRow, OutboxStanding
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.settings import load_settings
from tasks.feeds import night as syncing
from tasks.intake import intake
from tasks.platform import Platform, platform_of
from tests.faults.warm_workers import WarmWorkers
from tests.world.servers.prefect_home import MIGRATED, migrated_home

FAMILIES = 30
KILLS = 20
HOMES_EACH = 60
# How long a worker lives before it is killed: from its start to the middle of its work.
ALIVE_S = (0.05, 2.0)


def everybody_says_yes(form: Form, _mail: Mail, _nth: int) -> Choice:
    return yes(form)


def thirty_families() -> StandInWorld:
    today = datetime.now(UTC).date()
    return replace(
        demo.demo_world(today),
        case_systems={code: [] for code in demo.SENDERS},
        associations={
            name: replace(association, vacancies=demo.vacancies(today, HOMES_EACH)[name])
            for name, association in demo.demo_world(today).associations.items()
        },
    )


def flag(stage: Stage, number: int, flags: dict[str, list[dict]]) -> None:
    """Have the case systems flag some more families, a few after each kill."""
    share = -(-FAMILIES // KILLS)
    waiting = [(code, one) for code, some in flags.items() for one in some][number * share : (number + 1) * share]
    for code, one in waiting:
        httpx.post(f"{stage.partners_url}/_control/flags/{code}", json=[one], trust_env=False).raise_for_status()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_worker_killed_twenty_times_loses_nothing_and_doubles_nothing(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    url = None
    if kind == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        url = make()
    # After a kill, delivery to a destination waits for the dead worker's lease to end, so the lease is short here.
    quick = {"TILFLYT_PARTNER_TIMEOUT_S": "2", "TILFLYT_DELIVERY_LEASE_S": "3.5"}
    # No request waits for others; a sending that breaks off is tested in tests/tasks/anonymity/test_sending.py.
    quick |= {"TILFLYT_ANONYMITY_LEAST": "1", "TILFLYT_ANONYMITY_WANTED": "1"} | MIGRATED
    migrated_home(tmp_path / "prefect")
    with (
        staged(
            tmp_path, database_url=url, peopled=thirty_families(), more_settings=quick, disclosed_at_once=True
        ) as stage,
        WarmWorkers(stage) as workers,
        answering_letters(stage) as people,
    ):
        for name, value in stage.processes.environment.items():
            monkeypatch.setenv(name, value)
        platform = platform_of(load_settings())
        sync_and_intake(platform, [])
        chance, flags = random.Random(), demo.families(datetime.now(UTC).date(), FAMILIES)
        for number in range(KILLS):
            flag(stage, number, flags)
            sync_and_intake(platform, list(flags))
            if number:
                workers.start()
            time.sleep(chance.uniform(*ALIVE_S))  # The moment of the kill is what is tested.
            # Every other time its deliverer is left running for a while beside the next one.
            stage.processes.kill(WORKER, with_children=bool(number % 2))
        workers.start()
        wait_until_quiet(stage, people)
        platform.database.close()
        state = httpx.get(f"{stage.partners_url}/_control/state", trust_env=False).json()
        check(stage, state)
        # It wrote its mark of how far the database had come, and never took a kill for a restored backup.
        assert until(lambda: list((tmp_path / "not-in-backup").glob("chain-end-*")))


def sync_and_intake(platform: Platform, codes: list[str]) -> None:
    """Run the nightly sync and the intake, which in production run in other processes than the one that is killed."""

    async def work() -> None:
        for code in codes:
            await intake.take_in(platform, code)
        if not codes:
            for association in demo.DEPARTMENTS:
                await syncing.sync(platform, association)

    asyncio.run(work())


@contextmanager
def answering_letters(stage: Stage) -> Iterator[Future[None]]:
    """People who answer their letters meanwhile, in a thread of their own."""
    done = threading.Event()

    def answer() -> None:
        people = People(stage.inbox_url, everybody_says_yes)
        with browser() as http:
            while not done.wait(0.1):
                people.read_and_answer(http)

    with ThreadPoolExecutor(1) as beside:
        try:
            yield beside.submit(answer)
        finally:
            done.set()


def wait_until_quiet(stage: Stage, people: Future[None]) -> None:
    """Wait until every family has reached its final status and the outbox is empty; fails with the state."""
    standstill = Standstill()
    while True:
        if people.done():
            people.result()
        now = counted(stage.database, now=stage.clock.now())
        if now.statuses == {Status.HOUSED: FAMILIES} and not now.busy:
            return
        standstill.look(now)
        time.sleep(0.2)  # The people and the platform work in other threads and processes.


def check(stage: Stage, partners: dict) -> None:
    with stage.database.reading() as session:
        housed = list(session.exec(select(Referral.id).where(Referral.status == Status.HOUSED)))
        bookings = session.exec(select(Booking).where(Booking.kind == BookingKind.MOVE_IN)).all()
        keys = Counter((one.referral_id, one.rule) for one in bookings)
        entries = len(session.exec(select(LedgerEntry.id)).all())
        standings = set(session.exec(select(OutboxRow.standing)))
        moves = session.exec(
            select(HistoryLine.referral_id, HistoryLine.to_status).where(col(HistoryLine.to_status).is_not(None))
        ).all()
        assert len(housed) == FAMILIES
        assert {referral_id for referral_id, _ in keys} == {*housed}
        assert max(keys.values()) == 1
        assert list(book_differences(session, now=stage.clock.now())) == []
        assert sum_ore(session) == 0
        assert standings <= {OutboxStanding.DELIVERED, OutboxStanding.MOOT}
        assert max(Counter(moves).values()) == 1
    postings = [posting for system in partners["finance"].values() for posting in system["postings"]]
    assert len(postings) == entries
    assert sum(len(association["tenants"]) for association in partners["associations"].values()) == FAMILIES
