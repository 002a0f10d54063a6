"""An invoice (faktura) or credit note (kreditnota) as EN 16931-1:2017 names it, for a month's compensation.

BT and BG are the standard's numbers of a business term and of a group of them. Only what compensation between
municipalities and housing departments needs is here: Danish kroner in whole øre, one seller, one buyer, lines of one
unit each, no document level allowance or charge (BG-20, BG-21), nothing paid in advance, no VAT.

No VAT is charged: compensation (udligning) is taken for no supply of goods or services for payment, and so for outside
the scope of VAT: category O of UNTDID 5305, "not subject to VAT". *Not verified* with the tax authority
(Skattestyrelsen); whoever signs the agreement answers for it.

A family is in it by its case reference alone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

CURRENCY = "DKK"
COUNTRY = "DK"
NOT_SUBJECT_TO_VAT = "O"
# The code list VATEX of the European Commission: the code that belongs to category O.
NOT_SUBJECT_CODE = "VATEX-EU-O"
NOT_SUBJECT_REASON = "Uden for momslovens anvendelsesområde: udligning mellem myndigheder efter aftale"


class DocumentType(StrEnum):
    """BT-3, the codes of UNTDID 1001 that are used here: a commercial invoice, and a credit note."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """BG-5 of the seller, BG-8 of the buyer: street and number (BT-35, BT-50), city, post code, country (BT-40)."""

    street: str
    city: str
    post_code: str
    country: str = COUNTRY


@dataclass(frozen=True, slots=True)
class InvoiceParty:
    """The seller (BG-4) or the buyer (BG-7).

    `cvr` is the legal registration (BT-30, BT-47), eight digits without DK. `gln` is the electronic address (BT-34,
    BT-49) under scheme 0088, which Danish authorities call EAN. There is no VAT identifier (BT-31, BT-48): rule BR-O-02
    forbids it where no VAT is charged.
    """

    name: str
    cvr: str
    gln: str
    address: PostalAddress
    vat_id: str = ""

    @property
    def danish_cvr(self) -> str:
        """The CVR number as Peppol and OIOUBL write it."""
        return f"DK{self.cvr}"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """BG-17, paid to by credit transfer (UNCL 4461 code 42): registration number and account (BT-86 and BT-84)."""

    registration: str
    account: str


@dataclass(frozen=True, slots=True)
class PrecedingInvoice:
    """BG-3: the invoice that a credit note corrects or another invoice replaces: its number (BT-25), issued (BT-26)."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """BG-25. `amount_ore` is the net amount (BT-131), negative where the line takes back an earlier one.

    The note (BT-127) says on which rule of which agreement and version the amount rests, unless it has a `text` of its
    own; the case reference is the invoiced object (BT-128).
    """

    id: str
    name: str
    amount_ore: int
    case_reference: str
    agreement: str
    version: int
    rule: str
    vat_category: str = NOT_SUBJECT_TO_VAT
    vat_rate: Decimal | None = None
    unit: str = "EA"
    text: str = ""

    @property
    def quantity(self) -> int:
        """BT-129: one; minus one where the line takes back, since a price may not be negative (BR-27)."""
        return -1 if self.amount_ore < 0 else 1

    @property
    def price_ore(self) -> int:
        """BT-146, the item net price."""
        return abs(self.amount_ore)

    @property
    def note(self) -> str:
        """BT-127."""
        return self.text or f"Aftale {self.agreement} version {self.version}: {self.rule}"


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23: taxable amount (BT-116), VAT (BT-117), category (BT-118), rate (BT-119), reason (BT-120) and its code."""

    taxable_ore: int
    vat_ore: int = 0
    category: str = NOT_SUBJECT_TO_VAT
    rate: Decimal | None = None
    reason: str = NOT_SUBJECT_REASON
    reason_code: str = NOT_SUBJECT_CODE


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22, in øre: BT-106 to BT-110 and BT-112 to BT-115."""

    lines_ore: int
    without_vat_ore: int
    with_vat_ore: int
    due_ore: int
    allowances_ore: int = 0
    charges_ore: int = 0
    vat_ore: int = 0
    paid_ore: int = 0
    rounding_ore: int = 0


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or a credit note. `issue.py` makes one that breaks no rule of `rules.py`.

    number BT-1, issued_on BT-2, type BT-3, currency BT-5, due_on BT-9, buyer_reference BT-10, accounting_cost BT-19
    (the buyer's account string, kontostreng), note BT-22, period BT-73 and BT-74.
    """

    number: str
    issued_on: date
    type: DocumentType
    seller: InvoiceParty
    buyer: InvoiceParty
    buyer_reference: str
    lines: tuple[InvoiceLine, ...]
    vat: tuple[VatBreakdown, ...]
    totals: Totals
    due_on: date | None = None
    account: BankAccount | None = None
    preceding: PrecedingInvoice | None = None
    accounting_cost: str = ""
    note: str = ""
    period: tuple[date, date] | None = None
    currency: str = CURRENCY

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives back."""
        return self.type is DocumentType.CREDIT_NOTE
