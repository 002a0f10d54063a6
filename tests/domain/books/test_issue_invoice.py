"""An invoice made of lines breaks no rule, and what cannot be invoiced is refused without saying what it was."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.invoices.danish import DANISH_RULES
from domain.books.invoices.invoice import BankAccount, Invoice
from domain.books.invoices.issue import LARGEST_ORE, MOST_LINES, issue_invoice
from domain.books.invoices.rules import RULES, broken_rules
from domain.books.shares import kroner
from domain.errors import Invalid
from domain.text.danish_numbers import is_gln
from tests.domain.books.any_invoices import invoices
from tests.domain.books.some_invoices import BUYER, LINES, SELLER

ALL_RULES = (*RULES, *DANISH_RULES)


@given(invoices())
def test_an_invoice_made_of_lines_breaks_no_rule_and_loses_no_ore(invoice: Invoice):
    assert broken_rules(invoice, ALL_RULES) == []
    assert invoice.totals.due_ore == sum(line.quantity * line.price_ore for line in invoice.lines)


@given(st.integers(-(2**63), 2**63 - 1))
def test_kroner_are_written_with_two_decimals_and_nothing_is_lost(ore: int):
    written = kroner(ore)

    assert int(written.replace(".", "")) == ore
    assert written[-3] == "."
    assert written.startswith("-") == (ore < 0)


def told(**changed: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "number": "2026-0001234",
        "issued_on": date(2026, 4, 1),
        "due_on": date(2026, 4, 30),
        "seller": SELLER,
        "buyer": BUYER,
        "account": BankAccount("0040", "0440116243"),
        "lines": LINES,
        "buyer_reference": "4711",
    }
    return whole | changed


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        pytest.param({"lines": ()}, "invoice", "BR-16", id="no lines"),
        pytest.param({"lines": LINES[2:]}, "invoice", "DK-R-016", id="owed the other way"),
        pytest.param({"lines": LINES * (MOST_LINES // 3 + 1)}, "lines", "more than", id="too many lines"),
        pytest.param({"lines": (replace(LINES[0], amount_ore=2**63),)}, "lines", "64 bits", id="too large"),
        pytest.param({"lines": (replace(LINES[0], amount_ore=2**62),) * 2}, "lines", "64 bits", id="sum too large"),
        pytest.param({"lines": (replace(LINES[0], amount_ore=-(2**63)),)}, "lines", "64 bits", id="too small"),
        pytest.param({"lines": (replace(LINES[0], case_reference=""),)}, "invoice", "R008", id="no case"),
        pytest.param({"lines": (replace(LINES[0], name="a\x00b"),)}, "lines", "signs", id="a sign not seen"),
        pytest.param({"lines": (replace(LINES[0], name="x" * 201),)}, "lines", "longer", id="a long name"),
        pytest.param({"lines": (replace(LINES[0], rule="\ud800"),)}, "lines", "signs", id="half a sign"),
        pytest.param({"note": "a\nb"}, "note", "one line", id="two lines"),
        pytest.param({"note": "x" * 1_001}, "note", "longer", id="a long note"),
        pytest.param({"number": " "}, "invoice", "BR-02", id="no number"),
        pytest.param({"buyer_reference": ""}, "invoice", "R003", id="no reference"),
        pytest.param({"account": BankAccount("40", "1")}, "invoice", "DK-R-006", id="short registration"),
        pytest.param({"account": BankAccount("0040", "12345678901")}, "invoice", "DK-R-006", id="long account"),
        pytest.param({"account": BankAccount("0040", "DK50")}, "invoice", "DK-R-006", id="an IBAN"),
        pytest.param({"account": BankAccount("٠٠٤٠", "1")}, "invoice", "DK-R-006", id="other digits"),
        pytest.param({"seller": replace(SELLER, gln="5798000000017")}, "invoice", "R040", id="wrong check digit"),
        pytest.param({"buyer": replace(BUYER, gln="")}, "invoice", "R040", id="no GLN"),
        pytest.param({"buyer": replace(BUYER, cvr="DK00000019")}, "invoice", "R042", id="CVR with its country"),
        pytest.param({"buyer": replace(BUYER, vat_id="DK00000019")}, "invoice", "BR-O-02", id="VAT identifier"),
    ],
)
def test_what_cannot_be_invoiced_is_refused(changed: dict[str, Any], field: str, why: str):
    with pytest.raises(Invalid) as refused:
        issue_invoice(**told(**changed))

    assert refused.value.field == field
    assert why in refused.value.reason
    assert "TF-2026" not in str(refused.value)
    assert "Kommune" not in str(refused.value)


def test_the_largest_amount_is_invoiced_whole():
    invoice = issue_invoice(**told(lines=(replace(LINES[0], amount_ore=LARGEST_ORE),)))

    assert kroner(invoice.totals.due_ore) == "92233720368547758.07"


def test_a_line_that_takes_back_is_minus_one_at_a_price_that_is_not_negative():
    assert (LINES[2].quantity, LINES[2].price_ore) == (-1, 1_234_567)
    assert (replace(LINES[2], amount_ore=0).quantity, replace(LINES[2], amount_ore=0).price_ore) == (1, 0)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("5798009811530", True),
        ("5798009883735", True),
        ("5798009811531", False),
        ("579800981153", False),
        ("57980098115300", False),
        ("579800981153x", False),
        ("٥798009811530", False),
        ("", False),
    ],
)
def test_a_gln_has_thirteen_digits_and_its_check_digit(text: str, is_one: bool):
    assert is_gln(text) is is_one
