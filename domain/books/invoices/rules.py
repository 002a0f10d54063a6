"""The rules of EN 16931-1:2017 (section 6.4) that an invoice of ours can break, each with the standard's own id.

The wording is ours; the ids and what they ask for were read in the schematron that CEN publishes for UBL. Rules that
nothing of ours can break are in `NEVER_MET`, each with the reason, so that no rule is left out in silence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.books.invoices.invoice import NOT_SUBJECT_TO_VAT, Invoice, InvoiceParty, VatBreakdown


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its id, what it asks for, and whether an invoice keeps it."""

    id: str
    text: str
    holds: Callable[[Invoice], bool]


def broken_rules(invoice: Invoice, rules: tuple[Rule, ...] | None = None) -> list[Rule]:
    """Every rule that an invoice breaks, in the order of the table: of EN 16931, unless other rules are given."""
    return [rule for rule in (RULES if rules is None else rules) if not rule.holds(invoice)]


def _said(*texts: str) -> bool:
    return all(text.strip() for text in texts)


def _has_address(party: InvoiceParty) -> bool:
    return any(_said(text) for text in (party.address.street, party.address.city, party.address.post_code))


def _is_whole(*amounts: object) -> bool:
    """Whether amounts are øre in whole numbers, and so have two decimals at most when they are written as kroner."""
    return all(type(amount) is int for amount in amounts)


def _vat_ids(invoice: Invoice) -> Iterator[str]:
    return (party.vat_id for party in (invoice.seller, invoice.buyer) if party.vat_id)


def _vat_of(part: VatBreakdown) -> int:
    """The VAT in øre that follows from a rate, rounded as the schematron's `round` does; none without a rate."""
    exact = Decimal(abs(part.taxable_ore)) * (part.rate or Decimal(0)) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * (-1 if part.taxable_ore < 0 else 1)


def _outside(invoice: Invoice) -> list[VatBreakdown]:
    return [part for part in invoice.vat if part.category == NOT_SUBJECT_TO_VAT]


def _lines_outside(invoice: Invoice) -> int:
    return sum(line.amount_ore for line in invoice.lines if line.vat_category == NOT_SUBJECT_TO_VAT)


def _has_line_outside(invoice: Invoice) -> bool:
    return any(line.vat_category == NOT_SUBJECT_TO_VAT for line in invoice.lines)


