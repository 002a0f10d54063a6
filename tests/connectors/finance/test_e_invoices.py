"""Both forms of an e-invoice: whole by UBL's own schema, the same bytes for the same invoice, and nothing is markup."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import peppol
import pytest
from hypothesis import given
from lxml import etree

from connectors.finance.oioubl import oioubl_invoice
from connectors.finance.ubl import ubl_invoice
from domain.books.invoices.invoice import Invoice
from domain.books.shares import kroner
from domain.errors import Invalid
from tests.domain.books.any_invoices import invoices
from tests.domain.books.some_invoices import a_credit_note, an_invoice

GOLDEN = Path(__file__).parent / "golden"
FORMS: dict[str, Callable[[Invoice], bytes]] = {"ubl": ubl_invoice, "oioubl": oioubl_invoice}
WHOLE = {"invoice": an_invoice, "credit_note": a_credit_note}
HOSTILE = '</cbc:Name><!--]]>&amp;&#60;<script>alert("æ\'ø")</script>--> {{7*7}} =1+1 \u202e'
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
EACH = pytest.mark.parametrize("form", FORMS)
BOTH = pytest.mark.parametrize("kind", WHOLE)


def found(written: bytes, path: str) -> list[str]:
    return [one.text or "" for one in etree.fromstring(written).findall(path, NAMES)]


@EACH
@BOTH
def test_it_is_written_byte_for_byte_as_in_the_file(form: str, kind: str):
    assert FORMS[form](WHOLE[kind]()) == (GOLDEN / f"{form}_{kind}.xml").read_bytes()


@EACH
@BOTH
def test_it_is_whole_by_the_schema_of_ubl_2_1(form: str, kind: str):
    assert peppol.validate_xsd(FORMS[form](WHOLE[kind]())) == (True, [])


@EACH
def test_the_schema_would_find_what_is_wrong(form: str):
    written = FORMS[form](an_invoice()).replace(b"LegalMonetaryTotal", b"LegalTotal")

    is_whole, _why = peppol.validate_xsd(written)

    assert not is_whole


@BOTH
def test_another_program_finds_no_broken_rule_in_it(kind: str):
    assert peppol.check_rules(ubl_invoice(WHOLE[kind]())) == []


@given(invoices())
def test_any_invoice_is_whole_in_both_forms_and_loses_no_ore(invoice: Invoice):
    for write in FORMS.values():
        written = write(invoice)
        line = "CreditNoteLine" if invoice.is_credit_note else "InvoiceLine"

        assert peppol.validate_xsd(written) == (True, [])
        assert written == write(replace(invoice))
        assert found(written, "cac:LegalMonetaryTotal/cbc:PayableAmount") == [kroner(invoice.totals.due_ore)]
        amounts = found(written, f"cac:{line}/cbc:LineExtensionAmount")
        assert sum(map(Decimal, amounts)) * 100 == invoice.totals.due_ore
        assert not [one for one in etree.fromstring(written).iter("*") if not len(one) and not (one.text or "").strip()]


@EACH
@BOTH
def test_what_others_wrote_is_text_and_never_markup(form: str, kind: str):
    invoice = WHOLE[kind]()
    spoilt = replace(
        invoice,
        number=HOSTILE,
        note=HOSTILE,
        accounting_cost=HOSTILE,
        buyer_reference=HOSTILE,
        buyer=replace(invoice.buyer, name=HOSTILE, address=replace(invoice.buyer.address, street=HOSTILE)),
        lines=(replace(invoice.lines[0], name=HOSTILE, rule=HOSTILE, case_reference=HOSTILE, unit='E"A<&'),),
    )

    written = FORMS[form](spoilt)

    for path in ("cbc:ID", "cbc:Note", "cbc:AccountingCost", ".//cbc:RegistrationName", ".//cbc:StreetName"):
        assert HOSTILE in found(written, path)
    assert [one.tag for one in etree.fromstring(written).iter("*")] == [
        one.tag for one in etree.fromstring(FORMS[form](replace(invoice, lines=invoice.lines[:1]))).iter("*")
        # A long number is no note on a payment of 20 signs.
        if form == "ubl" or not str(one.tag).endswith("PaymentNote")
    ]  # fmt: skip
    assert peppol.validate_xsd(written)[0]


@EACH
@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_sign_that_xml_cannot_hold_is_refused(form: str, sign: str):
    with pytest.raises(Invalid) as refused:
        FORMS[form](replace(an_invoice(), note=f"a{sign}b"))

    assert "cannot hold" in refused.value.reason


@EACH
def test_a_carriage_return_and_a_tab_stay_what_they_are(form: str):
    assert found(FORMS[form](replace(an_invoice(), note="a\r\nb\tc")), "cbc:Note") == ["a\r\nb\tc"]


def test_no_vat_is_said_as_each_form_wants():
    peppols, danish = ubl_invoice(an_invoice()), oioubl_invoice(an_invoice())
    category, item = (
        "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/",
        "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/",
    )

    assert found(peppols, f"{category}cbc:ID") == ["O"]
    assert found(peppols, f"{category}cbc:TaxExemptionReasonCode") == ["VATEX-EU-O"]
    assert found(peppols, f"{item}cbc:ID") == ["O"] * 3
    assert found(peppols, ".//cbc:Percent") == found(peppols, ".//cac:PartyTaxScheme") == []
    assert found(peppols, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount") == ["25596.37"]

    assert found(danish, f"{category}cbc:ID") == ["ZeroRated"]
    assert found(danish, f"{item}cbc:ID") == ["ZeroRated"] * 3
    assert set(found(danish, ".//cbc:Percent")) == {"0"}
    assert set(found(danish, ".//cbc:TaxAmount")) == {"0.00"}
    # The sum of the taxes, which OIOUBL has under this name.
    assert found(danish, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount") == ["0.00"]
    assert found(danish, "cac:InvoiceLine/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount") == found(
        danish, "cac:InvoiceLine/cbc:LineExtensionAmount"
    )


def test_an_invoice_with_vat_is_not_written_as_oioubl():
    invoice = an_invoice()

    with pytest.raises(Invalid):
        oioubl_invoice(replace(invoice, totals=replace(invoice.totals, vat_ore=1)))
    with pytest.raises(Invalid):
        oioubl_invoice(replace(invoice, vat=(replace(invoice.vat[0], category="S"),)))


@EACH
def test_the_account_string_the_account_and_the_case_stand_where_finance_systems_look(form: str):
    written = FORMS[form](an_invoice())
    account = "cac:PaymentMeans/cac:PayeeFinancialAccount/"

    assert found(written, "cbc:AccountingCost") == ["5250;12-4502;æøå"]
    assert found(written, "cac:PaymentMeans/cbc:PaymentMeansCode") == ["42"]
    assert found(written, f"{account}cbc:ID") == ["0440116243"]
    assert found(written, f"{account}cac:FinancialInstitutionBranch/cbc:ID") == ["0040"]
    assert found(written, "cac:InvoiceLine/cac:DocumentReference/cbc:ID") == [
        line.case_reference for line in an_invoice().lines
    ]
    assert all("Aftale nordøerne version" in note for note in found(written, "cac:InvoiceLine/cbc:Note"))
