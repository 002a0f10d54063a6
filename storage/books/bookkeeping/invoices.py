"""The invoices for what is paid by a settled month, made of its bookings and of what the parties' books want."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, func, select

from domain.books.invoices.danish import EInvoiceForm, form_on
from domain.books.invoices.invoice import Invoice, PrecedingInvoice
from domain.books.invoices.settled import (
    SettledMonth,
    due_after,
    gross_lines,
    invoice_of,
    lacking,
    netted_lines,
)
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


@dataclass
class InvoicesOfMonth:
    """What the invoices of a settled month are made of; its bookings are read once, when the first is asked for."""

    session: Session
    settlement: Settlement
    closed_days: Container[date]
    read: list[Booked] | None = field(default=None, init=False)

    def payments(self) -> list[SettledPayment]:
        """What is paid by the month, each with an invoice of its own."""
        query = select(SettledPayment).where(SettledPayment.settlement_id == self.settlement.id)
        return list(self.session.exec(query.order_by(col(SettledPayment.id))))

    def lacks_of(self, row: SettledPayment) -> str:
        """What the parties of a payment lack for its invoice; empty when nothing."""
        payer, payee = self._parties(row)
        told = {one.party: lacking(one, is_paid=one is payee) for one in (payer, payee)}
        named = {party: names for party, names in told.items() if names}
        lacks = "; ".join(f"{party} lacks {', '.join(names)} under bookkeeping" for party, names in named.items())
        return lacks and f"{row.payer} pays {row.payee}: {lacks}"

    def invoice_of(
        self,
        row: SettledPayment,
        *,
        attempt: int = 1,
        replaces: PrecedingInvoice | None = None,
        issued_on: date | None = None,
    ) -> tuple[EInvoiceForm, Invoice]:
        """The invoice for a payment, in the form of its buyer; issued on the day of settling unless another is named.

        `Invalid` when it breaks a rule, or a party lacks something.
        """
        if lacks := self.lacks_of(row):
            raise Invalid("bookkeeping", lacks)
        payer, payee = self._parties(row)
        payment = Payment(row.payer, row.payee, row.amount_ore)
        on = issued_on or day_of(self.settlement.made_at)
        month = SettledMonth(self.settlement.last_day, on, banking_day(due_after(on), self.closed_days))
        booked = self._booked()
        lines = netted_lines(payment, month, booked) if row.netted else gross_lines(payment, booked)
        invoice = invoice_of(
            payment,
            month,
            lines,
            payer=payer,
            payee=payee,
            netted=row.netted,
            attempt=attempt,
            replaces=replaces,
        )
        return _form(payer, on), invoice

    def _booked(self) -> list[Booked]:
        if self.read is None:
            last_day = self.settlement.last_day
            before = select(func.max(Settlement.last_day)).where(Settlement.last_day < last_day)
            self.read = list(all_booked(self.session, after=self.session.exec(before).one(), until=last_day))
        return self.read

    def _parties(self, row: SettledPayment) -> tuple[Partner, Partner]:
        return partner_of(self.session, row.payer), partner_of(self.session, row.payee)


def settlement_of(session: Session, last_day: date) -> Settlement:
    """The settlement of a month. `Invalid` when it is not settled."""
    found = session.exec(select(Settlement).where(Settlement.last_day == last_day)).one_or_none()
    if found is None:
        raise Invalid("month", f"{last_day:%Y-%m} is not settled")
    return found


def _form(payer: Partner, on: date) -> EInvoiceForm:
    """The form that a buyer has chosen, or else what the country requires on the day."""
    chosen = begun_on(on, payer.bookkeeping.invoices) if payer.bookkeeping else None
    return CHOSEN[chosen.form] if chosen else form_on(on)
