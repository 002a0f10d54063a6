"""What was measured, as a person reads it, and whether each limit was held."""

import platform
import sqlite3
from dataclasses import dataclass, field
from statistics import median, quantiles

import psutil
from rich.console import Console
from rich.table import Table

RATIO_AT_LEAST = 0.2
WITHIN_S = 0.3
SHARE_WITHIN = 0.95
IDLE_BELOW_PCT = 5.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: how many families in how long, each click's wait, processor seconds, and memory at its highest."""

    seconds: float
    families: int
    waits_s: list[float]
    cpu_s: float
    peak_mib: float | None = None

    def and_then(self, other: "Figures") -> "Figures":
        """Two runs as one."""
        waits_s = self.waits_s + other.waits_s
        return Figures(self.seconds + other.seconds, self.families + other.families, waits_s, self.cpu_s + other.cpu_s)

    @property
    def a_second(self) -> float:
        """Referrals a second."""
        return self.families / self.seconds

    @property
    def median_ms(self) -> float:
        """The middle click's wait for the next letter's row."""
        return 1000 * median(self.waits_s)

    @property
    def p95_ms(self) -> float:
        """What 95 of 100 clicks did not wait longer than."""
        return 1000 * (quantiles(self.waits_s, n=100)[94] if len(self.waits_s) > 1 else self.waits_s[0])

    @property
    def share_within(self) -> float:
        """The share of clicks whose letter's row was there in time."""
        return sum(wait <= WITHIN_S for wait in self.waits_s) / len(self.waits_s)

    @property
    def cpu_ms_each(self) -> float:
        """Processor time a referral."""
        return 1000 * self.cpu_s / self.families


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the path, beside it the bare loop, and the path over real HTTP and SMTP."""

    database: str
    what: str
    at_once: bool
    path: Figures
    bare: Figures
    over_http: Figures | None = None

    @property
    def ratio(self) -> float:
        """The path's speed in bare loops."""
        return self.path.a_second / self.bare.a_second


@dataclass(slots=True)
class Findings:
    """Everything the benchmark found."""

    rows: list[Row] = field(default_factory=list)
    idle_pct: dict[str, dict[str, float]] = field(default_factory=dict)
    waiting: int = 0
    postgresql: str = ""

    def verdicts(self) -> list[tuple[str, bool]]:
        """Each limit, with what was measured, and whether it was held."""
        found = []
        for row in self.rows:
            if row.database == "SQLite" and row.at_once:
                told = f"SQLite, {row.what}: {row.ratio:.2f} of the bare loop, at least {RATIO_AT_LEAST}"
                found.append((told, row.ratio >= RATIO_AT_LEAST))
            elif row.database == "SQLite":
                share = row.path.share_within
                told = (
                    f"SQLite, {row.what}: {share:.1%} of letters' rows within {WITHIN_S * 1000:.0f} ms, at least 95 %"
                )
                found.append((told, share >= SHARE_WITHIN))
        for database, shares in self.idle_pct.items():
            total = sum(shares.values())
            told = (
                f"{database}, idle with {self.waiting:,} waiting: {total:.1f} % of a core, under {IDLE_BELOW_PCT:.0f} %"
            )
            found.append((told, total < IDLE_BELOW_PCT))
        return found


def machine(postgresql: str) -> str:
    """What it was measured on."""
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {postgresql}"
    return f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}; {versions}"


def show(findings: Findings, console: Console) -> bool:
    """Print everything; tells whether every limit was held."""
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
    verdicts = findings.verdicts()
    for told, held in verdicts:
        console.print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {told}", highlight=False)
    return all(held for _, held in verdicts)


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
