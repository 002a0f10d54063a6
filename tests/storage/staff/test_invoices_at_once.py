"""Two persons who write, or correct, the same invoices at one moment: each invoice is written once."""

from datetime import timedelta

from sqlmodel import col, select

from connectors.finance.ubl import ubl_invoice
from domain.books.invoices.invoice import DocumentType
from domain.books.invoices.response import Response, Verdict
from domain.books.months import last_day_of_month
from storage.books.bookkeeping.invoice_rows import StoredInvoice
from storage.books.settlements import settle_month
from storage.staff.invoices import invoicing
from tests.storage.books.invoiced import HAVBLIK, ODENSES, invoiced
from tests.storage.books.model import two_housed_families
from tests.stories.at_one_moment import both, meeting
from tests.tasks.books.postings_of_a_world import NYBORG, ODENSE
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)


def test_what_two_write_or_correct_at_one_moment_is_written_once(world: World, monkeypatch):
    invoiced(world, ODENSE, NYBORG, HAVBLIK)
    last_day = last_day_of_month(world.clock.now().date())
    world.clock.move_on(timedelta(days=40))
    now, database = world.clock.now(), world.platform.database
    how = {"closed_days": (), "write": lambda _form, invoice: ubl_invoice(invoice), "by": "Regnskab", "now": now}
    with database.writing() as session:
        settle_month(session, last_day, by="Regnskab", now=now)

    def writes() -> None:
        with database.writing() as session:
            invoicing.write_invoices(session, last_day, **how)

    def corrects() -> None:
        with database.writing() as session:
            invoicing.correct_invoice(session, first, **how)

    with monkeypatch.context() as changed:
        meeting(changed, invoicing, "hold_invoices")
        assert both(writes, writes) == []
    first, other = world.rows(select(StoredInvoice.number).order_by(col(StoredInvoice.id)))
    no = Response(first, DocumentType.INVOICE, Verdict.REJECTED, "RE", "", ODENSES, "RESP-7")
    with database.writing() as session:
        invoicing.hear_response(session, no, by="Regnskab", now=now)

    with monkeypatch.context() as changed:
        meeting(changed, invoicing, "invoice_called")
        (refused,) = both(corrects, corrects)

    assert f"{first} is replaced: only a rejected one" in str(refused)
    assert world.rows(select(StoredInvoice.number).order_by(col(StoredInvoice.id))) == [first, other, f"{first}-2"]
