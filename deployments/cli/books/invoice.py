"""The command line for the invoices of a settled month: `tilflyt invoice`."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.books.settlement import kroner, last_day_of
from deployments.cli.output import AsJson, main_settings, table_of, tell
from deployments.files import new_file

invoice_app = typer.Typer(
    help="E-invoices for what is paid by a settled month, each in the form that its buyer takes.", no_args_is_help=True
)


@invoice_app.command()
def export(
    month: Annotated[str, typer.Argument(help="A settled month, such as 2026-03.")],
    folder: Annotated[Path, typer.Argument(help="An existing folder without these invoices; a file for each.")],
    as_json: AsJson = False,
) -> None:
    """Write an e-invoice for each payment of a month, as Peppol BIS Billing 3 or OIOUBL 2.1. Exit 1 when one lacks."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from connectors.finance.oioubl import oioubl_invoice
    from connectors.finance.ubl import ubl_invoice
    from domain.books.invoices.danish import EInvoiceForm
    from storage.books.bookkeeping.invoices import invoices_of
    from storage.installation import opened_database
    from tasks.books.bank_days import days_banks_are_closed

    writes = {EInvoiceForm.PEPPOL_BIS_3: ubl_invoice, EInvoiceForm.OIOUBL_2_1: oioubl_invoice}
    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        found = invoices_of(session, last_day_of(month), closed_days=days_banks_are_closed())
    told: list[dict[str, Any]] = []
    for form, invoice in found.written:
        file = folder / f"{invoice.number}.xml"
        with new_file(file) as write:
            write(writes[form](invoice))
        due = invoice.totals.due_ore
        parties = {"seller": invoice.seller.name, "buyer": invoice.buyer.name}
        told.append({"file": str(file), "form": form.value, **parties, "amount_ore": due, "due_on": invoice.due_on})
    shown = ("file", "form", "seller", "buyer")
    rows = [(*(one[name] for name in shown), kroner(one["amount_ore"]), one["due_on"]) for one in told]
    rows += [("none", "", "", why, "", "") for why in found.without]
    names = ("file", "form", "seller", "buyer", "kr.", "due on")
    tell({"written": told, "without": found.without}, as_json, table_of(rows, *names, title=month))
    if found.without:
        raise typer.Exit(1)
