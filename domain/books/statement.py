"""A month's statement (opgørelse) for each party: what was booked on its accounts, line by line, and what is paid."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from domain.books.accounts import holder
from domain.books.booking import PLAIN, BookingKind, Entry
from domain.books.bookkeeping.booking_standing import BookingStanding, PostedSide, standing_for
from domain.books.bookkeeping.rejected import RejectedPosting, known_as
from domain.books.journal import Booked
from domain.books.netting import Claim, Payment, Settlement
from domain.books.shares import kroner
from domain.parties.compensation.model import Compensation, CompensationTerms
from domain.parties.compensation.parts import Part

# Nobody reads a page with thousands of lines. More than these are on further pages, and all of them in the file.
LINES_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one booking did to a party, in øre (negative: it owes), with its case, its rule and its agreement.

    A housing association reads its own pseudonym where a municipality reads the case's reference. `standing` is how far
    the booking has come in the finance systems.
    """

    booking: str
    reference: str
    kind: BookingKind
    rule: str
    agreement: str
    value_date: date
    amount_ore: int
    standing: BookingStanding = BookingStanding.WAITING


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

    @property
    def counted_ore(self) -> int:
        """How much of it both sides have accepted."""
        return sum(line.amount_ore for line in self.lines if line.standing.counts)


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


def statements(
    booked: Iterable[Booked], settlement: Settlement, sides: Mapping[str, Sequence[PostedSide]]
) -> dict[str, Statement]:
    """The statement of every party that a booking or a payment of the period names.

    `sides` are what is known of each booking in the finance systems, by its name.
    """
    lines: dict[str, list[StatementLine]] = defaultdict(list)
    for one in booked:
        for party, ore in _by_holder(one.entries).items():
            lines[party].append(_line(one, party, ore, standing_for(party, sides.get(one.name, ()))))
    payments: dict[str, list[Payment]] = defaultdict(list)
    for payment in (*settlement.netted, *settlement.gross):
        payments[payment.payer].append(payment)
        payments[payment.payee].append(payment)
    return {
        party: Statement(party, tuple(lines[party]), tuple(payments[party]))
        for party in sorted(lines.keys() | payments.keys())
    }


def _line(one: Booked, party: str, ore: int, standing: BookingStanding) -> StatementLine:
    reference, name = known_as(party, one.name, one.reference, one.pseudonym)
    return StatementLine(name, reference, one.kind, one.rule, one.agreement, one.value_date, ore, standing)


def _by_holder(entries: Sequence[Entry]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[holder(entry.account)] += entry.amount_ore
    return {party: ore for party, ore in sums.items() if ore}


def parts_booked_as(terms: Compensation, rule: str) -> tuple[Part, ...]:
    """The parts of an agreement's model that are booked under a rule; none for the plainest terms."""
    if isinstance(terms, CompensationTerms):
        return ()
    return tuple(part for part in terms.parts if rule in part.booked_as)


def as_told(
    last_day: date,
    chosen: Iterable[Statement],
    *,
    settled: bool,
    answers: Mapping[str, Mapping[str, str | None]],
    is_payable: Callable[[Payment], bool],
    rejected: Mapping[str, Sequence[RejectedPosting]],
) -> dict[str, Any]:
    """Statements of a month as a program reads them; amounts in whole øre. `answers` are the parties' to their own.

    `rejected` is what finance systems have rejected of each party, of whichever month.
    """
    return {
        "month": f"{last_day:%Y-%m}",
        "settled": settled,
        "answers": answers,
        "statements": [
            {
                "party": one.party,
                "total_ore": one.total_ore,
                "counted_ore": one.counted_ore,
                "lines": [_line_told(line) for line in one.lines],
                "payments": [asdict(payment) | {"payable": is_payable(payment)} for payment in one.payments],
                "rejected": [posting.told() for posting in rejected.get(one.party, ())],
            }
            for one in chosen
        ],
    }


def _line_told(line: StatementLine) -> dict[str, Any]:
    return {**asdict(line), "value_date": line.value_date.isoformat(), "counts": line.standing.counts}


def as_csv(told: dict[str, Any], names: Mapping[str, str]) -> Iterator[bytes]:
    """The lines of `as_told` for a Danish spreadsheet: semicolons, decimal commas, UTF-8 with its mark.

    `names` are the Danish names of the standings. The last column has the amount again where it counts. No cell can be
    a formula.
    """
    yield "\ufeffPart;Sag;Regel;Aftale;Bilag;Valør;Beløb;Postering;Tæller\r\n".encode()
    for one in told["statements"]:
        for line in one["lines"]:
            cells = (one["party"], line["reference"], line["rule"] or PLAIN, line["agreement"], line["booking"])
            amount = kroner(line["amount_ore"]).replace(".", ",")
            counted = amount if line["counts"] else "0,00"
            last = (line["value_date"], amount, names[line["standing"]], counted)
            yield (";".join((*cells, *last)) + "\r\n").encode()
