"""Monthly multilateral netting (nettoafregning): who pays whom, from what the parties owe each other.

The claims stay in the books as they are; what is computed here is only what is paid.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from domain.errors import Invalid

# What a column of 64 bits holds, and a sum with its sign reversed still does.
MOST_ORE = 2**63 - 1
TOO_LARGE = "does not fit in 64 bits"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a party owes another, in øre; of an amount above zero."""

    payer: str
    payee: str
    amount_ore: int


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """What a party pays another, in øre; always above zero."""

    payer: str
    payee: str
    amount_ore: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """The payments of a month.

    `netted` lies among the parties that net: of n parties at most n - 1 payments, and none of them both pays and
    receives. `gross` holds every claim in which a party stands that opted out: one payment for each payer and payee,
    and what two parties owe each other in both directions is not set off.
    """

    netted: tuple[Payment, ...]
    gross: tuple[Payment, ...]


def settle(claims: Iterable[Claim], *, opted_out: Set[str] = frozenset()) -> Settlement:
    """What is paid for these claims; the same payments for the same claims, in whatever order they come.

    O(n log n). `Invalid` for a claim that is none, and for a position or payment that does not fit in 64 bits.
    """
    gross: dict[tuple[str, str], int] = defaultdict(int)
    positions: dict[str, int] = defaultdict(int)
    for number, claim in enumerate(claims):
        _must_be_one(claim, number)
        if claim.payer in opted_out or claim.payee in opted_out:
            gross[claim.payer, claim.payee] += claim.amount_ore
        else:
            positions[claim.payer] -= claim.amount_ore
            positions[claim.payee] += claim.amount_ore
    for party, position in sorted(positions.items()):
        _must_fit(f"net position of {party}", abs(position))
    for (payer, payee), amount in sorted(gross.items()):
        _must_fit(f"payment of {payer} to {payee}", amount)
    return Settlement(
        tuple(sorted(_netted(positions))),
        tuple(sorted(Payment(payer, payee, amount) for (payer, payee), amount in gross.items())),
    )


def net_positions(owed: Iterable[Claim | Payment]) -> dict[str, int]:
    """What each party receives more than it pays, in øre; negative when it pays more. Parties at zero are left out."""
    positions: dict[str, int] = defaultdict(int)
    for one in owed:
        positions[one.payer] -= one.amount_ore
        positions[one.payee] += one.amount_ore
    return {party: position for party, position in positions.items() if position}


def _netted(positions: Mapping[str, int]) -> list[Payment]:
    """Let the largest debtor pay the largest creditor, until nobody owes.

    Each payment brings at least one party to zero, and the last one two: so n parties make at most n - 1.
    """
    # The larger first, and of equal ones by name; reversed, because the end of a list is taken off in no time.
    debtors = sorted((position, party) for party, position in positions.items() if position < 0)[::-1]
    creditors = sorted((-position, party) for party, position in positions.items() if position > 0)[::-1]
    payments, owed, due, payer, payee = list[Payment](), 0, 0, "", ""
    while debtors or owed:
        if not owed:
            position, payer = debtors.pop()
            owed = -position
        if not due:
            position, payee = creditors.pop()
            due = -position
        paid = min(owed, due)
        payments.append(Payment(payer, payee, paid))
        owed, due = owed - paid, due - paid
    return payments


def _must_be_one(claim: Claim, number: int) -> None:
    if type(claim.amount_ore) is not int or claim.amount_ore <= 0:
        raise Invalid(f"claims[{number}].amount_ore", "must be whole øre above zero")
    _must_fit(f"claims[{number}].amount_ore", claim.amount_ore)
    if not claim.payer or not claim.payee:
        raise Invalid(f"claims[{number}].{'payee' if claim.payer else 'payer'}", "must name a party")
    if claim.payer == claim.payee:
        raise Invalid(f"claims[{number}].payee", "is the payer too")


def _must_fit(field: str, amount_ore: int) -> None:
    if amount_ore > MOST_ORE:
        raise Invalid(field, TOO_LARGE)
