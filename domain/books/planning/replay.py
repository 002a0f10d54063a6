"""What families bring under several sets of terms, side by side: by party, by rule, and by month after the move-in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.books.accounts import holder
from domain.books.booking import BookingKind
from domain.books.charges import Charge, MovedIn, planned
from domain.books.months import MONTHS_A_YEAR, months_later
from domain.parties.compensation.model import Compensation

Terms = Mapping[str, Compensation]


@dataclass(frozen=True, slots=True)
class Family:
    """A family's own terms, None where no agreement holds for it today, with what is known of its move-in.

    `as_booked` is how it counts under its own terms, and `as_counted` how it counts in the replay.
    """

    terms: Compensation | None
    as_booked: MovedIn
    as_counted: MovedIn


@dataclass(frozen=True, slots=True)
class Row:
    """Amounts in øre under each set of terms, in their order. `families` is how many families the row rests on."""

    name: str
    ores: tuple[int, ...]
    families: int = 0

    @property
    def differences(self) -> tuple[int, ...]:
        """What each later set of terms brings more than the first."""
        return tuple(ore - self.ores[0] for ore in self.ores[1:])


@dataclass(frozen=True, slots=True)
class Replay:
    """What families bring: what each party receives (negative: pays), what each rule moves, and when.

    By rule and by month stands what the payers pay together. By rule a loan counts when it is lent, and not when it is
    paid back; a month's name is the number of whole months since the move-in.
    """

    families: int
    by_party: tuple[Row, ...]
    by_rule: tuple[Row, ...]
    by_month: tuple[Row, ...]


class Sums:
    """Sums by a key, a column for each set of terms."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._sums: dict[str, list[int]] = {}
        self._families: dict[str, set[int]] = defaultdict(set)

    def add(self, key: str, column: int, ore: int, *, family: int) -> None:
        """Add an amount of a family."""
        self._sums.setdefault(key, [0] * self._columns)[column] += ore
        self._families[key].add(family)

    def rows(self) -> tuple[Row, ...]:
        """The rows in the order in which their keys were first named."""
        return tuple(Row(key, tuple(ores), len(self._families[key])) for key, ores in self._sums.items())


def replayed(families: Sequence[Family], proposals: Sequence[Terms]) -> Replay:
    """What families bring by their own terms, first, and under each proposal.

    A proposal that does not name a family's agreement leaves it under its own terms. Whole plans are compared: what a
    family brings over all of its months, with no move-out and no claim.
    """
    parties, rules, months = (Sums(1 + len(proposals)) for _ in range(3))
    for number, family in enumerate(families):
        for column, charge in _charges(family, proposals):
            for entry in charge.entries:
                parties.add(holder(entry.account), column, entry.amount_ore, family=number)
            if charge.kind is not BookingKind.REPAYMENT:
                rules.add(charge.rule, column, charge.amount_ore, family=number)
            since = _months_between(family.as_booked.on, charge.value_date)
            months.add(str(since), column, charge.amount_ore, family=number)
    by_party = sorted(parties.rows(), key=lambda row: row.name)
    by_month = sorted(months.rows(), key=lambda row: int(row.name))
    return Replay(len(families), tuple(by_party), rules.rows(), tuple(by_month))


def _charges(family: Family, proposals: Sequence[Terms]) -> Iterator[tuple[int, Charge]]:
    """What a family brings, each with the column of the terms by which it does."""
    for column, terms in enumerate((family.terms, *(one.get(family.as_booked.agreement) for one in proposals))):
        if terms is not None:
            facts = family.as_counted if column else family.as_booked
            yield from ((column, charge) for charge in planned(terms, facts))
        elif family.terms is not None:
            yield from ((column, charge) for charge in planned(family.terms, family.as_booked))


def counted(families: Iterable[MovedIn]) -> list[MovedIn]:
    """The families in the order of their days, each with how many of its year came before it."""
    received: dict[tuple[str, str, int], int] = defaultdict(int)
    sent: dict[tuple[str, str, int], int] = defaultdict(int)
    found = []
    for one in sorted(families, key=lambda one: one.on):
        into, out = (one.agreement, one.receiver, one.on.year), (one.agreement, one.sender, one.on.year)
        found.append(replace(one, received_before=received[into], sent_before=sent[out]))
        received[into] += 1
        sent[out] += 1
    return found


def folded(rows: Sequence[Row], *, least: int, name: str) -> tuple[Row, ...]:
    """The rows, with those that rest on fewer than so many families put together in one, which comes last.

    What is put together rests on enough families too, or the next smallest row is put to it.
    """
    small = [row for row in rows if row.families < least]
    large = sorted((row for row in rows if row.families >= least), key=lambda row: -row.families)
    while small and large and (len(small) < 2 or sum(row.families for row in small) < least):
        small.append(large.pop())
    if not small:
        return tuple(rows)
    together = Row(
        name, tuple(map(sum, zip(*(row.ores for row in small), strict=True))), sum(row.families for row in small)
    )
    return (*(row for row in rows if row in large), together)


def _months_between(first: date, last: date) -> int:
    months = (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month
    return months if months_later(first, months) <= last else months - 1
