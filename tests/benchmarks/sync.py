"""The speed of the nightly sync, compared with the limit and with dlt in the same run.

`python -m tests.benchmarks.sync [--small]`; exit 1 when a figure is missed. Every night runs in a process of its own,
so that its memory can be measured, and does what a night does below Prefect: the feeds are fetched over HTTP, judged,
staged and applied. The limit fetches as many rows, parses and upserts them, and judges nothing. dlt merges them, in an
environment of its own that `make dlt` sets up; without it dlt is left out. The cost of Prefect is shown by itself. Each
pair is measured several times in turns, because the machine's speed varies from minute to minute, and the median ratio
counts. Memory is compared with the limit's, and that of many feeds with that of few.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from deployments.parties.importing import import_reference
from deployments.processes import LOOPBACK, Processes, free_port
from deployments.worker.prefect_settings import prefect_environment
from storage.database import Database
from storage.vault.data_keys import KeyStore
from tests.benchmarks import feed_night
from tests.benchmarks.databases import Kind, postgresql, sqlite
from tests.benchmarks.figures import machine
from tests.benchmarks.verdicts import Verdict, at_least, at_most, judged, small_form
from tests.world.databases.own_postgres import own_postgres
from tests.world.new_world import keys_in
from tests.world.servers.prefect_home import MIGRATED, migrated_home

# The limits, as shares: of the limit's speed, of dlt's speed, of the first night's time, of the limit's memory, and of
# the memory for few feeds.
OF_THE_LIMIT, OF_DLT, UNCHANGED_OF_FIRST, OF_LIMITS_MEMORY, OF_FEW_FEEDS_MEMORY = 0.5, 2.0, 0.1, 1.25, 1.12
DLT = Path("var/dlt/bin/python")
NIGHTS = (("first", "first"), ("unchanged", "first"), ("5 % changed, 2 % gone", "changed"))


@dataclass(frozen=True, slots=True)
class Size:
    """The number of feeds, of few feeds for comparison, of rows in each, and of rounds without and with dlt."""

    feeds: int = 100
    few_feeds: int = 10
    rows: int = 1_000
    # The median of nine, because the machine may be a third faster in one minute than in the next.
    rounds: int = 9
    rounds_with_dlt: int = 3
    apart: bool = True


# In the small form nights run in this process, except those that need a process of their own.
SMALL = Size(feeds=2, few_feeds=1, rows=20, rounds=1, rounds_with_dlt=0, apart=False)


@dataclass(frozen=True, slots=True)
class Night:
    """The figures of one night over the feeds."""

    seconds: float
    rows: int
    peak_mib: float
    outcomes: dict[str, int]


# The limit's night, and ours in their order.
Round = tuple[Night, ...]


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds' servers, and the size of the benchmark."""

    ports: list[int]
    size: Size

    def turn_to(self, night: str) -> None:
        """Switch every feed to another night's rows."""
        httpx.post(f"http://127.0.0.1:{self.ports[0]}/night/{night}").raise_for_status()

    def night(self, what: str, url: str, feeds: int | None = None, *, among: Mapping[str, str] | None = None) -> Night:
        """Run one night in a process of its own; `among` is added to its environment."""
        feeds, alone = feeds or self.size.feeds, feeds is not None or among is not None
        if not self.size.apart and not alone:
            return night_of(feed_night.main(what, url, feeds, self.ports))
        ports = json.dumps(self.ports)
        return told([sys.executable, "-m", "tests.benchmarks.feed_night", what, url, str(feeds), ports], among or {})

    def through_dlt(self, url: str) -> Night:
        """Load the same rows with dlt."""
        with tempfile.TemporaryDirectory(prefix="tilflyt-dlt-") as folder:
            where = url.replace("+psycopg", "")
            script = "tests/benchmarks/dlt_night.py"
            return told(
                [str(DLT), "-W", "ignore", script, where, str(self.size.feeds), json.dumps(self.ports), folder], {}
            )