CONTENTS = (
    Rule("BR-02", "an invoice has a number", lambda i: _said(i.number)),
    Rule("BR-05", "an invoice has a currency", lambda i: _said(i.currency)),
    Rule("BR-06", "the seller has a name", lambda i: _said(i.seller.name)),
    Rule("BR-07", "the buyer has a name", lambda i: _said(i.buyer.name)),
    Rule("BR-08", "the seller has a postal address", lambda i: _has_address(i.seller)),
    Rule("BR-09", "the seller's address has a country", lambda i: _said(i.seller.address.country)),
    Rule("BR-10", "the buyer has a postal address", lambda i: _has_address(i.buyer)),
    Rule("BR-11", "the buyer's address has a country", lambda i: _said(i.buyer.address.country)),
    Rule("BR-16", "an invoice has at least one line", lambda i: len(i.lines) > 0),
    Rule("BR-21", "each line has an id", lambda i: all(_said(line.id) for line in i.lines)),
    Rule("BR-23", "each line's quantity has a unit", lambda i: all(_said(line.unit) for line in i.lines)),
    Rule("BR-25", "each line has a name", lambda i: all(_said(line.name) for line in i.lines)),
    Rule("BR-29", "the period ends on its first day or later", lambda i: not i.period or i.period[0] <= i.period[1]),
    Rule("BR-47", "each VAT breakdown has a category", lambda i: all(_said(part.category) for part in i.vat)),
    Rule(
        "BR-48",
        "each VAT breakdown has a rate, unless it is not subject to VAT",
        lambda i: all(part.rate is not None or part.category == NOT_SUBJECT_TO_VAT for part in i.vat),
    ),
    Rule("BR-50", "a credit transfer has an account", lambda i: not i.account or _said(i.account.account)),
    Rule("BR-55", "a preceding invoice has a number", lambda i: not i.preceding or _said(i.preceding.number)),
)
ARITHMETIC = (
    Rule("BR-CO-04", "each line has a VAT category", lambda i: all(_said(line.vat_category) for line in i.lines)),
    Rule("BR-CO-09", "a VAT identifier begins with a country", lambda i: all(x[:2].isalpha() for x in _vat_ids(i))),
    Rule("BR-CO-10", "the sum of lines is right", lambda i: i.totals.lines_ore == sum(x.amount_ore for x in i.lines)),
    Rule("BR-CO-11", "the sum of allowances is that of those named: none", lambda i: i.totals.allowances_ore == 0),
    Rule("BR-CO-12", "the sum of charges is that of those named: none", lambda i: i.totals.charges_ore == 0),
    Rule(
        "BR-CO-13",
        "the total without VAT is the lines less allowances plus charges",
        lambda i: (
            i.totals.without_vat_ore
            == sum(x.amount_ore for x in i.lines) - i.totals.allowances_ore + i.totals.charges_ore
        ),
    ),
    Rule("BR-CO-14", "the VAT is the breakdown's sum", lambda i: i.totals.vat_ore == sum(x.vat_ore for x in i.vat)),
    Rule(
        "BR-CO-15",
        "the total with VAT is the total without and the VAT",
        lambda i: i.totals.with_vat_ore == i.totals.without_vat_ore + i.totals.vat_ore,
    ),
    Rule(
        "BR-CO-16",
        "the amount due is the total with VAT less what is paid plus rounding",
        lambda i: i.totals.due_ore == i.totals.with_vat_ore - i.totals.paid_ore + i.totals.rounding_ore,
    ),
    Rule("BR-CO-17", "each VAT amount follows from its rate", lambda i: all(x.vat_ore == _vat_of(x) for x in i.vat)),
    Rule("BR-CO-18", "an invoice has a VAT breakdown", lambda i: len(i.vat) > 0),
    Rule("BR-CO-25", "an amount due has a due date", lambda i: i.totals.due_ore <= 0 or i.due_on is not None),
    Rule("BR-CO-26", "the seller is identified", lambda i: _said(i.seller.cvr) or _said(i.seller.vat_id)),
    Rule("BR-DEC-09", "the sum of lines is in whole øre", lambda i: _is_whole(i.totals.lines_ore)),
    Rule("BR-DEC-10", "the sum of allowances is in whole øre", lambda i: _is_whole(i.totals.allowances_ore)),
    Rule("BR-DEC-11", "the sum of charges is in whole øre", lambda i: _is_whole(i.totals.charges_ore)),
    Rule("BR-DEC-12", "the total without VAT is in whole øre", lambda i: _is_whole(i.totals.without_vat_ore)),
    Rule("BR-DEC-13", "the VAT is in whole øre", lambda i: _is_whole(i.totals.vat_ore)),
    Rule("BR-DEC-14", "the total with VAT is in whole øre", lambda i: _is_whole(i.totals.with_vat_ore)),
    Rule("BR-DEC-16", "what is paid is in whole øre", lambda i: _is_whole(i.totals.paid_ore)),
    Rule("BR-DEC-17", "the rounding is in whole øre", lambda i: _is_whole(i.totals.rounding_ore)),
    Rule("BR-DEC-18", "the amount due is in whole øre", lambda i: _is_whole(i.totals.due_ore)),
    Rule("BR-DEC-19", "taxable amounts are in whole øre", lambda i: _is_whole(*(x.taxable_ore for x in i.vat))),
    Rule("BR-DEC-20", "VAT by category is in whole øre", lambda i: _is_whole(*(x.vat_ore for x in i.vat))),
    Rule("BR-DEC-23", "each line is in whole øre", lambda i: _is_whole(*(x.amount_ore for x in i.lines))),
)
NO_VAT = (
    Rule(
        "BR-O-01",
        "lines not subject to VAT have exactly one breakdown of that category",
        lambda i: not _has_line_outside(i) or len(_outside(i)) == 1,
    ),
    Rule(
        "BR-O-02",
        "with a line not subject to VAT, neither seller nor buyer has a VAT identifier",
        lambda i: not _has_line_outside(i) or not any(_vat_ids(i)),
    ),
    Rule(
        "BR-O-05",
        "a line not subject to VAT has no rate",
        lambda i: all(x.vat_rate is None for x in i.lines if x.vat_category == NOT_SUBJECT_TO_VAT),
    ),
    Rule(
        "BR-O-08",
        "the taxable amount not subject to VAT is the sum of those lines",
        lambda i: all(part.taxable_ore == _lines_outside(i) for part in _outside(i)),
    ),
    Rule("BR-O-09", "what is not subject to VAT has none", lambda i: all(part.vat_ore == 0 for part in _outside(i))),
    Rule(
        "BR-O-10",
        "what is not subject to VAT says why",
        lambda i: all(_said(part.reason) or _said(part.reason_code) for part in _outside(i)),
    ),
    Rule(
        "BR-O-11",
        "beside a breakdown not subject to VAT there is no other",
        lambda i: not _outside(i) or len(_outside(i)) == len(i.vat),
    ),
    Rule(
        "BR-O-12",
        "beside a breakdown not subject to VAT no line has another category",
        lambda i: not _outside(i) or all(x.vat_category == NOT_SUBJECT_TO_VAT for x in i.lines),
    ),
)
RULES = (*CONTENTS, *ARITHMETIC, *NO_VAT)

