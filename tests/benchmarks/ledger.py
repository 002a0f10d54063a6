"""How fast the books are, beside bare inserts of the same rows in the same run.

`python -m tests.benchmarks.ledger [--small]`; exit 1 when a limit is missed. A year of Denmark is worked out by the
rules of the demo's agreement by parts, booked, and settled month by month; its bare operation inserts the same rows
into a copy of the database, one statement a row, in transactions of the same size. Ten years of a tenth of Denmark
show whether a month costs the same however many came before it. The year's limit is thirty seconds, counted in bare
inserts, and holds on SQLite; on PostgreSQL, where each bare row is a journey to the server, it is only shown. So is
how fast move-ins are booked and posted as the path does, each in a transaction of its own with its outbox and its
chained states: `make bench-path` judges that with all that stands around it.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from storage.database import Database
from tests.benchmarks.bare_statements import Plain
from tests.benchmarks.databases import Kind, postgresql, sqlite
from tests.benchmarks.denmark import FIRST_DAY, PLACEMENTS_A_YEAR, agreement, peopled, placements
from tests.benchmarks.figures import machine
from tests.benchmarks.ledger_work import (
    OF_THE_BOOKS,
    Charged,
    Month,
    bare_inserts,
    by_move_in,
    by_number,
    charged,
    ends,
    move_in,
    rows_since,
    timed,
    years,
)
from tests.benchmarks.verdicts import Verdict, at_least, at_most, judged, small_form
from tests.world.databases.own_postgres import own_postgres

BOOKED_AT_LEAST, PAYMENTS_AT_MOST = 0.4, 97
# A year of Denmark in thirty seconds, where its bare inserts take three.
YEAR_AT_MOST_BARE = 10
TENTH_YEAR_AT_MOST = 1.5
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Size:
    """How many move-ins in each of so many rounds, placements in a year, and a year of how many years."""

    move_ins: int = 100
    rounds: int = 6
    a_year: int = PLACEMENTS_A_YEAR
    a_tenth: int = PLACEMENTS_A_YEAR // 10
    years: int = 10


SMALL = Size(move_ins=3, rounds=2, a_year=30, a_tenth=6, years=2)


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured on a database."""

    name: str
    posted_a_second: float
    posted_bare_a_second: float
    planned_s: float
    year: list[Month]
    year_bare_s: float
    decade: list[Month]

    @property
    def bookings(self) -> int:
        """The bookings of the year."""
        return sum(month.bookings for month in self.year)

    @property
    def booked_s(self) -> float:
        """The seconds of booking the year."""
        return sum(month.booked_s for month in self.year)

    @property
    def ratio(self) -> float:
        """The speed of booking as a share of the bare inserts'."""
        return self.year_bare_s / self.booked_s

    @property
    def year_s(self) -> float:
        """The seconds of working out, booking and settling a year."""
        return self.planned_s + sum(month.booked_s + month.settled_s for month in self.year)

    @property
    def tenth_year(self) -> float:
        """How many times what a booking costs to settle in the second year it costs in the last."""
        return _quickest(self.decade[-MONTHS:]) / _quickest(self.decade[MONTHS : 2 * MONTHS])


def _quickest(months: list[Month]) -> float:
    """The seconds for each booking in the quickest month: other work on the machine only adds time."""
    return min(month.settled_s / month.bookings for month in months)


def beside_bare_inserts(kind: Kind, size: Size) -> tuple[float, float]:
    """Bookings a second, and bare ones, each in its quickest round; the first round warms up."""
    url, those = kind.fresh("move_ins"), placements(size.move_ins * size.rounds)
    database = Database(url)
    peopled(database, those, agreement(between_municipalities=False))
    database.close()
    bare, plain = Plain(kind.copy(url, "move_ins_bare")), Plain(url)
    ours_s, bare_s = [], []
    for nth in range(size.rounds):
        some, since = those[nth * size.move_ins : (nth + 1) * size.move_ins], ends(plain)
        took = timed(lambda these=some: move_in(database, these))
        rows = by_move_in(rows_since(plain, since))
        bookings = sum(table == "booking" for one in rows for table, _ in one)
        ours_s.append(took / bookings)
        bare_s.append(timed(lambda these=rows: bare_inserts(bare, these)) / bookings)
    database.close()
    bare.close()
    plain.close()
    return 1 / min(ours_s[1:]), 1 / min(bare_s[1:])


