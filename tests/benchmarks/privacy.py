"""The cost of protecting the families' data, compared with the bare cryptographic operations of the same run.

`python -m tests.benchmarks.privacy [--small]`; exit 1 when a figure is missed. 5,000 families seek a home; the requests
that wait for each of 50 associations are grouped by what they may show, measured among all families about whom that
association could be asked, and stored as sent. Identities are sealed in the vault and opened again. A chain of 200,000
entries is verified. All of it goes through the database. The limits hold for SQLite; PostgreSQL, where each opening is
a round trip, is only shown. The bare operations are the least that any such program needs: computing the pseudonyms,
the ciphers and the digests. They are measured before and after ours, because the machine's speed varies from minute to
minute.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.audit import canonical
from storage.audit.chain import chain
from storage.database import Database
from storage.migrate import migrate
from tests.benchmarks.figures import machine
from tests.benchmarks.protected_work import (
    TRIES,
    Size,
    bare_pseudonyms,
    bare_seal_and_open,
    release_all,
    seal_and_open,
    seeking,
    verify,
    write_entries,
)
from tests.benchmarks.verdicts import at_most, judged, small_form
from tests.world.databases.own_postgres import own_postgres
from tests.world.new_world import world_on

# How many times the bare operation each may take.
RELEASED_AT_MOST, VAULTED_AT_MOST, VERIFIED_AT_MOST = 450, 24, 53

SMALL = Size(requests=60, associations=2, records=50, entries=600)


def timed(deed: Callable[[], object]) -> float:
    """The seconds that a deed takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Cost:
    """The seconds of a piece of work and of its bare operation."""

    what: str
    ours: float
    bare: float

    @property
    def times(self) -> float:
        """How many times as long as the bare operation."""
        return self.ours / self.bare


def beside(what: str, bare: Callable[[], object], ours: Callable[[], object], *, tries: int = TRIES) -> Cost:
    """The fastest of a few tries, each between two of the bare operation: other work on the machine only adds time."""

    def quickest() -> float:
        return min(timed(bare) for _ in range(TRIES))

    found, before = list[Cost](), quickest()
    for _ in range(tries):
        took, after = timed(ours), quickest()
        found.append(Cost(what, took, (before + after) / 2))
        before = after
    return min(found, key=lambda cost: cost.times)


def measure(url: str, folder: Path, size: Size) -> list[Cost]:
    """Measure everything on one new database."""
    folder.mkdir()
    database = Database(url)
    migrate(database)
    world = world_on(database, folder)
    seeking(world, size)
    released = beside(
        f"{size.requests:,} requests to {size.associations} associations; bare: their names",
        lambda: bare_pseudonyms(size),
        lambda: release_all(world, size),
        tries=1,  # a second try would not be the same, as the requests have been sent
    )
    vaulted = beside(
        f"{size.records:,} records sealed and opened; bare: the ciphers",
        lambda: bare_seal_and_open(size),
        lambda: seal_and_open(database, world.platform.vault, size),
    )
    write_entries(database, size)
    with database.reading() as session:
        written = [canonical({"facts": facts, "link": asdict(link)}) for link, facts in chain(session)]
    verified_ = beside(
        f"{len(written):,} entries verified; bare: their hashes",
        lambda: [hashlib.sha256(one).digest() for one in written],
        lambda: verify(database, size),
    )
    database.close()
    return [released, vaulted, verified_]


def table_of(name: str, costs: list[Cost]) -> Table:
    """The figures of one database."""
    table = Table(name, "seconds", "bare, ms", "times the bare")
    for cost in costs:
        table.add_row(cost.what, f"{cost.ours:.2f}", f"{1000 * cost.bare:.1f}", f"{cost.times:.1f}")
    return table


def main(arguments: list[str] | None = None) -> int:
    """Measure and judge."""
    small = small_form(arguments, "privacy")
    size = SMALL if small else Size()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="tilflyt-privacy-") as name:
        folder = Path(name)
        costs = measure(f"sqlite:///{name}/privacy.sqlite", folder / "sqlite", size)
        with own_postgres(folder / "server") as server:
            on_postgresql = measure(server.new_database("privacy"), folder / "postgresql", size)
    console.print(f"[bold]Protecting the families[/] on {machine('from PyPI')}")
    console.print(table_of("SQLite", costs))
    console.print(table_of("PostgreSQL", on_postgresql))
    limits = (RELEASED_AT_MOST, VAULTED_AT_MOST, VERIFIED_AT_MOST)
    found = [at_most(cost.what, cost.times, limit, "times") for cost, limit in zip(costs, limits, strict=True)]
    return 0 if judged(found, console, small=small) else 1


if __name__ == "__main__":
    sys.exit(main())
