"""An invoice or credit note as OIOUBL 2.1, the Danish form that authorities must take until July 2029.

Read in the list of errors of the OIOUBL schematron 1.17 (F-INV for invoices, F-CRN for credit notes, F-LIB for both)
and in documents of an open converter that is checked by it. The form is UBL 2.1 too, with these differences:

- `TaxExclusiveAmount` is the sum of the taxes, not the total without them (F-INV127, F-CRN073): 0.00 here.
- A buyer has a contact with an id, the person's or department's reference (F-INV046, F-INV051).
- Each line has its own tax total (F-INV138, F-CRN081).
- No VAT is said as `ZeroRated` at 0 percent of taxcategoryid-1.1 (F-LIB309, F-LIB400), with the reason as a text: that
  list has no "not subject to VAT". Schematron 1.17 also knows a list 1.4 with O in it; *not verified* who takes it yet,
  nor that every receiver wants the reason there: no rule is against it.
- An order is named (F-INV002); `NA` where there is none, as the same converter does.
- A credit note has no means of payment, and its type is said by its root alone.
- An invoice that replaces another says so in its note: that OIOUBL lets it refer to one is *not verified*.

*Not verified* by running the schematron itself, nor by Nemhandel's test.
"""

from connectors.finance.ubl import amount, period, preceding
from connectors.finance.xml_written import Element, cac, cbc, document, said
from domain.books.invoices.invoice import NOT_SUBJECT_TO_VAT, Invoice, InvoiceLine, InvoiceParty
from domain.errors import Invalid

CUSTOMIZATION, VERSION = "OIOUBL-2.1", "2.1"
# Nordic basic billing, in which the buyer answers with an ApplicationResponse.
PROFILE, PROFILE_SCHEME = "urn:www.nesubl.eu:profiles:profile5:ver2.0", "urn:oioubl:id:profileid-1.2"
OIOUBL_AGENCY, GS1_AGENCY = "320", "9"
NO_ORDER = "NA"
LONGEST_NAME = 40
LONGEST_PAYMENT_NOTE = 20


def _list(name: str) -> dict[str, str]:
    return {"listAgencyID": OIOUBL_AGENCY, "listID": f"urn:oioubl:codelist:{name}"}


def _scheme(name: str) -> dict[str, str]:
    return {"schemeAgencyID": OIOUBL_AGENCY, "schemeID": f"urn:oioubl:id:{name}"}


def oioubl_invoice(invoice: Invoice) -> bytes:
    """The document's bytes: an Invoice or a CreditNote. `Invalid` when VAT is charged."""
    if invoice.totals.vat_ore or any(part.category != NOT_SUBJECT_TO_VAT for part in invoice.vat):
        raise Invalid("vat", "is charged, and OIOUBL is written for what is not subject to VAT alone")
    is_credit_note = invoice.is_credit_note
    type_code = None if is_credit_note else cbc("InvoiceTypeCode", invoice.type, **_list("invoicetypecode-1.1"))
    return document(
        "CreditNote" if is_credit_note else "Invoice",
        (
            cbc("UBLVersionID", VERSION),
            cbc("CustomizationID", CUSTOMIZATION),
            cbc("ProfileID", PROFILE, schemeAgencyID=OIOUBL_AGENCY, schemeID=PROFILE_SCHEME),
            cbc("ID", invoice.number),
            cbc("IssueDate", invoice.issued_on.isoformat()),
            type_code,
            said("Note", invoice.note),
            cbc("DocumentCurrencyCode", invoice.currency),
            said("AccountingCost", invoice.accounting_cost),
            period(invoice),
            cac("OrderReference", cbc("ID", NO_ORDER)),
            preceding(invoice) if is_credit_note else None,
            cac("AccountingSupplierParty", _party(invoice.seller)),
            cac("AccountingCustomerParty", _party(invoice.buyer, contact=invoice.buyer_reference)),
            _payment_means(invoice),
            _tax_total(invoice, sum(part.taxable_ore for part in invoice.vat)),
            _monetary_total(invoice),
            *(_line(line, invoice) for line in invoice.lines),
        ),
    )


