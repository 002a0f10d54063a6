"""An invoice and a credit note of invented parties, whole, for tests that spoil or write them."""

from datetime import date

from domain.books.invoices.invoice import (
    BankAccount,
    Invoice,
    InvoiceLine,
    InvoiceParty,
    PostalAddress,
    PrecedingInvoice,
)
from domain.books.invoices.issue import issue_credit_note, issue_invoice


def gln(number: int) -> str:
    """A location number of invented digits, with its check digit (GS1)."""
    digits = f"{number:012}"
    weighted = sum(int(sign) * (3 if at % 2 else 1) for at, sign in enumerate(digits))
    return f"{digits}{-weighted % 10}"


BUYER = InvoiceParty(
    name="Ærødal Kommune, Økonomi & Løn",
    cvr="00000019",
    gln=gln(579800000001),
    address=PostalAddress(street="Rådhuspladsen 1", city="Ærødal", post_code="0999"),
)
SELLER = InvoiceParty(
    name="Bøgelund Kommune",
    cvr="00000027",
    gln=gln(579800000002),
    address=PostalAddress(street="Åløkken 7", city="Bøgelund", post_code="0998"),
)
LINES = (
    InvoiceLine(
        id="1",
        name="Modtagelsesbeløb for en familie",
        amount_ore=3_500_000,
        case_reference="TF-2026-00042",
        agreement="nordøerne",
        version=3,
        rule="reception_per_family",
    ),
    InvoiceLine(
        id="2",
        name="Tomgangsleje, 12 dage à 245,17 kr., for en bolig der stod reserveret",
        amount_ore=294_204,
        case_reference="TF-2026-00042",
        agreement="nordøerne",
        version=3,
        rule="vacancy_rent",
    ),
    InvoiceLine(
        id="3",
        name="Tilbageført for 41 dage",
        amount_ore=-1_234_567,
        case_reference="TF-2026-00017",
        agreement="nordøerne",
        version=2,
        rule="reversal",
    ),
)


def an_invoice() -> Invoice:
    return issue_invoice(
        number="2026-0001234",
        issued_on=date(2026, 4, 1),
        due_on=date(2026, 4, 30),
        seller=SELLER,
        buyer=BUYER,
        account=BankAccount(registration="0040", account="0440116243"),
        lines=LINES,
        buyer_reference="Å. Økonomi <4711>",
        accounting_cost="5250;12-4502;æøå",
        note="Afregning for marts 2026 efter aftalen. Der opkræves ikke moms.",
        period=(date(2026, 3, 1), date(2026, 3, 31)),
    )


def a_credit_note() -> Invoice:
    return issue_credit_note(
        number="2026-0001260",
        issued_on=date(2026, 5, 4),
        due_on=date(2026, 5, 29),
        seller=SELLER,
        buyer=BUYER,
        preceding=PrecedingInvoice("2026-0001234", date(2026, 4, 1)),
        lines=LINES[:1],
        buyer_reference="Å. Økonomi <4711>",
        accounting_cost="5250;12-4502;æøå",
        note="Kreditnota: retter faktura 2026-0001234 efter aftalens regel.",
    )
