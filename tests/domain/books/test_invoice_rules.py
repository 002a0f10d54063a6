"""Each rule of EN 16931 that can be broken is broken once, and no rule is left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.books.invoices.invoice import Invoice, PrecedingInvoice, VatBreakdown
from domain.books.invoices.rules import NEVER_MET, RULES, broken_rules
from tests.domain.books.some_invoices import a_credit_note, an_invoice

# The rules of EN 16931 as CEN's schematron for UBL has them, but for code lists (BR-CL) and VAT in other categories.
OF_THE_STANDARD = (
    {f"BR-{number:02}" for number in range(1, 66) if number not in {34, 35, 39, 40, 58, 59, 60}}
    | {f"BR-CO-{number:02}" for number in range(3, 27)}
    | {f"BR-O-{number:02}" for number in range(1, 15)}
    | {f"BR-DEC-{number:02}" for number in (1, 2, 5, 6, *range(9, 21), 23, 24, 25, 27, 28)}
)


def with_totals(**changed: Any) -> Callable[[Invoice], Invoice]:
    return lambda invoice: replace(invoice, totals=replace(invoice.totals, **changed))


def with_line(**changed: Any) -> Callable[[Invoice], Invoice]:
    return lambda invoice: replace(invoice, lines=(replace(invoice.lines[0], **changed), *invoice.lines[1:]))


def with_vat(**changed: Any) -> Callable[[Invoice], Invoice]:
    return lambda invoice: replace(invoice, vat=(replace(invoice.vat[0], **changed),))


def with_party(side: str, **changed: Any) -> Callable[[Invoice], Invoice]:
    return lambda invoice: replace(invoice, **{side: replace(getattr(invoice, side), **changed)})


def with_address(side: str, **changed: Any) -> Callable[[Invoice], Invoice]:
    def spoilt(invoice: Invoice) -> Invoice:
        party = getattr(invoice, side)
        return replace(invoice, **{side: replace(party, address=replace(party.address, **changed))})

    return spoilt


def with_changed(**changed: Any) -> Callable[[Invoice], Invoice]:
    return lambda invoice: replace(invoice, **changed)


NOWHERE = {"street": "", "city": " ", "post_code": ""}
TAXED = VatBreakdown(0, 0, "S", Decimal(25), "", "")
# What spoils an invoice, and every rule that it breaks then.
SPOILT: list[tuple[str, Callable[[Invoice], Invoice]]] = [
    ("BR-02", with_changed(number=" ")),
    ("BR-05", with_changed(currency="")),
    ("BR-06", with_party("seller", name="")),
    ("BR-07", with_party("buyer", name="\u2003")),
    ("BR-08", with_address("seller", **NOWHERE)),
    ("BR-09", with_address("seller", country="")),
    ("BR-10", with_address("buyer", **NOWHERE)),
    ("BR-11", with_address("buyer", country=" ")),
    ("BR-16 BR-CO-10 BR-CO-13 BR-O-08", with_changed(lines=())),
    ("BR-21", with_line(id="")),
    ("BR-23", with_line(unit="")),
    ("BR-25", with_line(name=" ")),
    ("BR-29", with_changed(period=(date(2026, 3, 31), date(2026, 3, 1)))),
    ("BR-47 BR-48 BR-O-01", with_vat(category="")),
    ("BR-48 BR-O-01", with_vat(category="E")),
    ("BR-CO-04 BR-O-08 BR-O-12", with_line(vat_category="")),
    ("BR-CO-09 BR-O-02", with_party("buyer", vat_id="12345678")),
    ("BR-CO-10", with_totals(lines_ore=1)),
    ("BR-CO-11 BR-CO-13", with_totals(allowances_ore=1)),
    ("BR-CO-12 BR-CO-13", with_totals(charges_ore=1)),
    ("BR-CO-13 BR-CO-15", with_totals(without_vat_ore=1)),
    ("BR-CO-14 BR-CO-15", with_totals(vat_ore=1)),
    ("BR-CO-15 BR-CO-16", with_totals(with_vat_ore=1)),
    ("BR-CO-16", with_totals(due_ore=1)),
    ("BR-CO-16", with_totals(paid_ore=1)),
    ("BR-CO-16", with_totals(rounding_ore=-1)),
    ("BR-CO-14 BR-CO-17 BR-O-09", with_vat(vat_ore=1)),
    ("BR-CO-17", with_vat(rate=Decimal(25))),
    ("BR-CO-18 BR-O-01", with_changed(vat=())),
    ("BR-CO-25", with_changed(due_on=None)),
    ("BR-CO-26", with_party("seller", cvr="")),
    ("BR-O-02", with_party("seller", vat_id="DK00000019")),
    ("BR-O-05", with_line(vat_rate=Decimal(0))),
    ("BR-O-08", with_vat(taxable_ore=1)),
    ("BR-O-10", with_vat(reason=" ", reason_code="")),
    ("BR-O-11", lambda invoice: replace(invoice, vat=(*invoice.vat, TAXED))),
    ("BR-O-01", lambda invoice: replace(invoice, vat=invoice.vat * 2)),
    ("BR-O-08 BR-O-12", with_line(vat_category="S", vat_rate=Decimal(25))),
    ("BR-DEC-09", lambda invoice: with_totals(lines_ore=float(invoice.totals.lines_ore))(invoice)),
    ("BR-DEC-10", with_totals(allowances_ore=0.0)),
    ("BR-DEC-11", with_totals(charges_ore=Decimal(0))),
    ("BR-DEC-12", lambda invoice: with_totals(without_vat_ore=float(invoice.totals.without_vat_ore))(invoice)),
    ("BR-DEC-13", with_totals(vat_ore=False)),
    ("BR-DEC-14", lambda invoice: with_totals(with_vat_ore=float(invoice.totals.with_vat_ore))(invoice)),
    ("BR-DEC-16", with_totals(paid_ore=0.0)),
    ("BR-DEC-17", with_totals(rounding_ore=0.0)),
    ("BR-DEC-18", lambda invoice: with_totals(due_ore=float(invoice.totals.due_ore))(invoice)),
    ("BR-DEC-19", lambda invoice: with_vat(taxable_ore=float(invoice.vat[0].taxable_ore))(invoice)),
    ("BR-DEC-20", with_vat(vat_ore=0.0)),
    ("BR-DEC-23", lambda invoice: with_line(amount_ore=float(invoice.lines[0].amount_ore))(invoice)),
]


@pytest.mark.parametrize(("ids", "spoil"), [pytest.param(*case, id=case[0]) for case in SPOILT])
def test_what_is_wrong_breaks_its_rules_and_no_others(ids: str, spoil: Callable[[Invoice], Invoice]):
    assert " ".join(sorted(rule.id for rule in broken_rules(spoil(an_invoice())))) == " ".join(sorted(ids.split()))


def test_an_account_without_a_number_and_a_preceding_invoice_without_one_are_found():
    invoice, note = an_invoice(), a_credit_note()
    assert invoice.account

    without_account = replace(invoice, account=replace(invoice.account, account=""))
    without_number = replace(note, preceding=PrecedingInvoice("", date(2026, 1, 1)))

    assert [rule.id for rule in broken_rules(without_account)] == ["BR-50"]
    assert [rule.id for rule in broken_rules(without_number)] == ["BR-55"]


@pytest.mark.parametrize("whole", [an_invoice(), a_credit_note()], ids=["invoice", "credit note"])
def test_a_whole_one_breaks_none(whole: Invoice):
    assert broken_rules(whole) == []


def test_each_rule_is_broken_by_some_case():
    broken = {one for ids, _ in SPOILT for one in ids.split()} | {"BR-50", "BR-55"}

    assert broken == {rule.id for rule in RULES}


def test_no_rule_of_the_standard_is_left_out_or_told_twice():
    held = [rule.id for rule in RULES]

    assert len(held) == len(set(held))
    assert set(held) & NEVER_MET.keys() == set()
    assert set(held) | NEVER_MET.keys() == OF_THE_STANDARD


@pytest.mark.parametrize(
    ("taxable_ore", "rate", "vat_ore"),
    [(1_000, "25", 250), (10, "25", 3), (-10, "25", -3), (9, "25", 2), (1, "0", 0), (7, "12.5", 1)],
)
def test_vat_at_a_rate_is_rounded_to_the_nearest_ore_and_half_away_from_zero(taxable_ore: int, rate: str, vat_ore: int):
    taxed = replace(an_invoice(), vat=(VatBreakdown(taxable_ore, vat_ore, "S", Decimal(rate), "", ""),))
    one_more = replace(an_invoice(), vat=(VatBreakdown(taxable_ore, vat_ore + 1, "S", Decimal(rate), "", ""),))

    assert "BR-CO-17" not in {rule.id for rule in broken_rules(taxed)}
    assert "BR-CO-17" in {rule.id for rule in broken_rules(one_more)}
