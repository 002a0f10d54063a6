"""The invoices for what is paid by a settled month, written anew from the settlement whenever they are asked for."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, func, select

from domain.books.invoices.danish import EInvoiceForm, form_on
from domain.books.invoices.invoice import Invoice
from domain.books.invoices.settled import SettledMonth, due_after, gross_lines, invoice_of, lacking, netted_line
from domain.books.journal import Booked
from domain.books.netting import Payment
from domain.books.posting_run import banking_day
from domain.errors import Invalid
from domain.parties.bookkeeping import InvoiceForm, begun_on
from domain.parties.party import Partner
from domain.working_days import day_of
from storage.books.balances import all_booked
from storage.books.settlements import SettledPayment, Settlement
from storage.parties.partners import partner_of

CHOSEN = {InvoiceForm.PEPPOL: EInvoiceForm.PEPPOL_BIS_3, InvoiceForm.OIOUBL: EInvoiceForm.OIOUBL_2_1}


@dataclass(slots=True)
class MonthsInvoices:
    """The invoices of a month, each in the form that its buyer takes; and the payments without one, each with why."""

    written: list[tuple[EInvoiceForm, Invoice]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def invoices_of(session: Session, last_day: date, *, closed_days: Container[date]) -> MonthsInvoices:
    """Every invoice of a settled month. `Invalid` when it is not settled."""
    settlement = session.exec(select(Settlement).where(Settlement.last_day == last_day)).one_or_none()
    if settlement is None:
        raise Invalid("month", f"{last_day:%Y-%m} is not settled")
    made_on = day_of(settlement.made_at)
    month = SettledMonth(last_day, made_on, banking_day(due_after(made_on), closed_days))
    found = MonthsInvoices()
    query = select(SettledPayment).where(SettledPayment.settlement_id == settlement.id)
    for row in session.exec(query.order_by(col(SettledPayment.id))):
        payer, payee = partner_of(session, row.payer), partner_of(session, row.payee)
        if lacks := _lacks(payer, payee):
            found.without.append(f"{row.payer} pays {row.payee}: {lacks}")
            continue
        payment = Payment(row.payer, row.payee, row.amount_ore)
        lines = (
            (netted_line(payment, month),) if row.netted else tuple(gross_lines(payment, _booked(session, last_day)))
        )
        invoice = invoice_of(payment, month, lines, payer=payer, payee=payee, netted=row.netted)
        found.written.append((_form(payer, made_on), invoice))
    return found


def _booked(session: Session, last_day: date) -> list[Booked]:
    before = session.exec(select(func.max(Settlement.last_day)).where(Settlement.last_day < last_day)).one()
    return list(all_booked(session, after=before, until=last_day))


def _lacks(payer: Partner, payee: Partner) -> str:
    told = {one.party: lacking(one, is_paid=one is payee) for one in (payer, payee)}
    return "; ".join(f"{party} lacks {', '.join(names)} under bookkeeping" for party, names in told.items() if names)


def _form(payer: Partner, on: date) -> EInvoiceForm:
    """The form that a buyer has chosen, or else what the country requires on the day."""
    chosen = begun_on(on, payer.bookkeeping.invoices) if payer.bookkeeping else None
    return CHOSEN[chosen.form] if chosen else form_on(on)
