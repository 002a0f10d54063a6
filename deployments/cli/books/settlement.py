"""The command line for settling a month: `tilflyt settlement`."""

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, table_of, tell
from deployments.files import new_file
from domain.errors import Invalid

settlement_app = typer.Typer(
    help="A month's settlement: what each party owes, and what is paid once it is netted.", no_args_is_help=True
)
Month = Annotated[str, typer.Argument(help="A month, such as 2026-03.")]


@settlement_app.command()
def make(month: Month, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Close a month and all before it, and settle what was not settled before. There is no way back."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.books import settle

    settings, last_day = main_settings(), last_day_of(month)
    with closing(opened_database(settings)) as database:
        made = carry_out(database, settle, last_day, by=by, now=clock_of(settings).now())
        told = _shown(database, last_day, None)
    told["newly"] = made
    tell(told, as_json, _payments_of(told))


@settlement_app.command()
def show(
    month: Month,
    party: Annotated[str | None, typer.Option(help="One party alone, such as municipality:0461.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the lines to a file that is not there yet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Each party's statement of a month, line by line; a month that is not settled as it stands so far."""
    from domain.books.statement import as_csv
    from storage.installation import opened_database

    with closing(opened_database(main_settings())) as database:
        told = _shown(database, last_day_of(month), party)
    if csv is not None:
        with new_file(csv) as write:
            for part in as_csv(told):
                write(part)
    names = ("party", "case", "rule", "due on", "kr.")
    rows = [
        (one["party"], line["reference"], _purpose(line), line["value_date"], kroner(line["amount_ore"]))
        for one in told["statements"]
        for line in one["lines"]
    ]
    totals = [(one["party"], "", "in all", "", kroner(one["total_ore"])) for one in told["statements"]]
    tell(told, as_json, table_of(rows + totals, *names))


def last_day_of(month: str) -> date:
    """The last day of a month as somebody writes it."""
    from domain.books.months import last_day_written

    return last_day_written(month)


def kroner(ore: int) -> str:
    """An amount for the terminal, exact to the øre."""
    whole, rest = divmod(abs(ore), 100)
    return f"{'-' if ore < 0 else ''}{whole:,}.{rest:02}"


def _shown(database: Any, last_day: date, party: str | None) -> dict[str, Any]:  # noqa: ANN401  # imported where it is needed
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from domain.books.statement import as_told
    from storage.books.settlements import is_settled, statements_of

    with database.snapshot() as session:
        settled, found = is_settled(session, last_day), statements_of(session, last_day)
    if party is not None and party not in found:
        raise Invalid("party", f"{party} has no line in {last_day:%Y-%m}")
    chosen = [one for one in found.values() if party in (None, one.party)]
    return as_told(last_day, chosen, settled=settled)


def _purpose(line: dict[str, Any]) -> str:
    return str(line["rule"] or "compensation")


def _payments_of(told: dict[str, Any]) -> Table:
    paid = {
        (payment["payer"], payment["payee"]): payment["amount_ore"]
        for one in told["statements"]
        for payment in one["payments"]
    }
    rows = [(payer, payee, kroner(ore)) for (payer, payee), ore in sorted(paid.items())]
    title = f"{told['month']}: {'settled' if told['newly'] else 'it was settled before'}"
    return table_of(rows, "pays", "is paid", "kr.", title=title)
