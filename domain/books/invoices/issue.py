"""Makes an invoice or a credit note of a statement's lines, with totals that follow from the lines alone."""

from collections.abc import Sequence
from datetime import date

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


def issue_invoice(
    *,
    number: str,
    issued_on: date,
    due_on: date,
    seller: InvoiceParty,
    buyer: InvoiceParty,
    account: BankAccount,
    lines: Sequence[InvoiceLine],
    buyer_reference: str,
    accounting_cost: str = "",
    note: str = "",
    period: tuple[date, date] | None = None,
) -> Invoice:
    """An invoice to a party that owes. `Invalid` when it breaks a rule, or when the lines are owed the other way."""
    return _checked(
        Invoice(
            number=number,
            issued_on=issued_on,
            type=DocumentType.INVOICE,
            seller=seller,
            buyer=buyer,
            buyer_reference=buyer_reference,
            lines=tuple(lines),
            vat=_vat(lines),
            totals=_totals(lines),
            due_on=due_on,
            account=account,
            accounting_cost=accounting_cost,
            note=note,
            period=period,
        )
    )


def issue_credit_note(
    *,
    number: str,
    issued_on: date,
    due_on: date,
    seller: InvoiceParty,
    buyer: InvoiceParty,
    preceding: PrecedingInvoice,
    lines: Sequence[InvoiceLine],
    buyer_reference: str,
    accounting_cost: str = "",
    note: str = "",
    period: tuple[date, date] | None = None,
) -> Invoice:
    """A credit note for an earlier invoice: a line's amount is what the buyer gets back. `Invalid` as above."""
    return _checked(
        Invoice(
            number=number,
            issued_on=issued_on,
            type=DocumentType.CREDIT_NOTE,
            seller=seller,
            buyer=buyer,
            buyer_reference=buyer_reference,
            lines=tuple(lines),
            vat=_vat(lines),
            totals=_totals(lines),
            due_on=due_on,
            preceding=preceding,
            accounting_cost=accounting_cost,
            note=note,
            period=period,
        )
    )


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
        texts += [("lines", text) for text in (line.id, line.name, line.case_reference, line.agreement, line.rule)]
    return texts
