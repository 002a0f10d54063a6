"""Invoices for what is paid by a month's settlement: who is paid invoices who pays."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.books.invoices.invoice import BankAccount, Invoice, InvoiceLine, InvoiceParty, PostalAddress
from domain.books.invoices.issue import issue_invoice
from domain.books.journal import Booked
from domain.books.netting import Payment
from domain.books.statement import claims_in
from domain.parties.bookkeeping import DEFAULT, Bookkeeping
from domain.parties.party import Partner

DAYS_TO_PAY = 30
NETTED = "nettoafregning"


@dataclass(frozen=True, slots=True)
class SettledMonth:
    """A settled month as its invoices have it: its last day, the day of settling, and the day on which it is due."""

    last_day: date
    made_on: date
    due_on: date

    @property
    def period(self) -> tuple[date, date]:
        """From the first to the last day of the month."""
        return self.last_day.replace(day=1), self.last_day


def due_after(made_on: date) -> date:
    """The day on which a payment is due, before it is moved to a banking day."""
    return made_on + timedelta(days=DAYS_TO_PAY)


def number_of(payment: Payment, month: SettledMonth, *, netted: bool) -> str:
    """An invoice's number, the same whenever it is written, and after a restored backup; at most 20 signs.

    It is also the text on the payment, which banks keep up to 35 signs of (EndToEndId).
    """
    what = f"{payment.payer}|{payment.payee}|{netted}"
    return f"U{month.last_day:%y%m}-{hashlib.sha256(what.encode()).hexdigest()[:10].upper()}"


def invoice_of(
    payment: Payment, month: SettledMonth, lines: Iterable[InvoiceLine], *, payer: Partner, payee: Partner, netted: bool
) -> Invoice:
    """The invoice for a payment. `Invalid` when it breaks a rule; who lacks something has no invoice (`lacking`)."""
    buyer, seller = _books(payer), _books(payee)
    account = seller.bank_account
    if account is None:
        raise ValueError("who is paid has no account")
    return issue_invoice(
        number=number_of(payment, month, netted=netted),
        issued_on=month.made_on,
        due_on=month.due_on,
        seller=_party(payee, seller),
        buyer=_party(payer, buyer),
        lines=tuple(lines),
        buyer_reference=buyer.buyer_reference,
        accounting_cost=buyer.accounts.get(DEFAULT, ""),
        period=month.period,
        account=BankAccount(account.registration, account.number),
    )


def lacking(partner: Partner, *, is_paid: bool) -> list[str]:
    """What a party's bookkeeping lacks for an invoice, as its fields are called."""
    books = partner.bookkeeping or Bookkeeping()
    needed = ("cvr", "gln", "address", "bank_account" if is_paid else "buyer_reference")
    return [name for name in needed if not getattr(books, name)]


def netted_line(payment: Payment, month: SettledMonth) -> InvoiceLine:
    """The one line of a netted payment: it is for no case alone, and its statement has them all."""
    told = f"{month.last_day:%Y-%m}"
    return InvoiceLine(
        id="1",
        name=f"Nettoafregning af udligning {told}",
        amount_ore=payment.amount_ore,
        case_reference=told,
        agreement=NETTED,
        version=1,
        rule=NETTED,
        text=f"Månedens poster med sag, regel og aftale står i opgørelsen for {told}",
    )


def gross_lines(payment: Payment, booked: Iterable[Booked]) -> Iterator[InvoiceLine]:
    """A line for each booking by which the payer owes the payee; they sum to the payment."""
    number = 0
    for one in booked:
        for claim in claims_in(one.entries):
            if (claim.payer, claim.payee) == (payment.payer, payment.payee):
                number += 1
                agreement, _, version = one.agreement.rpartition("/")
                rule = one.rule or "compensation"
                yield InvoiceLine(
                    id=str(number),
                    name=f"Udligning {one.reference} {rule}",
                    amount_ore=claim.amount_ore,
                    case_reference=one.reference,
                    agreement=agreement,
                    version=int(version),
                    rule=rule,
                )


def _books(partner: Partner) -> Bookkeeping:
    return partner.bookkeeping or Bookkeeping()


def _party(partner: Partner, books: Bookkeeping) -> InvoiceParty:
    address = books.address
    if address is None:
        raise ValueError("a party has no address")
    return InvoiceParty(
        name=partner.name,
        cvr=books.cvr,
        gln=books.gln,
        address=PostalAddress(address.street, address.city, address.post_code),
    )
