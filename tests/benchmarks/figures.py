"""The figures of the path's benchmark as a table, and whether each limit was held."""

import platform
import sqlite3
from dataclasses import dataclass, field
from statistics import median, quantiles

import psutil
from rich.console import Console
from rich.table import Table

from tests.benchmarks.verdicts import LOOK_S, Verdict, at_least, at_most

# The least share of the bare loop's speed, when everybody answers at once.
RATIO_AT_LEAST = 0.2
# The limit for 95 of 100 letters' rows beyond one look of the worker, counted in referrals through the bare loop:
# 0.3 s with the look, when the loop carries 145 referrals a second.
WITHIN_BARE, SHARE_WITHIN = 29.0, 0.95
# The limit for a second of idling, counted in the processor time of a referral through the bare loop: a twentieth of a
# core, when that takes 4.5 ms on SQLite and 17.5 ms on PostgreSQL.
IDLE_AT_MOST_BARE = {"SQLite": 11.0, "PostgreSQL": 2.9}


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: the families, the seconds, each click's wait, the processor seconds, and the peak memory."""

    seconds: float
    families: int
    waits_s: list[float]
    cpu_s: float
    peak_mib: float | None = None

    def and_then(self, other: "Figures") -> "Figures":
        """The figures of two runs together."""
        waits_s = self.waits_s + other.waits_s
        return Figures(self.seconds + other.seconds, self.families + other.families, waits_s, self.cpu_s + other.cpu_s)

    @property
    def a_second(self) -> float:
        """Referrals a second."""
        return self.families / self.seconds

    @property
    def median_ms(self) -> float:
        """The median wait from a click to the next letter's row."""
        return 1000 * median(self.waits_s)

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the clicks' waits."""
        return 1000 * (quantiles(self.waits_s, n=100)[94] if len(self.waits_s) > 1 else self.waits_s[0])

    @property
    def cpu_ms_each(self) -> float:
        """Processor time for each referral."""
        return 1000 * self.cpu_s / self.families


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the path, the bare loop, and the path over real HTTP and SMTP."""

    database: str
    what: str
    at_once: bool
    path: Figures
    bare: Figures
    over_http: Figures | None = None

    @property
    def ratio(self) -> float:
        """The path's speed as a share of the bare loop's."""
        return self.path.a_second / self.bare.a_second

    @property
    def within(self) -> float:
        """The limit in seconds for 95 of 100 letters' rows: one look, and `WITHIN_BARE` referrals of the bare loop."""
        return LOOK_S + WITHIN_BARE / self.bare.a_second

    @property
    def share_within(self) -> float:
        """The share of clicks whose letter's row was there in time."""
        return sum(wait <= self.within for wait in self.path.waits_s) / len(self.path.waits_s)


@dataclass(slots=True)
class Findings:
    """Everything the benchmark found."""

    rows: list[Row] = field(default_factory=list)
    idle_pct: dict[str, dict[str, float]] = field(default_factory=dict)
    waiting: int = 0
    postgresql: str = ""

    def idle_in_bare(self, database: str) -> float:
        """The cost of a second of idling, counted in referrals through the bare loop on the same database."""
        bare = [row.bare for row in self.rows if row.database == database]
        each = sum(one.cpu_s for one in bare) / sum(one.families for one in bare)
        return sum(self.idle_pct[database].values()) / 100 / each

    def verdicts(self) -> list[Verdict]:
        """Each limit, with the measured figure, and whether it was held."""
        found = []
        for row in self.rows:
            if row.database == "SQLite" and row.at_once:
                found.append(at_least(f"SQLite, {row.what}", row.ratio, RATIO_AT_LEAST, "of the bare loop"))
            elif row.database == "SQLite":
                what = (
                    f"SQLite, {row.what}: letters' rows within a look and {WITHIN_BARE:g} of the bare loop's referrals"
                    f" ({1000 * row.within:.0f} ms here)"
                )
                found.append(at_least(what, 100 * row.share_within, 100 * SHARE_WITHIN, "%"))
        for database in self.idle_pct:
            what = f"{database}, a second of idling with {self.waiting:,} waiting"
            unit = "referrals' processor time in the bare loop"
            found.append(at_most(what, self.idle_in_bare(database), IDLE_AT_MOST_BARE[database], unit))
        return found


def machine(postgresql: str) -> str:
    """The machine and the versions."""
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {postgresql}"
    return f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}; {versions}"


def show(findings: Findings, console: Console) -> None:
    """Print everything that was measured."""
    console.print(f"\n[bold]The path[/] on {machine(findings.postgresql)}")
    table = Table(
        "",
        "",
        "referrals/s",
        "of bare loop",
        "click → letter's row\nmedian · 95 %, ms",
        "CPU a referral\nms",
        "memory\nMiB",
    )
    for row in findings.rows:
        table.add_section()
        what = row.what if row.at_once else f"{row.path.families:,} {row.what}"
        table.add_row(f"[bold]{row.database}[/]", f"[bold]{what}[/]", *_cells(row.path, f"{row.ratio:.2f}"))
        table.add_row("", "bare SQL loop", *_cells(row.bare, "1"))
        if row.over_http:
            ratio = row.over_http.a_second / row.bare.a_second
            told = f"over HTTP and SMTP ({row.over_http.families})"
            table.add_row("", told, *_cells(row.over_http, f"{ratio:.2f}"))
    console.print(table)
    waits = Table("idle, % of a core", *[f"{findings.waiting:,} waiting, {name}" for name in findings.idle_pct])
    names = list(dict.fromkeys(name for shares in findings.idle_pct.values() for name in shares))
    for name in names:
        cells = (shares.get(name) for shares in findings.idle_pct.values())
        waits.add_row(name, *("–" if share is None else f"{share:.1f}" for share in cells))
    waits.add_row("[bold]together[/]", *(f"{sum(shares.values()):.1f}" for shares in findings.idle_pct.values()))
    console.print(waits)


def _cells(figures: Figures, ratio: str) -> tuple[str, ...]:
    memory = "–" if figures.peak_mib is None else f"{figures.peak_mib:.0f}"
    return (
        f"{figures.a_second:.1f}",
        ratio,
        f"{figures.median_ms:.0f} · {figures.p95_ms:.0f}"
        if figures.median_ms >= 10
        else f"{figures.median_ms:.1f} · {figures.p95_ms:.1f}",
        f"{figures.cpu_ms_each:.0f}",
        memory,
    )
