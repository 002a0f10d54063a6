"""What staff do about invoices: write those of a month, read what a buyer says, correct one that was rejected."""

import hashlib
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, select

from domain.books.invoices.danish import EInvoiceForm
from domain.books.invoices.invoice import Invoice, PrecedingInvoice
from domain.books.invoices.response import (
    ASKED_ABOUT,
    OF_DOCUMENT,
    InvoiceState,
    Response,
    after,
    must_be_about,
)
from domain.errors import Invalid, Unknown
from domain.working_days import day_of
from storage.attention import close_subject
from storage.books.bookkeeping.invoice_rows import (
    InvoiceResponse,
    StoredInvoice,
    ToldInvoice,
    ask_about,
    hold_invoices,
    invoice_called,
    invoice_subject,
    newest_invoice,
    told_invoice,
)
from storage.books.bookkeeping.invoices import InvoicesOfMonth, settlement_of
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import id_of

Write = Callable[[EInvoiceForm, Invoice], bytes]


@dataclass(slots=True)
class WrittenMonth:
    """The invoices of a month that no later one replaces; and the payments without one, each with why."""

    written: list[StoredInvoice] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def write_invoices(
    session: Session, last_day: date, *, closed_days: Container[date], write: Write, by: str, now: datetime
) -> WrittenMonth:
    """The invoice for each payment of a settled month; one that was written before stays as it was, to the byte.

    `Invalid` when the month is not settled.
    """
    hold_invoices(session, last_day)
    month = InvoicesOfMonth(session, settlement_of(session, last_day), closed_days)
    found = WrittenMonth()
    for payment in month.payments():
        row = newest_invoice(session, payment)
        if row is None and (lacks := month.lacks_of(payment)):
            found.without.append(lacks)
            continue
        found.written.append(row or _kept(session, payment, *month.invoice_of(payment), 1, write=write, by=by, now=now))
    return found


def correct_invoice(
    session: Session, number: str, *, closed_days: Container[date], write: Write, by: str, now: datetime
) -> StoredInvoice:
    """Write an invoice in the place of one that was rejected, as the parties' books are now; it is due anew.

    Its amount stays: it is what the month is settled with. `Invalid` for one that was not rejected, `Unknown` for one
    that was not written here.
    """
    before = told_invoice(session, invoice_called(session, number))
    if before.state is not InvoiceState.REJECTED:
        raise Invalid("number", f"{number} is {before.state}: only a rejected one is corrected")
    row = before.row
    payment = session.get_one(SettledPayment, row.payment_id)
    month = InvoicesOfMonth(session, session.get_one(Settlement, payment.settlement_id), closed_days)
    form, invoice = month.invoice_of(
        payment,
        attempt=row.attempt + 1,
        replaces=PrecedingInvoice(row.number, row.issued_on),
        issued_on=day_of(now),
    )
    written = _kept(session, payment, form, invoice, row.attempt + 1, write=write, by=by, now=now)
    close_subject(session, invoice_subject(row), now=now, by=by)
    return written


def hear_response(session: Session, told: Response, *, by: str, now: datetime) -> tuple[ToldInvoice, bool]:
    """Write down what a buyer says of an invoice, and ask a person where one must act; False when it was read before.

    `Invalid` names the field: no invoice of ours, another's answer, another document, the id of another response.
    """
    try:
        row = invoice_called(session, told.document)
    except Unknown:
        raise Invalid(OF_DOCUMENT, "is the number of no invoice that was written here") from None
    must_be_about(told, buyer_gln=row.buyer_gln)
    query = select(InvoiceResponse).where(
        InvoiceResponse.invoice_id == row.id, InvoiceResponse.name_digest == told.name_digest
    )
    before = session.exec(query).one_or_none()
    if before is not None and before.meaning_digest != told.meaning_digest:
        raise Invalid("ID", "is that of another response to the same invoice")
    if before is None:
        _write_down(session, row, told, by=by, now=now)
    return told_invoice(session, row), before is None


def _write_down(session: Session, row: StoredInvoice, told: Response, *, by: str, now: datetime) -> None:
    state = after(told_invoice(session, row).state, told.verdict)
    session.add(
        InvoiceResponse(
            invoice_id=id_of(row),
            name_digest=told.name_digest,
            meaning_digest=told.meaning_digest,
            verdict=told.verdict,
            code=told.code,
            reasons=" ".join(told.reasons),
            state=state,
            read_at=now,
            read_by=by,
        )
    )
    session.flush()
    others = set(ASKED_ABOUT.values()) - {ASKED_ABOUT.get(state)}
    close_subject(session, invoice_subject(row), now=now, by=by, codes=others)
    ask_about(session, told_invoice(session, row), now=now)


def _kept(
    session: Session,
    payment: SettledPayment,
    form: EInvoiceForm,
    invoice: Invoice,
    attempt: int,
    *,
    write: Write,
    by: str,
    now: datetime,
) -> StoredInvoice:
    if invoice.due_on is None:
        raise ValueError("an invoice has no day on which it is due")
    document = write(form, invoice)
    row = StoredInvoice(
        number=invoice.number,
        payment_id=id_of(payment),
        attempt=attempt,
        seller=payment.payee,
        buyer=payment.payer,
        buyer_gln=invoice.buyer.gln,
        form=form,
        amount_ore=invoice.totals.due_ore,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        digest=hashlib.sha256(document).hexdigest(),
        document=document.decode(),
        made_at=now,
        made_by=by,
    )
    session.add(row)
    session.flush()
    return row
