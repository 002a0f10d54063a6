"""What a bank or a finance system reports as paid, reconciled with the invoices of a party."""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session

from connectors.finance.reported import CAMT, read_reported
from domain.books.invoices.response import InvoiceState
from domain.books.invoices.settled import DAYS_TO_PAY
from domain.books.reconciliation import Reconciliation, Sent, reconcile
from storage.books.bookkeeping.invoice_rows import told_invoices
from storage.parties.partners import partner_of

# Nothing is paid for these: the buyer has said no, or pays the one that replaces it.
NOT_PAID = frozenset({InvoiceState.REJECTED, InvoiceState.REPLACED})


def read_payments_of(
    session: Session, party: str, body: bytes, *, until: date, form: str | None = None
) -> Reconciliation:
    """Reconcile a report of what a party paid and was paid with its invoices, by their numbers; writes nothing.

    `Invalid` when it cannot be read.
    """
    partner_of(session, party)
    reported, form = read_reported(body, form)
    sent = _sent(session, party, in_and_out=1 if form == CAMT else -1)
    return reconcile(sent, reported, until=until, most_days_apart=DAYS_TO_PAY)


def _sent(session: Session, party: str, *, in_and_out: int) -> Iterator[Sent]:
    """Each invoice that is to be paid: what comes in above zero at a bank, as credit in a table of accounts."""
    for row, state, _ in told_invoices(session, party=party):
        if state not in NOT_PAID:
            comes_in = 1 if row.seller == party else -1
            yield Sent(row.number, in_and_out * comes_in * row.amount_ore, row.due_on)
