"""What an e-invoice in Denmark must be beyond EN 16931: which form on which day, and the rules of both forms.

Read in OpenPeppol's schematron of BIS Billing 3.0 (PEPPOL-… and DK-R-…) and in the list of errors of the OIOUBL
schematron 1.17 (F-…); *not verified* by running either schematron, which no Python package brings along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from domain.books.invoices.invoice import Invoice, InvoiceParty
from domain.books.invoices.rules import Rule
from domain.errors import Invalid
from domain.text.danish_numbers import CVR_DIGITS, are_digits, is_gln

REGISTRATION_DIGITS, ACCOUNT_DIGITS = 4, 10


class EInvoiceForm(StrEnum):
    """A form of an e-invoice: Peppol BIS Billing 3.0 (UBL 2.1), or OIOUBL 2.1, the older Danish one."""

    PEPPOL_BIS_3 = "peppol_bis_3"
    OIOUBL_2_1 = "oioubl_2_1"


# Until then authorities must take OIOUBL 2.1. The month is that of the issue this was built for; the day and the rule
# that says so are *not verified*.
OIOUBL_REQUIRED_UNTIL = date(2029, 7, 1)


@dataclass(frozen=True, slots=True)
class ChosenForm:
    """The form that a party wants from a day on."""

    form: EInvoiceForm
    from_day: date


def form_on(day: date, chosen: Sequence[ChosenForm] = ()) -> EInvoiceForm:
    """The form that a party gets on a day: the newest that it chose, else what the country requires that day.

    `Invalid` when two choices begin on one day.
    """
    in_order = sorted(chosen, key=lambda one: one.from_day)
    if any(one.from_day == other.from_day for one, other in pairwise(in_order)):
        raise Invalid("chosen", f"two forms begin on one day, among {len(in_order)}")
    begun = [one.form for one in in_order if one.from_day <= day]
    if begun:
        return begun[-1]
    return EInvoiceForm.OIOUBL_2_1 if day < OIOUBL_REQUIRED_UNTIL else EInvoiceForm.PEPPOL_BIS_3


def _parties(invoice: Invoice) -> tuple[InvoiceParty, InvoiceParty]:
    return invoice.seller, invoice.buyer


def _is_paid_to_an_account(invoice: Invoice) -> bool:
    """Whether an invoice names an account as Danish banks have them; a credit note names none."""
    if invoice.account is None:
        return invoice.is_credit_note
    registration, account = invoice.account.registration, invoice.account.account
    return are_digits(registration, REGISTRATION_DIGITS) and are_digits(account, ACCOUNT_DIGITS, least=1)


def _leaves_nothing_empty(invoice: Invoice) -> bool:
    """Whether every element that both forms always write has a text."""
    places = [(party.address.street, party.address.city, party.address.post_code) for party in _parties(invoice)]
    lines = [(line.case_reference, line.agreement, line.rule) for line in invoice.lines]
    return all(text.strip() for texts in (*places, *lines) for text in texts)


DANISH_RULES = (
    Rule(
        "PEPPOL-EN16931-R003",
        "the buyer's reference is given; OIOUBL has it as the buyer's contact (F-INV051)",
        lambda i: bool(i.buyer_reference.strip()),
    ),
    Rule("PEPPOL-EN16931-R008", "no element is empty", _leaves_nothing_empty),
    Rule(
        "PEPPOL-COMMON-R040",
        "seller and buyer have a GLN of 13 digits with its check digit",
        lambda i: all(is_gln(party.gln) for party in _parties(i)),
    ),
    Rule(
        "PEPPOL-COMMON-R042",
        "seller and buyer have a CVR number of 8 digits (DK-R-002, F-LIB190)",
        lambda i: all(are_digits(party.cvr, CVR_DIGITS) for party in _parties(i)),
    ),
    Rule(
        "DK-R-006",
        "an invoice has a registration number of 4 digits and an account of at most 10 (F-LIB130, F-LIB131)",
        _is_paid_to_an_account,
    ),
    Rule(
        "DK-R-016",
        "neither an invoice nor a credit note is owed the other way (F-LIB016)",
        lambda i: i.totals.due_ore >= 0,
    ),
)
