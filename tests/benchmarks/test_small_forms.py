"""Each benchmark runs to its end in its small form and prints every figure; no limit is judged."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.databases.copied import in_memory

ROOT = Path(__file__).parents[2]
# The names of rows, columns and limits that each benchmark prints.
FIGURES = {
    "path": (
        *("referrals/s", "of bare loop", "CPU a referral", "memory", "idle, % of a core", "together"),
        *("2 at once", "1 one at a time", "bare SQL loop", "over HTTP and SMTP (1)"),
        *("SQLite, 2 at once: ", "SQLite, one at a time: ", "PostgreSQL, a second of idling with 20 waiting: "),
    ),
    "desk": (
        *("click → next party's letter", "a bare letter", "median ms", "95 % ms", "95 % beyond a look"),
        *("pages/s", "p99 ms", "the desk", "static template"),
        *("letters within a look ", "the longest beyond a look: ", "decisions: 3 in all"),
    ),
    "sync": (
        *("SQLite, 2 feeds of 20 rows", "PostgreSQL, 2 feeds of 20 rows", "rows/s", "memory", "what became"),
        *("limit: fetch, parse, upsert", "first night", "unchanged night", "5 % changed, 2 % gone night", "1 feeds"),
        *("Prefect, on SQLite", "ms a feed", "SQLite: first night: ", "SQLite: unchanged night: "),
        *("PostgreSQL: the largest of the nights: ", "PostgreSQL: first night of 2 feeds: "),
    ),
    "ledger": (
        *("SQLite", "PostgreSQL", "bookings/s", "bare inserts of the same rows", "of the bare inserts"),
        *(
            "30 placements: bookings",
            "worked out by the rules, s",
            "booked, s",
            "move-ins one by one",
            "settled month by month, s",
            "payments of a month at most",
        ),
        *("2 years of 6 placements", "settling a booking in the last year, µs"),
        *("SQLite: bookings: ", "PostgreSQL: bookings: ", "SQLite: a year worked out, booked and settled "),
        *("PostgreSQL: payments of a month: ", "PostgreSQL: settling a booking of the last year: "),
    ),
    "privacy": (
        *("SQLite", "PostgreSQL", "seconds", "bare, ms", "times the bare"),
        *("60 requests to 2 associations; bare: their names: ", "50 records sealed and opened; bare: the ciphers: "),
        "entries verified; bare: their hashes: ",
    ),
}


@pytest.fixture
def folder_in_memory() -> Iterator[Path]:
    """A folder in memory, if there is room; not in pytest's own, which another test run would close to PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="tilflyt-bench-", dir=in_memory(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("name", FIGURES)
def test_it_runs_to_its_end_and_prints_every_figure(name: str, folder_in_memory: Path):
    done = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", f"tests.benchmarks.{name}", "--small"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "TMPDIR": str(folder_in_memory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Without the table's borders and line breaks.
    said = " ".join(re.sub(r"[┃│]", " ", done.stdout).split())
    assert [figure for figure in FIGURES[name] if " ".join(figure.split()) not in said] == []
    assert "nan" not in said
    assert not re.search(r"\b(held|missed)\b", said), "a small form is not judged"


def test_every_benchmark_of_the_makefile_has_its_small_form():
    made = re.findall(
        r"^bench-(\w+):.*\n\t@\$\(BIN\)/python -m tests\.benchmarks\.(\w+)$",
        (ROOT / "Makefile").read_text(),
        re.MULTILINE,
    )
    assert {name for name, _ in made} == {module for _, module in made} == FIGURES.keys()
