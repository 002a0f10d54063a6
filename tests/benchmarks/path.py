"""How fast the path is, beside a bare SQL loop that makes the same row changes in the same run.

`python -m tests.benchmarks.path [--small]`; exit 1 when a limit is missed. The worker and a Prefect server are measured
as they run in production. Partners and mail are in the worker's processes; people's answers are recorded from this
process, whose processor time is not counted. Memory is what the processes do not share (USS). The time is measured from
the first answer, after the intake, until every family is housed and the outbox is empty. The same is measured over real
HTTP and SMTP, with the approval endpoint.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from storage.database import Database
from tests.benchmarks.bare_loop import Loop
from tests.benchmarks.bare_statements import Plain
from tests.benchmarks.databases import Kind, postgresql, sqlite
from tests.benchmarks.figures import Figures, Findings, Row, show
from tests.benchmarks.metering import Meter, clear_of_schedules, cpu_s
from tests.benchmarks.people import People, Watch, everything_told
from tests.benchmarks.stages import FROM_THE_SENDING_MOMENT, Cohort, Measured, partners_over_http, partners_within
from tests.benchmarks.verdicts import judged
from tests.benchmarks.waiting import idle
from tests.world.databases.own_postgres import own_postgres

SEED = 20260101
WARM_UP = "warm-up"
USUAL = {
    "at_once": [300, 1_000], "one_by_one": 100, "warm_ups": 10, "waiting": 10_000, "over_http": [300, 20],
    "idle_s": 60.0,
}  # fmt: skip  # a size and its value stand together
SMALL = {"at_once": [2], "one_by_one": 1, "warm_ups": 1, "waiting": 20, "over_http": [1, 0], "idle_s": 0.5}
SLOWEST_A_SECOND = 7.5
ONE_BY_ONE = "one at a time"
# The rows that a referral leaves: each table, and the column that names the referral.
COUNTED = {
    "question": "referral_id", "history_line": "referral_id", "outbox": "referral_id", "offer": "referral_id",
    "booking": "referral_id", "disclosure": "referral_id",
    "suggested_home": "(SELECT referral_id FROM question WHERE id = question_id)",
    "ledger_entry": "(SELECT referral_id FROM booking WHERE id = booking_id)",
    "vault_opening": "(SELECT id FROM referral WHERE referral.case_key = vault_opening.case_key)",
}  # fmt: skip  # a table and its column stand together


def ordered(arguments: list[str] | None = None) -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.path", description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="a few of everything, and nothing is judged: does it run")
    parser.add_argument("--at-once", type=int, nargs="+", help="how many families at once, run by run")
    parser.add_argument("--one-by-one", type=int, help="how many families one at a time")
    parser.add_argument("--warm-ups", type=int, help="how many families before anything is measured")
    parser.add_argument("--waiting", type=int, help="how many referrals wait while idling is measured")
    parser.add_argument("--over-http", type=int, nargs=2, metavar=("AT_ONCE", "ONE_BY_ONE"), help="the same over HTTP")
    parser.add_argument("--idle-s", type=float, help="how long idling is measured")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database alone")
    chosen = parser.parse_args(arguments)
    for name, usual in (SMALL if chosen.small else USUAL).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, usual)
    return chosen


def measured(stage: Measured, cohort: Cohort, *, small: bool) -> Figures:
    """Measure one cohort through the whole path."""
    one_by_one = cohort.name == ONE_BY_ONE
    if not small:
        clear_of_schedules(len(cohort.ids) / (1 if one_by_one else SLOWEST_A_SECOND))
    with Watch(stage.database, 0.005 if one_by_one else 0.1) as watch, Meter(stage.pids) as meter:
        people = People(stage.database, cohort.ids, stage.hand, watch, stage.together)
        began = time.perf_counter()
        if one_by_one:
            # The clicks fall at random moments between two looks of the worker.
            people.one_at_a_time(random.Random(SEED))
            everything_told(stage.database)
        else:
            people.all_at_once()
        lasted = time.perf_counter() - began
    return Figures(lasted, len(cohort.ids), watch.waits_s(), meter.all_cpu_s, meter.peak_mib)


def bare(kind: Kind, as_before: str, cohort: Cohort) -> Figures:
    """Make the same row changes with the bare loop, on a copy of the database from before the path ran."""
    database = Database(as_before)
    with database.reading() as session:
        homes = list(session.execute(text("SELECT id FROM vacancy WHERE standing = 'available' ORDER BY id")).scalars())
        query = text(
            "SELECT r.id, r.case_key, q.id FROM referral r JOIN question q ON q.referral_id = r.id"
            " WHERE r.status = 'received' AND r.id BETWEEN :first AND :last ORDER BY r.id"
        )
        received = session.execute(query, {"first": min(cohort.ids), "last": max(cohort.ids)}).all()
    database.close()
    plain = Plain(as_before)
    loop = Loop(plain)
    spent = time.process_time() + sum(cpu_s(pid) for pid in kind.pids.values())
    began = time.perf_counter()
    for place, (referral_id, case_key, sign_off) in enumerate(received):
        loop.house(referral_id, case_key, sign_off, homes[place : place + 6])
    lasted = time.perf_counter() - began
    spent = time.process_time() + sum(cpu_s(pid) for pid in kind.pids.values()) - spent
    plain.close()
    return Figures(lasted, len(received), loop.moves_s, spent)


# When a home goes to another family first, the path asks about the next one, and writes more rows than the loop.
UNLIKE_AT_MOST = 0.02


def rows_of(database: Database, cohort: Cohort) -> dict[str, int]:
    """How many rows of each table the cohort's referrals have."""
    with database.reading() as session:
        return {
            table: session.execute(
                text(f"SELECT count(*) FROM {table} WHERE {whose} BETWEEN :first AND :last"),  # noqa: S608  # our own
                {"first": min(cohort.ids), "last": max(cohort.ids)},
            ).scalar_one()
            for table, whose in COUNTED.items()
        }