def told(command: list[str], among: Mapping[str, str]) -> Night:
    """The figures that a night's process printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **among})  # noqa: S603  # ours
    return night_of(json.loads(done.stdout.splitlines()[-1]))


def night_of(figures: Mapping[str, Any]) -> Night:
    """A night from its printed figures."""
    return Night(figures["seconds"], figures["rows"], figures["peak_mib"], figures["outcomes"])


@contextmanager
def serving(size: Size) -> Iterator[Feeds]:
    """Run the feeds' servers on local ports."""
    command = [sys.executable, "-m", "tests.benchmarks.feed_server", str(size.feeds), str(size.rows)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own module
        assert process.stdout is not None
        try:
            yield Feeds(json.loads(process.stdout.readline()), size)
        finally:
            process.kill()


def fresh(kind: Kind, name: str) -> str:
    """A new database that knows the municipalities."""
    url = kind.fresh(name)
    database = Database(url)
    import_reference(database)
    database.close()
    return url


def measure(kind: Kind, feeds: Feeds, console: Console) -> list[Verdict]:
    """Run the nights on one kind of database, and print them; returns each limit and whether it was held."""
    size, rounds, by_dlt = feeds.size, list[Round](), list[Night]()
    for number in range(size.rounds):
        # The nights that are compared run directly after each other.
        feeds.turn_to("clean")
        limit = feeds.night("limit", fresh(kind, f"limit_{number}"))
        # Dropped at once, because a server would go on vacuuming it for minutes.
        kind.drop(f"limit_{number}")
        url, ours = fresh(kind, f"nights_{number}"), []
        for _, served in NIGHTS:
            feeds.turn_to(served)
            ours.append(feeds.night("ours", url))
        rounds.append((limit, *ours))
        kind.drop(f"nights_{number}")
        if DLT.exists() and number < size.rounds_with_dlt:
            feeds.turn_to("clean")
            by_dlt.append(feeds.through_dlt(fresh(kind, f"dlt_{number}")))
            kind.drop(f"dlt_{number}")
    feeds.turn_to("first")
    few = feeds.night("ours", fresh(kind, "few"), size.few_feeds)

    table = Table(
        f"{kind.name}, {size.feeds} feeds of {size.rows:,} rows", "rows/s", "seconds", "memory\nMiB", "what became"
    )
    for column, (limit_or_ours, *_) in enumerate(zip(*rounds, strict=True)):
        name = "limit: fetch, parse, upsert" if column == 0 else f"{NIGHTS[column - 1][0]} night"
        seconds = median(row[column].seconds for row in rounds)
        peak = max(row[column].peak_mib for row in rounds)
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in limit_or_ours.outcomes.items())
        rows = f"{limit_or_ours.rows / seconds:,.0f}" if limit_or_ours.rows else "–"
        table.add_row(name, rows, f"{seconds:.2f}", f"{peak:.0f}", outcomes)
    table.add_row(f"first night of {size.few_feeds} feeds", "–", f"{few.seconds:.2f}", f"{few.peak_mib:.0f}", "")
    if by_dlt:
        seconds, peak = median(night.seconds for night in by_dlt), max(night.peak_mib for night in by_dlt)
        table.add_row(
            "dlt, merge, the limit's rows", f"{by_dlt[0].rows / seconds:,.0f}", f"{seconds:.2f}", f"{peak:.0f}", ""
        )
    console.print(table)

    return [Verdict(f"{kind.name}: {one.told}", one.held) for one in verdicts(rounds, few, by_dlt, size)]


def verdicts(rounds: list[Round], few: Night, by_dlt: list[Night], size: Size) -> Iterator[Verdict]:
    """Each limit, and whether it was held."""
    if by_dlt:
        of_dlt = median(dlt.seconds / first.seconds for dlt, (_, first, *_) in zip(by_dlt, rounds, strict=False))
        yield at_least("first night", of_dlt, OF_DLT, "of dlt's speed")
    of_limit = median(limit.seconds / first.seconds for limit, first, *_ in rounds)
    yield at_least("first night", of_limit, OF_THE_LIMIT, "of the limit's speed")
    unchanged = median(second.seconds / first.seconds for _, first, second, _ in rounds)
    yield at_most("unchanged night", unchanged, UNCHANGED_OF_FIRST, "of the first one's time")
    peak = median(max(night.peak_mib for night in nights) / limit.peak_mib for limit, *nights in rounds)
    yield at_most("the largest of the nights", peak, OF_LIMITS_MEMORY, "of the limit's memory")
    more = max(first.peak_mib for _, first, *_ in rounds) / few.peak_mib
    what = f"first night of {size.feeds} feeds"
    yield at_most(what, more, OF_FEW_FEEDS_MEMORY, f"of the memory of {size.few_feeds}")


def cost_of_prefect(kind: Kind, feeds: Feeds, folder: Path) -> str:
    """A sentence with the cost of Prefect for a night on which nothing is new."""
    feeds.turn_to("first")
    migrated_home(folder / "prefect")
    url, port = fresh(kind, "beside_prefect"), free_port()
    keys = {f"TILFLYT_{name}_KEY": base64.b64encode(bytes(32)).decode() for name in ("LINK", "PSEUDONYM", "VAULT")}
    among = {**prefect_environment(str(folder / "prefect"), port), **MIGRATED, **keys, "BENCHMARK": "benchmark"}
    among |= {"TILFLYT_KEYS_URL": keys_in(folder)}
    KeyStore(keys_in(folder)).make()
    feeds.night("ours", url)
    with Processes(folder / "logs", among) as processes:
        processes.start("prefect-server", "-m", "deployments.cli.main", "prefect-server")
        processes.wait_for("prefect-server", f"http://{LOOPBACK}:{port}/api/health")
        among |= {"TILFLYT_DATABASE_URL": url}
        nights = [
            (feeds.night("ours", url), feeds.night("prefect", url, among=among)) for _ in range(feeds.size.rounds)
        ]
    bare = median(night.seconds for night, _ in nights)
    whole = median(night.seconds for _, night in nights)
    return (
        f"Prefect, on {kind.name}: an unchanged night of {feeds.size.feeds} feeds takes {whole:.1f} s as one flow run"
        f" with a task run each, {bare:.1f} s without: {(whole - bare) / feeds.size.feeds * 1000:.0f} ms a feed"
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure and judge."""
    small = small_form(arguments, "sync")
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="tilflyt-sync-") as name,
        own_postgres(Path(name) / "postgres") as server,
        serving(SMALL if small else Size()) as feeds,
    ):
        folder = Path(name)
        console.print(f"[bold]The night[/] on {machine('from PyPI')}; without Prefect")
        kinds = (sqlite(folder), postgresql(server, folder / "postgres"))
        if not DLT.exists():
            console.print("dlt is not here and is left out: `make dlt` sets it up in an environment of its own.")
        found = [verdict for kind in kinds for verdict in measure(kind, feeds, console)]
        console.print(cost_of_prefect(kinds[0], feeds, folder), highlight=False)
    return 0 if judged(found, console, small=small) else 1


if __name__ == "__main__":
    sys.exit(main())
