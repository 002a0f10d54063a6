"""Any invoice and credit note, drawn."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from domain.books.invoices.invoice import (
    BankAccount,
    Invoice,
    InvoiceLine,
    InvoiceParty,
    PostalAddress,
    PrecedingInvoice,
)
from domain.books.invoices.issue import issue_credit_note, issue_invoice
from tests.domain.books.some_invoices import gln

SEEN = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
TEXTS = st.text(SEEN, min_size=1, max_size=20).filter(str.strip)
DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@st.composite
def parties(draw: st.DrawFn) -> InvoiceParty:
    address = PostalAddress(draw(TEXTS), draw(TEXTS), draw(TEXTS))
    cvr, digits = draw(st.integers(0, 10**8 - 1)), draw(st.integers(0, 10**12 - 1))
    return InvoiceParty(draw(TEXTS), f"{cvr:08}", gln(digits), address)


def lines(amounts: st.SearchStrategy[int]) -> st.SearchStrategy[InvoiceLine]:
    return st.builds(InvoiceLine, TEXTS, TEXTS, amounts, TEXTS, TEXTS, st.integers(1, 999), TEXTS)


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Any invoice or credit note whose lines are owed by the buyer, or by nobody."""
    owed = draw(st.lists(lines(st.integers(-(10**9), 10**12)), min_size=1, max_size=5))
    total = sum(line.amount_ore for line in owed)
    if total < 0:
        owed.append(replace(owed[0], id="sidste", amount_ore=-total + draw(st.integers(0, 100))))
    begin, end = sorted((draw(DAYS), draw(DAYS)))
    told: dict[str, Any] = {
        "number": draw(TEXTS),
        "issued_on": end,
        "due_on": draw(DAYS),
        "seller": draw(parties()),
        "buyer": draw(parties()),
        "lines": owed,
        "buyer_reference": draw(TEXTS),
        "accounting_cost": draw(st.just("") | TEXTS),
        "note": draw(st.just("") | TEXTS),
        "period": draw(st.none() | st.just((begin, end))),
    }
    if draw(st.booleans()):
        return issue_credit_note(**told, preceding=PrecedingInvoice(draw(TEXTS), begin))
    account = BankAccount(f"{draw(st.integers(0, 9999)):04}", str(draw(st.integers(0, 10**10 - 1))))
    return issue_invoice(**told, account=account)
