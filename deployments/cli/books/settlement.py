"""The command line for settling a month: `tilflyt settlement`."""

from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, nobodys_number, table_of, tell
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
    rejected: Annotated[
        Path | None,
        typer.Option(help="Write what finance systems rejected, of whichever month, to a file that is not there yet."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Each party's statement of a month, line by line; a month that is not settled as it stands so far."""
    from domain.books.bookkeeping.rejected import rejected_as_csv
    from domain.books.statement import as_csv
    from storage.installation import opened_database
    from templates.words.books import STANDINGS, STATES, WHY

    with closing(opened_database(main_settings())) as database:
        told = _shown(database, last_day_of(month), party)
    _written(csv, as_csv(told, STANDINGS))
    _written(rejected, rejected_as_csv(told["statements"], STATES, WHY))
    tell(told, as_json, Group(_lines(told), _approved(told), _rejected(told)))


@settlement_app.command()
def ask(
    month: Month,
    party: Annotated[str, typer.Option(help="The party to ask anew, such as municipality:0461.")],
    although: Annotated[
        str, typer.Option(help="Why it is asked anew though nothing was corrected since its no; name nobody.")
    ] = "",
    by: By = COMMAND_LINE,
) -> None:
    """Ask a party anew whether it approves a month: after a correction, or when somebody answered by mistake."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.months import ask_month_anew

    settings, last_day = main_settings(), last_day_of(month)
    why = nobodys_number(although)
    with closing(opened_database(settings)) as database:
        now = clock_of(settings).now()
        carry_out(database, ask_month_anew, last_day, party, although=why, by=by, now=now)
    tell(None, False, f"{party} is asked anew about {month}.")


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
    from storage.operations.month_approvals import month_told

    with database.snapshot() as session:
        told = month_told(session, last_day, party)
    if party is not None and not any(one["lines"] or one["payments"] or one["rejected"] for one in told["statements"]):
        raise Invalid("party", f"{party} has no line in {last_day:%Y-%m}")
    return told


def _written(file: Path | None, parts: Iterable[bytes]) -> None:
    if file is not None:
        with new_file(file) as write:
            for part in parts:
                write(part)


def _lines(told: dict[str, Any]) -> Table:
    """Each line, and what each party is owed in all and of it is accepted by both sides."""
    rows = [
        (one["party"], line["reference"], _purpose(line), line["value_date"], kroner(line["amount_ore"]), _stands(line))
        for one in told["statements"]
        for line in one["lines"]
    ]
    sums = (("in all", "total_ore"), ("accepted by both sides", "counted_ore"))
    totals = [(one["party"], "", said, "", kroner(one[name]), "") for one in told["statements"] for said, name in sums]
    return table_of(rows + totals, "party", "case", "rule", "due on", "kr.", "posting")


def _rejected(told: dict[str, Any]) -> Table:
    """What finance systems rejected of each party, and what became of it."""
    rows = [
        [
            *(one["party"], row["reference"], _purpose(row), kroner(row["amount_ore"])),
            *(row["why"], row["rejected_at"][:10], row["state"], row["became"] or ""),
        ]
        for one in told["statements"]
        for row in one["rejected"]
    ]
    names = ("party", "case", "rule", "kr.", "why", "on", "now", "since corrected")
    return table_of(rows, *names, title="rejected by finance systems")


def _stands(line: dict[str, Any]) -> str:
    return str(line["standing"]).replace("_", " ")


def _purpose(line: dict[str, Any]) -> str:
    return str(line["rule"] or "compensation")


def _approved(told: dict[str, Any]) -> Table:
    """Each payment, and who of its two sides has approved the month."""

    def said(party: str) -> str:
        answer = told["answers"].get(party)
        if answer is None:
            return f"{party}: no answer yet"
        day = answer["at"][:10]
        return f"{party}: {'approved' if answer['reason'] is None else answer['reason']} {day} by {answer['by']}"

    payments = {
        (one["payer"], one["payee"], one["amount_ore"], one["payable"])
        for of in told["statements"]
        for one in of["payments"]
    }
    rows = [
        (said(payer), said(payee), kroner(ore), "yes" if payable else "no")
        for payer, payee, ore, payable in sorted(payments)
    ]
    return table_of(rows, "pays", "is paid", "kr.", "may be paid", title=told["month"])


def _payments_of(told: dict[str, Any]) -> Table:
    paid = {
        (payment["payer"], payment["payee"]): payment["amount_ore"]
        for one in told["statements"]
        for payment in one["payments"]
    }
    rows = [(payer, payee, kroner(ore)) for (payer, payee), ore in sorted(paid.items())]
    title = f"{told['month']}: {'settled' if told['newly'] else 'it was settled before'}"
    return table_of(rows, "pays", "is paid", "kr.", title=title)