_TYPED = "the model's types leave it no way to be absent"
_FORM = "each form writes it as a constant (connectors/finance)"
_NO_ALLOWANCE = "there is no allowance or charge on the document (BG-20, BG-21)"
_NO_LINE_ALLOWANCE = "there is no allowance or charge on a line (BG-27, BG-28), and no gross price"
_NONE_SUCH = "the model has no such part"
NEVER_MET: dict[str, str] = {
    **dict.fromkeys(("BR-03", "BR-04", "BR-12", "BR-13", "BR-14", "BR-15", "BR-22", "BR-24", "BR-26"), _TYPED),
    **dict.fromkeys(("BR-27", "BR-45", "BR-46", "BR-CO-19"), _TYPED),
    **dict.fromkeys(("BR-01", "BR-49", "BR-62", "BR-63"), _FORM),
    "BR-61": "it is about codes 30 and 58, and payment is by code 42; an account is asked for by BR-50 and DK-R-006",
    **dict.fromkeys(("BR-31", "BR-32", "BR-33", "BR-36", "BR-37", "BR-38"), _NO_ALLOWANCE),
    **dict.fromkeys(("BR-CO-05", "BR-CO-06", "BR-CO-21", "BR-CO-22"), _NO_ALLOWANCE),
    **dict.fromkeys(("BR-DEC-01", "BR-DEC-02", "BR-DEC-05", "BR-DEC-06"), _NO_ALLOWANCE),
    **dict.fromkeys(("BR-O-03", "BR-O-04", "BR-O-06", "BR-O-07", "BR-O-13", "BR-O-14"), _NO_ALLOWANCE),
    **dict.fromkeys(("BR-28", "BR-41", "BR-42", "BR-43", "BR-44"), _NO_LINE_ALLOWANCE),
    **dict.fromkeys(("BR-CO-07", "BR-CO-08", "BR-CO-23", "BR-CO-24"), _NO_LINE_ALLOWANCE),
    **dict.fromkeys(("BR-DEC-24", "BR-DEC-25", "BR-DEC-27", "BR-DEC-28"), _NO_LINE_ALLOWANCE),
    # Payee, tax representative, line period, attachment, card, currency of VAT, delivery, item's attributes and codes.
    **dict.fromkeys(("BR-17", "BR-18", "BR-19", "BR-20", "BR-30", "BR-51", "BR-52", "BR-53", "BR-54"), _NONE_SUCH),
    **dict.fromkeys(("BR-56", "BR-57", "BR-64", "BR-65", "BR-CO-03", "BR-CO-20", "BR-DEC-15"), _NONE_SUCH),
}
