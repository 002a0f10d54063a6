"""The command line for the invoices of settled months: `tilflyt invoice`."""

from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.books.posting import MOST_BYTES_OF_A_REPORT, show_reconciliation
from deployments.cli.books.settlement import kroner, last_day_of
from deployments.cli.output import AsJson, By, main_settings, table_of, tell
from deployments.files import chunks_of, new_file

invoice_app = typer.Typer(
    help="E-invoices for what is paid by a settled month, each in the form that its buyer takes, and their answers.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Argument(help="An existing folder without these invoices; a file for each.")]
SHOWN = ("file", "form", "seller", "buyer", "kr.", "due on")


@invoice_app.command()
def export(
    month: Annotated[str, typer.Argument(help="A settled month, such as 2026-03.")],
    folder: Folder,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write an e-invoice for each payment of a month, as Peppol BIS Billing 3 or OIOUBL 2.1. Exit 1 when one lacks."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.invoices.invoicing import write_invoices
    from tasks.books.bank_days import days_banks_are_closed

    settings, last_day = main_settings(), last_day_of(month)
    with closing(opened_database(settings)) as database:
        now, closed_days = clock_of(settings).now(), days_banks_are_closed()
        found = carry_out(
            database, write_invoices, last_day, closed_days=closed_days, write=_written_as, by=by, now=now
        )
    told = [_in_a_file(one, folder) for one in found.written]
    rows = [_row(one) for one in told]
    rows += [("none", "", "", why, "", "") for why in found.without]
    tell({"written": told, "without": found.without}, as_json, table_of(rows, *SHOWN, title=month))
    if found.without:
        raise typer.Exit(1)


@invoice_app.command("list")
def invoice_list(
    month: Annotated[str | None, typer.Option(help="One settled month alone, such as 2026-03.")] = None,
    party: Annotated[str | None, typer.Option(help="One party alone, such as municipality:0461.")] = None,
    state: Annotated[str | None, typer.Option(help="One state alone, such as rejected.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every invoice that was written, and what its buyer has said. One that was rejected is due again."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.books.bookkeeping.invoice_rows import told_invoices
    from storage.installation import opened_database

    last_day = last_day_of(month) if month else None
    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        told = [_told(one) for one in told_invoices(session, last_day=last_day, party=party)]
    told = [one for one in told if state in (None, one["state"])]
    names = ("number", "seller", "buyer", "amount_ore", "due_on", "state", "why")
    rows = [[kroner(one[name]) if name == "amount_ore" else one[name] for name in names] for one in told]
    counted = Counter(one["state"] for one in told)
    title = ", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or "no invoices"
    tell(told, as_json, table_of(rows, "number", "seller", "buyer", "kr.", "due on", "state", "why", title=title))


@invoice_app.command()
def response(
    file: Annotated[Path, typer.Argument(help="A buyer's ApplicationResponse (OIOUBL or Peppol).")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Read what a buyer says of an invoice. Exit 1 when it is open again, or waits for a person."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from connectors.finance.application_response import response_in
    from connectors.finance.xml_read import LARGEST_BYTES
    from domain.books.invoices.response import ASKED_ABOUT
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.invoices.invoicing import hear_response

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        heard = response_in(b"".join(chunks_of(file, most=LARGEST_BYTES)))
        now = clock_of(settings).now()
        found, is_new = carry_out(database, hear_response, heard, by=by, now=now)
    told = {**_told(found), "is_new": is_new, "said": heard.reason}
    was = "" if is_new else " This response was read before."
    tell(told, as_json, f"Invoice {found.row.number} is {found.state}: {found.why}.{was}\n{heard.reason}".strip())
    if found.state in ASKED_ABOUT:
        raise typer.Exit(1)


@invoice_app.command()
def correct(
    number: Annotated[str, typer.Argument(help="The number of an invoice that was rejected.")],
    folder: Folder,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write a new invoice for one that was rejected, as the parties' file is now. It names the one that it replaces."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.invoices.invoicing import correct_invoice
    from tasks.books.bank_days import days_banks_are_closed

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        now, closed_days = clock_of(settings).now(), days_banks_are_closed()
        written = carry_out(
            database, correct_invoice, number, closed_days=closed_days, write=_written_as, by=by, now=now
        )
    told = _in_a_file(written, folder)
    tell({**told, "replaces": number}, as_json, table_of([_row(told)], *SHOWN, title=f"in the place of {number}"))


@invoice_app.command()
def payments(
    party: Annotated[str, typer.Argument(help="A party, such as municipality:0461.")],
    file: Annotated[Path, typer.Argument(help="Its bank's statement (camt.053), or a report of its accounts (CSV).")],
    until: Annotated[datetime, typer.Option(help="The last day of which it tells.", formats=["%Y-%m-%d"])],
    form: Annotated[str | None, typer.Option(help="csv or camt; when unsaid, as the file looks.")] = None,
    as_json: AsJson = False,
) -> None:
    """Reconcile what was paid with the invoices of a party. Exit 1 unless everything matches."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.installation import opened_database
    from tasks.books.paid_invoices import read_payments_of

    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        body = b"".join(chunks_of(file, most=MOST_BYTES_OF_A_REPORT))
        found = read_payments_of(session, party, body, until=until.date(), form=form)
    show_reconciliation(found, as_json)


def _written_as(form: Any, invoice: Any) -> bytes:  # noqa: ANN401  # imported where they are needed
    from connectors.finance.oioubl import oioubl_invoice
    from connectors.finance.ubl import ubl_invoice
    from domain.books.invoices.danish import EInvoiceForm

    return {EInvoiceForm.PEPPOL_BIS_3: ubl_invoice, EInvoiceForm.OIOUBL_2_1: oioubl_invoice}[form](invoice)


def _in_a_file(row: Any, folder: Path) -> dict[str, Any]:  # noqa: ANN401  # imported where it is needed
    file = folder / f"{row.number}.xml"
    with new_file(file) as write:
        write(row.document.encode())
    return {"file": str(file), **_facts(row)}


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    shown = tuple(told[name] for name in ("file", "form", "seller", "buyer"))
    return (*shown, kroner(told["amount_ore"]), told["due_on"])


def _told(one: Any) -> dict[str, Any]:  # noqa: ANN401  # imported where it is needed
    return {**_facts(one.row), "attempt": one.row.attempt, "state": one.state.value, "why": one.why}


def _facts(row: Any) -> dict[str, Any]:  # noqa: ANN401  # imported where it is needed
    names = ("number", "seller", "buyer", "amount_ore", "issued_on", "due_on")
    return {**{name: getattr(row, name) for name in names}, "form": row.form.value}
