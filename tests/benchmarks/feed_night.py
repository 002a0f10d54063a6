"""Measures one night over every feed in a process of its own: our code below Prefect, our flow, or the limit.

`python -m tests.benchmarks.feed_night ours|prefect|limit <database url> <feeds> <ports as JSON>` prints as JSON the
seconds, the processor seconds, the rows, the feeds' outcomes, and its peak memory in MiB.
"""

import asyncio
import gc
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import deployments  # noqa: F401  # sets how often garbage is collected, as in every process of ours
from connectors.http import PartnerHttp
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from domain.parties.party import Connection, Partner, association
from storage.clock import SystemClock
from storage.database import Database
from storage.parties.partners import remember_partner
from storage.vault.data_keys import KeyStore
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.feeds import night as syncing
from tasks.platform import Platform
from tests.benchmarks.limit import BareUpsert

AT_ONCE, WARMING = 4, 3
TOKEN = "benchmark"  # the feeds' servers ask for none
KEY = bytes(32)


def platform(database: Database) -> Platform:
    """The parts of the platform that a night needs."""
    return Platform(
        database=database,
        clock=SystemClock(),
        link_key=KEY,
        pseudonym_key=KEY,
        vault=Vault(KeyRing({"benchmark": KEY}, current="benchmark"), KeyStore("")),
        public_url="http://127.0.0.1",
        mail_from="",
        mailer=None,  # type: ignore[arg-type]  # nobody is written to
        connect=lambda _system, at: JsonVacancyFeed(PartnerHttp(at.url, token=TOKEN, timeout_s=30)),
        holidays=(),
        delivery_lease=timedelta(seconds=30),
    )


def introduce(database: Database, urls: dict[str, str]) -> None:
    """Store the associations, as importing their file would."""
    now = SystemClock().now()
    with database.writing() as session:
        for name, url in urls.items():
            feed = {"vacancy_feed": Connection("json-vacancies", url, "BENCHMARK")}
            remember_partner(session, Partner(association(name), name, "", (), feed), now=now)


async def ours(on: Platform, name: str) -> tuple[int, str]:
    """One association's night, as in its task run."""
    night = await syncing.sync(on, name)
    return night.rows, night.outcome


async def limit(bare: BareUpsert, urls: dict[str, str], name: str) -> tuple[int, str]:
    """The same without judging the rows."""
    answer = await PartnerHttp(urls[name], token=TOKEN, timeout_s=30).read()
    if bare.on_sqlite:  # as ours, and for the same reason
        return bare.load(name, answer.body), "written"
    return await asyncio.to_thread(bare.load, name, answer.body), "written"


async def over_all(night: Callable[[str], Awaitable[tuple[int, str]]], names: list[str]) -> tuple[int, Counter[str]]:
    """Every feed, a few at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> tuple[int, str]:
        async with room:
            return await night(name)

    told = await asyncio.gather(*(one(name) for name in names))
    return sum(rows for rows, _ in told), Counter(outcome for _, outcome in told)


def peak_mib() -> float:
    """This process's peak memory. Not `ru_maxrss`, which begins with the parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def through_prefect() -> dict[str, Any]:
    """The flow as Prefect runs it, over the feeds that an earlier night has introduced."""
    from flows.vacancy_sync import sync_vacancies  # noqa: PLC0415  # Prefect alone takes two seconds

    began, cpu = time.perf_counter(), time.process_time()
    state = asyncio.run(sync_vacancies(return_state=True))
    if not state.is_completed():
        raise RuntimeError(f"the night through Prefect: {state.name}")
    return {
        "seconds": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "rows": 0,
        "outcomes": {str(state.name): 1},
        "peak_mib": peak_mib(),
    }


def main(what: str, url: str, feeds: int, ports: list[int]) -> dict[str, Any]:
    """Run the night; returns its figures."""
    database = Database(url)
    urls = {f"forening-{feed}": f"http://127.0.0.1:{ports[feed % len(ports)]}/feed/{feed}" for feed in range(feeds)}
    # As a warm worker has, the process reads some feeds before it is measured.
    warming = {f"tidligere-{name}": url for name, url in list(urls.items())[:AT_ONCE]}
    if what == "prefect":
        return through_prefect()
    if what == "ours":
        introduce(database, urls | warming)
        night: Callable[[str], Awaitable[tuple[int, str]]] = partial(ours, platform(database))
    else:
        night = partial(limit, BareUpsert(database), urls | warming)
    for _ in range(WARMING):
        asyncio.run(over_all(night, list(warming)))
    gc.freeze()  # as the platform does, for both
    began, cpu = time.perf_counter(), time.process_time()
    rows, outcomes = asyncio.run(over_all(night, list(urls)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    database.close()
    return {
        "seconds": seconds,
        "cpu_s": cpu,
        "rows": rows,
        "outcomes": outcomes,
        "peak_mib": peak_mib(),
    }


if __name__ == "__main__":
    told = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
    print(json.dumps(told))  # noqa: T201  # how it is told
