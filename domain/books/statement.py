"""A month's statement (opgørelse) for each party: what was booked on its accounts, line by line, and what is paid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.books.accounts import holder
from domain.books.booking import BookingKind, Entry
from domain.books.journal import Booked
from domain.books.netting import Claim, Payment, Settlement


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one booking did to a party, in øre (negative: it owes), with its case, its rule and its agreement."""

    booking: str
    reference: str
    kind: BookingKind
    rule: str
    agreement: str
    value_date: date
    amount_ore: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A party's lines of a period, and the payments that it makes and receives for them."""

    party: str
    lines: tuple[StatementLine, ...]
    payments: tuple[Payment, ...]

    @property
    def total_ore(self) -> int:
        """What the party is owed for the period; negative when it owes."""
        return sum(line.amount_ore for line in self.lines)


def claims_in(entries: Sequence[Entry]) -> list[Claim]:
    """Who owes whom by one booking: each payer pays the payees in their order, until nothing is left.

    Accounts that one party holds are taken together: nobody owes itself.
    """
    positions = _by_holder(entries)
    due = {party: ore for party, ore in positions.items() if ore > 0}
    claims: list[Claim] = []
    for payer, position in positions.items():
        left = -position
        for payee in [*due] if left > 0 else ():
            paid = min(left, due[payee])
            if paid:
                claims.append(Claim(payer, payee, paid))
            left, due[payee] = left - paid, due[payee] - paid
    return claims


def statements(booked: Iterable[Booked], settlement: Settlement) -> dict[str, Statement]:
    """The statement of every party that a booking or a payment of the period names."""
    lines: dict[str, list[StatementLine]] = defaultdict(list)
    for one in booked:
        for party, ore in _by_holder(one.entries).items():
            lines[party].append(
                StatementLine(one.name, one.reference, one.kind, one.rule, one.agreement, one.value_date, ore)
            )
    payments: dict[str, list[Payment]] = defaultdict(list)
    for payment in (*settlement.netted, *settlement.gross):
        payments[payment.payer].append(payment)
        payments[payment.payee].append(payment)
    return {
        party: Statement(party, tuple(lines[party]), tuple(payments[party]))
        for party in sorted(lines.keys() | payments.keys())
    }


def _by_holder(entries: Sequence[Entry]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[holder(entry.account)] += entry.amount_ore
    return {party: ore for party, ore in sums.items() if ore}