def a_year(kind: Kind, size: Size) -> tuple[float, list[Month], float]:
    """A year of Denmark, worked out, booked and settled; and the seconds of its bare inserts."""
    url, those = kind.fresh("a_year"), placements(size.a_year)
    terms = agreement(between_municipalities=True)
    database = Database(url)
    peopled(database, those, terms)
    database.close()
    bare, plain = Plain(kind.copy(url, "a_year_bare")), Plain(url)
    since = ends(plain)
    every = list[Charged]()
    planned_s = timed(lambda: every.extend(charged(terms, those)))
    months = years(database, every, months=MONTHS, first=FIRST_DAY)
    rows = by_number(rows_since(plain, since, OF_THE_BOOKS))
    bare_s = timed(lambda: bare_inserts(bare, rows))
    database.close()
    bare.close()
    plain.close()
    return planned_s, months, bare_s


def a_decade(kind: Kind, size: Size) -> list[Month]:
    """Ten years of a tenth of Denmark."""
    those, terms = placements(size.a_tenth, years=size.years), agreement(between_municipalities=True)
    database = Database(kind.fresh("a_decade"))
    peopled(database, those, terms)
    months = years(database, charged(terms, those), months=MONTHS * size.years, first=FIRST_DAY)
    database.close()
    return months


def measured(kind: Kind, size: Size) -> Found:
    """Everything on one kind of database."""
    booked, bare = beside_bare_inserts(kind, size)
    return Found(kind.name, booked, bare, *a_year(kind, size), a_decade(kind, size))


def table_of(found: list[Found], size: Size) -> Table:
    """The figures of each database."""
    table = Table("", *(one.name for one in found))
    table.add_row(f"{size.a_year:,} placements: bookings", *(f"{one.bookings:,}" for one in found))
    table.add_row("bookings/s", *(f"{one.bookings / one.booked_s:,.0f}" for one in found))
    bare = (f"{one.bookings / one.year_bare_s:,.0f}" for one in found)
    table.add_row("bare inserts of the same rows, bookings/s", *bare)
    table.add_row("of the bare inserts", *(f"{one.ratio:.2f}" for one in found))
    table.add_row("worked out by the rules, s", *(f"{one.planned_s:.1f}" for one in found))
    table.add_row("booked, s", *(f"{one.booked_s:.1f}" for one in found))
    table.add_row("settled month by month, s", *(f"{sum(m.settled_s for m in one.year):.1f}" for one in found))
    table.add_row("payments of a month at most", *(f"{max(m.payments for m in one.year)}" for one in found))
    table.add_section()
    told = f"{size.years} years of {size.a_tenth} placements: bookings"
    table.add_row(told, *(f"{sum(m.bookings for m in one.decade):,}" for one in found))
    for label, months in (("second", slice(MONTHS, 2 * MONTHS)), ("last", slice(-MONTHS, None))):
        cells = (f"{1e6 * _quickest(one.decade[months]):.0f}" for one in found)
        table.add_row(f"settling a booking in the {label} year, µs", *cells)
    table.add_section()
    table.add_row("move-ins one by one, posted: bookings/s", *(f"{one.posted_a_second:,.0f}" for one in found))
    ratios = (f"{one.posted_a_second / one.posted_bare_a_second:.2f}" for one in found)
    table.add_row("of the bare inserts of all their rows", *ratios)
    return table


def verdicts(found: list[Found]) -> list[Verdict]:
    """Each limit, and whether it was held."""
    told = [at_least(f"{one.name}: bookings", one.ratio, BOOKED_AT_LEAST, "of bare inserts") for one in found]
    for one in found:
        if one.name == "SQLite":
            what = f"{one.name}: a year worked out, booked and settled ({one.year_s:.1f} s here)"
            told.append(at_most(what, one.year_s / one.year_bare_s, YEAR_AT_MOST_BARE, "times its bare inserts"))
        payments = max(month.payments for month in one.year)
        told.append(at_most(f"{one.name}: payments of a month", payments, PAYMENTS_AT_MOST, "payments"))
        what = f"{one.name}: settling a booking of the last year"
        told.append(at_most(what, one.tenth_year, TENTH_YEAR_AT_MOST, "times one of the second"))
    return told


def main(arguments: list[str] | None = None) -> int:
    """Measure and judge."""
    small = small_form(arguments, "ledger")
    size = SMALL if small else Size()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="tilflyt-ledger-") as name:
        folder = Path(name)
        found = [measured(sqlite(folder), size)]
        with own_postgres(folder / "server") as server:
            found.append(measured(postgresql(server, folder / "server"), size))
    console.print(f"[bold]The books[/] on {machine('from PyPI')}")
    console.print(table_of(found, size))
    return 0 if judged(verdicts(found), console, small=small) else 1


if __name__ == "__main__":
    sys.exit(main())
