"""An invoice or credit note as Peppol BIS Billing 3.0: EN 16931 in UBL 2.1.

Order of elements by the schema of UBL 2.1, held in the tests by that schema; identifiers and schemes by OpenPeppol's
schematron of BIS Billing 3.0. No VAT is said by category O with VATEX-EU-O and a text, no rate (BR-O-05) and no VAT
identifier (BR-O-02). *Not verified* by an access point.
"""

from connectors.finance.xml_written import Element, cac, cbc, document, said
from domain.books.invoices.invoice import Invoice, InvoiceLine, InvoiceParty, VatBreakdown
from domain.books.shares import kroner

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# ISO 6523 schemes: a GLN, and a Danish CVR number.
GLN, CVR = "0088", "0184"
# UNCL 4461: to a bank account. UNTDID 1001: what is invoiced.
TO_A_BANK_ACCOUNT, INVOICED_OBJECT = "42", "130"


def ubl_invoice(invoice: Invoice) -> bytes:
    """The document's bytes: an Invoice or a CreditNote."""
    is_credit_note = invoice.is_credit_note
    root = "CreditNote" if is_credit_note else "Invoice"
    due_on = invoice.due_on.isoformat() if invoice.due_on else ""
    return document(
        root,
        (
            cbc("CustomizationID", CUSTOMIZATION),
            cbc("ProfileID", PROFILE),
            cbc("ID", invoice.number),
            cbc("IssueDate", invoice.issued_on.isoformat()),
            None if is_credit_note else said("DueDate", due_on),
            cbc(f"{root}TypeCode", invoice.type),
            said("Note", invoice.note),
            cbc("DocumentCurrencyCode", invoice.currency),
            said("AccountingCost", invoice.accounting_cost),
            said("BuyerReference", invoice.buyer_reference),
            period(invoice),
            preceding(invoice),
            cac("AccountingSupplierParty", _party(invoice.seller)),
            cac("AccountingCustomerParty", _party(invoice.buyer)),
            _payment_means(invoice),
            # UBL's credit note has no due date, and BR-CO-25 is content with terms.
            cac("PaymentTerms", cbc("Note", f"Forfaldsdato: {due_on}")) if is_credit_note and due_on else None,
            _tax_total(invoice),
            _monetary_total(invoice),
            *(_line(line, invoice) for line in invoice.lines),
        ),
    )


def amount(name: str, ore: int, invoice: Invoice) -> Element:
    """An amount in the invoice's currency."""
    return cbc(name, kroner(ore), currencyID=invoice.currency)


def period(invoice: Invoice) -> Element | None:
    """BG-14, the month that is settled."""
    if invoice.period is None:
        return None
    begin, end = invoice.period
    return cac("InvoicePeriod", cbc("StartDate", begin.isoformat()), cbc("EndDate", end.isoformat()))


def preceding(invoice: Invoice) -> Element | None:
    """BG-3, the invoice that a credit note corrects, or that an invoice replaces."""
    if invoice.preceding is None:
        return None
    told = (cbc("ID", invoice.preceding.number), cbc("IssueDate", invoice.preceding.issued_on.isoformat()))
    return cac("BillingReference", cac("InvoiceDocumentReference", *told))


def _party(party: InvoiceParty) -> Element:
    address = party.address
    return cac(
        "Party",
        cbc("EndpointID", party.gln, schemeID=GLN),
        cac("PartyName", cbc("Name", party.name)),
        cac(
            "PostalAddress",
            cbc("StreetName", address.street),
            cbc("CityName", address.city),
            cbc("PostalZone", address.post_code),
            cac("Country", cbc("IdentificationCode", address.country)),
        ),
        cac("PartyLegalEntity", cbc("RegistrationName", party.name), cbc("CompanyID", party.danish_cvr, schemeID=CVR)),
    )


def _payment_means(invoice: Invoice) -> Element | None:
    """BG-16 with both numbers of the account (DK-R-006); the payment's text (BT-83) is the invoice's number."""
    if invoice.account is None:
        return None
    return cac(
        "PaymentMeans",
        cbc("PaymentMeansCode", TO_A_BANK_ACCOUNT),
        cbc("PaymentID", invoice.number),
        cac(
            "PayeeFinancialAccount",
            cbc("ID", invoice.account.account),
            cac("FinancialInstitutionBranch", cbc("ID", invoice.account.registration)),
        ),
    )


def _tax_total(invoice: Invoice) -> Element:
    parts = (
        cac(
            "TaxSubtotal",
            amount("TaxableAmount", part.taxable_ore, invoice),
            amount("TaxAmount", part.vat_ore, invoice),
            _tax_category(part),
        )
        for part in invoice.vat
    )
    return cac("TaxTotal", amount("TaxAmount", invoice.totals.vat_ore, invoice), *parts)


def _tax_category(part: VatBreakdown) -> Element:
    return cac(
        "TaxCategory",
        cbc("ID", part.category),
        None if part.rate is None else cbc("Percent", f"{part.rate:f}"),
        said("TaxExemptionReasonCode", part.reason_code),
        said("TaxExemptionReason", part.reason),
        cac("TaxScheme", cbc("ID", "VAT")),
    )


def _monetary_total(invoice: Invoice) -> Element:
    totals = invoice.totals
    return cac(
        "LegalMonetaryTotal",
        amount("LineExtensionAmount", totals.lines_ore, invoice),
        amount("TaxExclusiveAmount", totals.without_vat_ore, invoice),
        amount("TaxInclusiveAmount", totals.with_vat_ore, invoice),
        amount("PrepaidAmount", totals.paid_ore, invoice) if totals.paid_ore else None,
        amount("PayableRoundingAmount", totals.rounding_ore, invoice) if totals.rounding_ore else None,
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
        cac("DocumentReference", cbc("ID", line.case_reference), cbc("DocumentTypeCode", INVOICED_OBJECT)),
        cac(
            "Item",
            cbc("Name", line.name),
            cac(
                "ClassifiedTaxCategory",
                cbc("ID", line.vat_category),
                None if line.vat_rate is None else cbc("Percent", f"{line.vat_rate:f}"),
                cac("TaxScheme", cbc("ID", "VAT")),
            ),
        ),
        cac("Price", amount("PriceAmount", line.price_ore, invoice)),
    )