def _party(party: InvoiceParty, *, contact: str = "") -> Element:
    address = party.address
    return cac(
        "Party",
        cbc("EndpointID", party.gln, schemeID="GLN", schemeAgencyID=GS1_AGENCY),
        cac("PartyName", cbc("Name", party.name)),
        cac(
            "PostalAddress",
            cbc("AddressFormatCode", "StructuredLax", **_list("addressformatcode-1.1")),
            cbc("StreetName", address.street),
            cbc("CityName", address.city),
            cbc("PostalZone", address.post_code),
            cac("Country", cbc("IdentificationCode", address.country)),
        ),
        cac(
            "PartyLegalEntity",
            cbc("RegistrationName", party.name),
            cbc("CompanyID", party.danish_cvr, schemeID="DK:CVR"),
        ),
        cac("Contact", cbc("ID", contact)) if contact.strip() else None,
    )


def _payment_means(invoice: Invoice) -> Element | None:
    """Code 42 with registration number and account (F-LIB118 to F-LIB133); the text on the payment is our number."""
    if invoice.account is None or invoice.is_credit_note:
        return None
    note = cbc("PaymentNote", invoice.number) if len(invoice.number) <= LONGEST_PAYMENT_NOTE else None
    return cac(
        "PaymentMeans",
        cbc("PaymentMeansCode", "42"),
        said("PaymentDueDate", invoice.due_on.isoformat() if invoice.due_on else ""),
        cbc("PaymentChannelCode", "DK:BANK", **_list("paymentchannelcode-1.1")),
        cac(
            "PayeeFinancialAccount",
            cbc("ID", invoice.account.account),
            note,
            cac("FinancialInstitutionBranch", cbc("ID", invoice.account.registration)),
        ),
    )


def _tax_total(invoice: Invoice, taxable_ore: int) -> Element:
    reason = next((part.reason for part in invoice.vat), "")
    return cac(
        "TaxTotal",
        amount("TaxAmount", 0, invoice),
        cac(
            "TaxSubtotal",
            amount("TaxableAmount", taxable_ore, invoice),
            amount("TaxAmount", 0, invoice),
            _tax_category("TaxCategory", reason),
        ),
    )


def _tax_category(name: str, reason: str = "") -> Element:
    scheme = cac("TaxScheme", cbc("ID", "63", **_scheme("taxschemeid-1.1")), cbc("Name", "Moms"))
    return cac(
        name,
        cbc("ID", "ZeroRated", **_scheme("taxcategoryid-1.1")),
        cbc("Percent", "0"),
        said("TaxExemptionReason", reason),
        scheme,
    )


def _monetary_total(invoice: Invoice) -> Element:
    totals = invoice.totals
    return cac(
        "LegalMonetaryTotal",
        amount("LineExtensionAmount", totals.lines_ore, invoice),
        amount("TaxExclusiveAmount", totals.vat_ore, invoice),
        amount("TaxInclusiveAmount", totals.with_vat_ore, invoice),
        amount("PayableAmount", totals.due_ore, invoice),
    )


def _line(line: InvoiceLine, invoice: Invoice) -> Element:
    quantity = "CreditedQuantity" if invoice.is_credit_note else "InvoicedQuantity"
    return cac(
        "CreditNoteLine" if invoice.is_credit_note else "InvoiceLine",
        cbc("ID", line.id),
        cbc("Note", line.note),
        cbc(quantity, str(line.quantity), unitCode=line.unit),
        amount("LineExtensionAmount", line.amount_ore, invoice),
        # A free text for the kind of document: F-LIB092 wants that or a code, and has no code for a case.
        cac("DocumentReference", cbc("ID", line.case_reference), cbc("DocumentType", "Sag")),
        _tax_total(invoice, line.amount_ore),
        cac(
            "Item",
            cbc("Description", line.name),
            cbc("Name", line.name.strip()[:LONGEST_NAME].strip()),
            _tax_category("ClassifiedTaxCategory"),
        ),
        cac("Price", amount("PriceAmount", line.price_ore, invoice)),
    )