def the_same_was_written(stage: Measured, cohort: Cohort) -> None:
    """Fail when the path and the bare loop have written different numbers of rows."""
    beside = Database(stage.as_before[0])
    path, loop = rows_of(stage.database, cohort), rows_of(beside, cohort)
    beside.close()
    unlike = {
        table: (path[table], loop[table])
        for table in path
        if abs(path[table] - loop[table]) > UNLIKE_AT_MOST * loop[table]
    }
    if unlike:
        raise AssertionError(f"path and loop wrote different numbers of rows: {unlike}")


def within(kind: Kind, folder: Path, order: argparse.Namespace, findings: Findings, console: Console) -> list[Row]:
    """Measure path and bare loop with partners and mail in the worker's process; then idling, in the findings."""
    sizes = (
        {WARM_UP: order.warm_ups} | {at_once(count): count for count in order.at_once} | {ONE_BY_ONE: order.one_by_one}
    )
    rows: list[Row] = []
    console.print(f"{kind.name}: taking in {sum(sizes.values()):,} families …")
    with partners_within(kind, folder / "within", sizes) as stage:
        everything_told(stage.database)
        for name, cohort in stage.cohorts.items():
            console.print(f"{kind.name}: {name} …")
            # Before and after the path, because the machine's speed varies from minute to minute.
            before = bare(kind, stage.as_before[0], cohort)
            path = measured(stage, cohort, small=order.small)
            loop = before.and_then(bare(kind, stage.as_before[1], cohort))
            the_same_was_written(stage, cohort)
            rows.append(Row(kind.name, name, name != ONE_BY_ONE, path, loop))
        console.print(f"{kind.name}: {order.waiting:,} wait …")
        findings.idle_pct[kind.name] = idle(stage, order.waiting, order.idle_s, small=order.small)
    return rows[1:]


def over_http(kind: Kind, folder: Path, order: argparse.Namespace, console: Console) -> dict[str, Figures]:
    """Measure the path over real HTTP and SMTP; the figures by the name of the run with which they are compared."""
    together, one_by_one = order.over_http
    if not together:
        return {}
    sizes = {at_once(order.at_once[0]): together} | ({ONE_BY_ONE: one_by_one} if one_by_one else {})
    if not order.small:
        sizes = {WARM_UP: order.warm_ups} | sizes
    found: dict[str, Figures] = {}
    with partners_over_http(kind, folder / "http", sizes) as stage:
        everything_told(stage.database)
        for name, cohort in stage.cohorts.items():
            console.print(f"{kind.name}: {name}, over HTTP …")
            found[name] = measured(stage, cohort, small=order.small)
    return found


def at_once(count: int) -> str:
    """The name of a run in which everybody answers at once."""
    return f"{count:,} at once"


@contextmanager
def kinds(folder: Path, only: str | None, findings: Findings) -> Iterator[list[Kind]]:
    """The databases to measure on."""
    with ExitStack() as stack:
        found = []
        if only != "postgresql":
            (folder / "sqlite").mkdir()
            found.append(sqlite(folder / "sqlite"))
        if only != "sqlite":
            server = stack.enter_context(own_postgres(folder / "data"))
            database = Database(server.url)
            with database.reading() as session:
                findings.postgresql = session.execute(text("SHOW server_version")).scalar_one()
            database.close()
            found.append(postgresql(server, folder / "data"))
        yield found


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and judge."""
    # SIGTERM ends it as Ctrl-C does, so that no process that it started is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    order = ordered(arguments)
    findings = Findings(waiting=order.waiting)
    progress, out = (
        Console(stderr=True, highlight=False, style="dim"),
        Console(width=None if sys.stdout.isatty() else 140),
    )
    with tempfile.TemporaryDirectory(prefix="bench-path-") as place:
        folder = Path(place)
        with kinds(folder, order.only, findings) as chosen:
            for kind in chosen:
                (folder / f"run-{kind.name}").mkdir()
                rows = within(kind, folder / f"run-{kind.name}", order, findings, progress)
                # In the small form on one database only, because it is the same on the other.
                left_out = order.small and kind is not chosen[0]
                beside = {} if left_out else over_http(kind, folder / f"run-{kind.name}", order, progress)
                findings.rows += [replace(row, over_http=beside.get(row.what)) for row in rows]
    show(findings, out)
    out.print(FROM_THE_SENDING_MOMENT)
    return 0 if judged(findings.verdicts(), out, small=order.small) else 1


if __name__ == "__main__":
    sys.exit(main())
