"""The command line for the books: `tilflyt ledger`."""

from contextlib import closing
from dataclasses import astuple
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.books.settlement import kroner, last_day_of
from deployments.cli.output import AsJson, By, main_settings, table_of, tell
from deployments.files import new_file
from domain.errors import Invalid

ledger_app = typer.Typer(
    help="The books: check them against the agreements, close a month, hand them to a stranger.", no_args_is_help=True
)
FORMATS = ("beancount",)


@ledger_app.command()
def verify(as_json: AsJson = False) -> None:
    """Recompute every booking from the history and the agreements. Exit 1, with each difference, when any differs."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.books.verdict import book_differences
    from storage.clock import clock_of
    from storage.installation import opened_database

    settings = main_settings()
    with closing(opened_database(settings)) as database, database.snapshot() as session:
        found = list(book_differences(session, now=clock_of(settings).now()))
    rows = [(one.reference, *astuple(one.difference)) for one in found]
    names = ("case", "difference", "kind", "rule", "month")
    told = {"holds": not found, "differences": [dict(zip(names, row, strict=True)) for row in rows]}
    well = "Every booking is what its agreement says, and no other is there."
    tell(told, as_json, table_of(rows, *names) if rows else well)
    if found:
        raise typer.Exit(1)


@ledger_app.command()
def balances(
    as_of: Annotated[
        datetime | None, typer.Option(help="A day whose end is meant; now when unsaid.", formats=["%Y-%m-%d"])
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What stands on each account, by purpose, as of any day."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from domain.working_days import COPENHAGEN
    from storage.books.balances import balances as found_at
    from storage.clock import clock_of
    from storage.installation import opened_database

    settings = main_settings()
    # The next day's midnight belongs to the next day, and the calendar's last day has none.
    moment = datetime.combine(as_of, time.max, COPENHAGEN) if as_of else clock_of(settings).now()
    with closing(opened_database(settings)) as database, database.snapshot() as session:
        found = found_at(session, as_of=moment)
    told = [{"account": one.account, "rule": one.rule, "ore": one.ore} for one in found]
    rows = [(one.account, one.rule or "compensation", kroner(one.ore)) for one in found]
    tell(told, as_json, table_of(rows, "account", "purpose", "kr."))


@ledger_app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet; only you may read it.")],
    form: Annotated[str, typer.Option("--format", help="beancount")] = "beancount",
    as_json: AsJson = False,
) -> None:
    """Write the books as a journal that `bean-check` accepts; it names cases by their references alone."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from domain.books.journal import journal
    from storage.books.balances import all_booked
    from storage.installation import opened_database

    if form not in FORMATS:
        raise Invalid("format", f"must be one of {', '.join(FORMATS)}")
    count = 0
    with (
        closing(opened_database(main_settings())) as database,
        database.snapshot() as session,
        new_file(file) as write,
    ):
        for line in journal(all_booked(session)):
            write(line.encode())
            count += line.startswith("\n")
    tell({"file": str(file), "bookings": count}, as_json, f"{count} bookings; check them with: bean-check {file}")


@ledger_app.command("slice")
def slice_(
    party: Annotated[str, typer.Argument(help="A party, such as municipality:0461.")],
    file: Annotated[Path, typer.Argument(help="A file that is not there yet; only you may read it.")],
    month: Annotated[str, typer.Option(help="A month, such as 2026-03.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write a party's own part of the books of a month, with proofs that it is part of the audit chain."""
    import storage.tables  # noqa: F401  # what is chained is read from all tables
    from deployments.cli.audit import same_vault
    from storage.clock import clock_of
    from storage.installation import opened_database
    from tasks.books.slices import cut
    from tasks.upkeep.chain import sign_now

    settings, last_day = main_settings(), last_day_of(month)
    now = clock_of(settings).now()
    with closing(opened_database(settings)) as database:
        vault = same_vault(settings, database)
        with new_file(file) as write:
            sign_now(database, vault, now=now)
            made = carry_out(database, cut, party, last_day, keys=vault, by=by, now=now)
            for line in made:
                write(line)
    told = {"file": str(file), "lines": len(made) - 1}
    well = f"{len(made) - 1} lines; verify them with: python verify.py --slice {file} --public-key …"
    tell(told, as_json, f"{well}; verify.py is in every export of the audit chain")


@ledger_app.command()
def close(
    month: Annotated[str, typer.Argument(help="A month that is over, such as 2026-03.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Close a month and all before it: nothing is booked in them any more, corrections are booked in an open month."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.books import close_month

    settings = main_settings()
    last_day = last_day_of(month)
    with closing(opened_database(settings)) as database:
        closed = carry_out(database, close_month, last_day, by=by, now=clock_of(settings).now())
    said = f"Closed up to {last_day}." if closed else f"It was closed before, up to {last_day} or later."
    tell({"closed_until": str(last_day), "newly": closed}, as_json, said)
