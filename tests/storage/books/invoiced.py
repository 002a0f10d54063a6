"""Parties whose books have all that an invoice needs."""

from dataclasses import replace
from datetime import date

from domain.parties.bookkeeping import Account, Address, Bookkeeping, InvoiceForm, InvoicesFrom
from tests.domain.books.some_invoices import gln
from tests.tasks.books.postings_of_a_world import keeps_books
from tests.world.world import World

HAVBLIK = "association:havblik"
ODENSES = gln(579800000001)
BOOKS = Bookkeeping(
    cvr="00000019",
    buyer_reference="Økonomi",
    address=Address("Rådhuspladsen 1", "5000", "Odense"),
    bank_account=Account("1234", "0001234567"),
)


def invoiced(world: World, *parties: str, form: InvoiceForm | None = None) -> None:
    for number, party in enumerate(parties, 1):
        keeps_books(world, party, replace(BOOKS, gln=gln(579800000000 + number), invoices=rows_of(form)))


def rows_of(form: str | None) -> tuple[InvoicesFrom, ...]:
    return (InvoicesFrom(InvoiceForm(form), date(2026, 1, 1)),) if form else ()
