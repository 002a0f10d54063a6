"""Invoices for what is paid by a month's settlement: who is paid invoices who pays."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.books.booking import PLAIN
from domain.books.invoices.invoice import (
    BankAccount,
    Invoice,
    InvoiceLine,
    InvoiceParty,
    PostalAddress,
    PrecedingInvoice,
)
from domain.books.invoices.issue import issue_invoice
from domain.books.journal import Booked
from domain.books.netting import Payment
from domain.books.statement import claims_in
from domain.parties.bookkeeping import DEFAULT, Bookkeeping
from domain.parties.party import Partner, PartyKind, is_a

DAYS_TO_PAY = 30
NETTED = "nettoafregning"
OF_THE_OTHERS = "Månedens afregning er modregnet blandt alle parter, så at der betales færrest gange"


@dataclass(frozen=True, slots=True)
class SettledMonth:
    """A settled month as its invoices have it: its last day, the day of settling, and the day on which it is due."""

    last_day: date
    made_on: date
    due_on: date

    @property
    def told(self) -> str:
        """The month as invoices write it, 2026-03."""
        return f"{self.last_day:%Y-%m}"

    @property
    def period(self) -> tuple[date, date]:
        """From the first to the last day of the month."""
        return self.last_day.replace(day=1), self.last_day


def due_after(made_on: date) -> date:
    """The day on which a payment is due, before it is moved to a banking day."""
    return made_on + timedelta(days=DAYS_TO_PAY)


def number_of(payment: Payment, month: SettledMonth, *, netted: bool, attempt: int = 1) -> str:
    """An invoice's number, the same whenever it is written, and after a restored backup; at most 20 signs.

    One that replaces a rejected one has another, by how often it was tried. The number is also the text on the payment,
    which banks keep up to 35 signs of (EndToEndId).
    """
    what = f"{payment.payer}|{payment.payee}|{netted}"
    number = f"U{month.last_day:%y%m}-{hashlib.sha256(what.encode()).hexdigest()[:10].upper()}"
    return f"{number}-{attempt}" if attempt > 1 else number


def invoice_of(
    payment: Payment,
    month: SettledMonth,
    lines: Iterable[InvoiceLine],
    *,
    payer: Partner,
    payee: Partner,
    netted: bool,
    attempt: int = 1,
    replaces: PrecedingInvoice | None = None,
) -> Invoice:
    """The invoice for a payment. `Invalid` when it breaks a rule; who lacks something has no invoice (`lacking`)."""
    buyer, seller = _books(payer), _books(payee)
    account = seller.bank_account
    if account is None:
        raise ValueError("who is paid has no account")
    return issue_invoice(
        number=number_of(payment, month, netted=netted, attempt=attempt),
        issued_on=month.made_on,
        due_on=month.due_on,
        seller=_party(payee, seller),
        buyer=_party(payer, buyer),
        lines=tuple(lines),
        buyer_reference=buyer.buyer_reference,
        accounting_cost=buyer.accounts.get(DEFAULT, ""),
        note=" ".join(_notes(month, netted=netted, replaces=replaces)),
        period=month.period,
        account=BankAccount(account.registration, account.number),
        preceding=replaces,
    )


def _notes(month: SettledMonth, *, netted: bool, replaces: PrecedingInvoice | None) -> Iterator[str]:
    if replaces:
        yield f"Erstatter faktura {replaces.number} af {replaces.issued_on}, som køber har afvist."
    if netted:
        yield f"Månedens poster med sag, regel og aftale står i opgørelsen for {month.told}."


def lacking(partner: Partner, *, is_paid: bool) -> list[str]:
    """What a party's bookkeeping lacks for an invoice, as its fields are called."""
    books = partner.bookkeeping or Bookkeeping()
    needed = ("cvr", "gln", "address", "bank_account" if is_paid else "buyer_reference")
    return [name for name in needed if not getattr(books, name)]


def netted_lines(payment: Payment, month: SettledMonth, booked: Iterable[Booked]) -> Iterator[InvoiceLine]:
    """The lines of a netted payment; they sum to it.

    One for each rule of an agreement's version by which one of the two owes the other, as a sum: below zero where it is
    owed the other way. What is set off with the other parties stands in one line more, without their names: what they
    owe each other concerns neither of these two.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for one in booked:
        for claim in claims_in(one.entries):
            if (claim.payer, claim.payee) == (payment.payer, payment.payee):
                sums[one.agreement, one.rule or PLAIN] += claim.amount_ore
            elif (claim.payee, claim.payer) == (payment.payer, payment.payee):
                sums[one.agreement, one.rule or PLAIN] -= claim.amount_ore
    rest = payment.amount_ore - sum(sums.values())
    told = [(f"Udligning {month.told} {rule}", *of, rule, ore) for (of, rule), ore in _by_version(sums) if ore]
    if rest:
        told.append((f"Modregnet med de øvrige parter {month.told}", NETTED, 1, NETTED, rest))
    for number, (name, agreement, version, rule, ore) in enumerate(told, 1):
        yield InvoiceLine(
            id=str(number),
            name=name,
            amount_ore=ore,
            case_reference=month.told,
            agreement=agreement,
            version=version,
            rule=rule,
            text=OF_THE_OTHERS if rule == NETTED else "",
        )


def _by_version(sums: Mapping[tuple[str, str], int]) -> Iterator[tuple[tuple[tuple[str, int], str], int]]:
    """The sums in order, by the agreement's id and version and the rule."""
    for (told, rule), ore in sorted(sums.items()):
        agreement, _, version = told.rpartition("/")
        yield ((agreement, int(version)), rule), ore


def gross_lines(payment: Payment, booked: Iterable[Booked]) -> Iterator[InvoiceLine]:
    """A line for each booking by which the payer owes the payee; they sum to the payment.

    Where an association pays or is paid, a case is named by the pseudonym under which the association knows it.
    """
    is_told_an_association = any(is_a(one, PartyKind.ASSOCIATION) for one in (payment.payer, payment.payee))
    number = 0
    for one in booked:
        for claim in claims_in(one.entries):
            if (claim.payer, claim.payee) == (payment.payer, payment.payee):
                number += 1
                agreement, _, version = one.agreement.rpartition("/")
                rule = one.rule or PLAIN
                reference = one.pseudonym if is_told_an_association else one.reference
                yield InvoiceLine(
                    id=str(number),
                    name=f"Udligning {reference} {rule}",
                    amount_ore=claim.amount_ore,
                    case_reference=reference,
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
