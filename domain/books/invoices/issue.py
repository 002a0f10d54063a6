"""Makes an invoice or a credit note of a statement's lines, with totals that follow from the lines alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NotRequired, TypedDict, Unpack

from domain.books.invoices.danish import DANISH_RULES
from domain.books.invoices.invoice import (
    BankAccount,
    DocumentType,
    Invoice,
    InvoiceLine,
    InvoiceParty,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)
from domain.books.invoices.rules import RULES, broken_rules
from domain.errors import Invalid

# What finance systems and our own database count with.
LARGEST_ORE = 2**63 - 1
# Far more lines than a municipality has cases in a month.
MOST_LINES = 10_000
LONGEST_TEXT = 200
# BT-22, the note to the whole, may have several sentences.
LONGEST_NOTE = 1_000


class Written(TypedDict):
    """What every invoice and credit note is made of. A credit note's line says what the buyer gets back."""

    number: str
    issued_on: date
    due_on: date
    seller: InvoiceParty
    buyer: InvoiceParty
    lines: tuple[InvoiceLine, ...]
    buyer_reference: str
    accounting_cost: NotRequired[str]
    note: NotRequired[str]
    period: NotRequired[tuple[date, date] | None]


def issue_invoice(
    *, account: BankAccount, preceding: PrecedingInvoice | None = None, **written: Unpack[Written]
) -> Invoice:
    """An invoice to a party that owes, in the place of an earlier one if it names one.

    `Invalid` when it breaks a rule, or when the lines are owed the other way.
    """
    return _checked(replace(_of(DocumentType.INVOICE, written), account=account, preceding=preceding))


def issue_credit_note(*, preceding: PrecedingInvoice, **written: Unpack[Written]) -> Invoice:
    """A credit note for an earlier invoice. `Invalid` as above."""
    return _checked(replace(_of(DocumentType.CREDIT_NOTE, written), preceding=preceding))


def _of(kind: DocumentType, written: Written) -> Invoice:
    return Invoice(**written, type=kind, vat=_vat(written["lines"]), totals=_totals(written["lines"]))


def _totals(lines: Sequence[InvoiceLine]) -> Totals:
    total = sum(line.amount_ore for line in lines)
    return Totals(lines_ore=total, without_vat_ore=total, with_vat_ore=total, due_ore=total)


def _vat(lines: Sequence[InvoiceLine]) -> tuple[VatBreakdown, ...]:
    return (VatBreakdown(taxable_ore=sum(line.amount_ore for line in lines)),)


def _checked(invoice: Invoice) -> Invoice:
    """The same invoice. `Invalid` names the first place that is wrong; it holds no text of the invoice."""
    if len(invoice.lines) > MOST_LINES:
        raise Invalid("lines", f"more than {MOST_LINES}")
    if any(abs(line.amount_ore) > LARGEST_ORE for line in invoice.lines) or invoice.totals.due_ore > LARGEST_ORE:
        raise Invalid("lines", "an amount that 64 bits cannot hold")
    for place, text in _texts(invoice):
        limit = LONGEST_NOTE if place == "note" else LONGEST_TEXT
        if len(text) > limit:
            raise Invalid(place, f"longer than {limit} signs")
        if not text.isprintable():
            raise Invalid(place, "must be one line of signs that are seen")
    if broken := broken_rules(invoice, (*RULES, *DANISH_RULES)):
        raise Invalid("invoice", "; ".join(f"{one.id} {one.text}" for one in broken))
    return invoice


def _texts(invoice: Invoice) -> list[tuple[str, str]]:
    """Every text that somebody else wrote, with its place."""
    texts = [
        ("number", invoice.number),
        ("buyer_reference", invoice.buyer_reference),
        ("accounting_cost", invoice.accounting_cost),
        ("note", invoice.note),
    ]
    for place, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        address = party.address
        said = (party.name, party.cvr, party.gln, address.street, address.city, address.post_code, address.country)
        texts += [(place, text) for text in said]
    if invoice.account:
        texts += [("account", invoice.account.registration), ("account", invoice.account.account)]
    if invoice.preceding:
        texts.append(("preceding", invoice.preceding.number))
    for line in invoice.lines:
        texts += [
            ("lines", text) for text in (line.id, line.name, line.case_reference, line.agreement, line.rule, line.text)
        ]
    return texts
