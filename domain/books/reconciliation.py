"""Reconciliation (afstemning): what we sent, beside what a finance system or a bank reports back.

What is found by its key or number is compared; nothing is matched by amount and date alone, which several have.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.errors import Invalid

Row = tuple[str, int | None, int | None, date, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What we sent: the key of a posting or payment, the number of an invoice if it is one, and the day it counts on.

    In øre, with the sign that the report will give it.
    """

    key: str
    amount_ore: int
    on: date
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What is reported back, at a place in the report. `names` are whatever may be a key or a number of ours.

    A reversal takes back what is reported under the same names with the opposite amount.
    """

    names: tuple[str, ...]
    amount_ore: int
    on: date
    place: str
    is_reversal: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Something sent, and what is reported of it."""

    sent: Sent
    reported: Reported


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Each thing sent stands in one of the first five lists, and each thing reported in one of those with reports.

    What is reversed in the same report stands in none, and neither does the reversal.

    `awaited` was sent after the report's last day, and is not lost. `twice` are further reports of what stands in a
    list already. `lost_here` names nothing that we sent, or several things at once.
    """

    matched: tuple[Pair, ...]
    another_amount: tuple[Pair, ...]
    another_date: tuple[Pair, ...]
    lost_there: tuple[Sent, ...]
    awaited: tuple[Sent, ...]
    twice: tuple[Pair, ...]
    lost_here: tuple[Reported, ...]

    def lists(self) -> Iterator[tuple[str, list[Row]]]:
        """What a person must look at, list by list: the key, our amount and theirs in øre, the day, the place."""
        pairs = {"another_amount": self.another_amount, "another_date": self.another_date, "twice": self.twice}
        yield "lost_there", [(one.key, one.amount_ore, None, one.on, "") for one in self.lost_there]
        yield "lost_here", [("", None, one.amount_ore, one.on, one.place) for one in self.lost_here]
        for name, some in pairs.items():
            yield (
                name,
                [
                    (one.sent.key, one.sent.amount_ore, one.reported.amount_ore, one.reported.on, one.reported.place)
                    for one in some
                ],
            )

    @property
    def is_clean(self) -> bool:
        """Whether a person needs not look: everything that should be reported is, once and as it was sent."""
        return not (self.another_amount or self.another_date or self.lost_there or self.twice or self.lost_here)


def reconcile(
    sent: Iterable[Sent], reported: Iterable[Reported], *, until: date, most_days_apart: int
) -> Reconciliation:
    """What matches and what does not, in the order of what was sent and of the report. O(n).

    `until` is the last day of which the report tells; dates up to `most_days_apart` from each other are the same, since
    banks and finance systems move them to a working day. What is reversed in the same report counts as not reported.
    `Invalid` when two things sent have a name in common.
    """
    all_sent = tuple(sent)
    by_name = _by_name(all_sent)
    found: dict[str, list[Reported]] = {one.key: [] for one in all_sent}
    lost_here = []
    for one in reported:
        meant = {by_name[name] for told in one.names if (name := told.casefold()) in by_name}
        if len(meant) == 1:
            found[meant.pop().key].append(one)
        else:
            lost_here.append(one)
    for reports in found.values():
        _take_back_reversed(reports)
    missing = [one for one in all_sent if not found[one.key]]
    firsts = [Pair(one, _taken(one, found[one.key], most_days_apart)) for one in all_sent if found[one.key]]
    same = [pair for pair in firsts if pair.sent.amount_ore == pair.reported.amount_ore]
    return Reconciliation(
        matched=tuple(pair for pair in same if _days_apart(pair) <= most_days_apart),
        another_amount=tuple(pair for pair in firsts if pair.sent.amount_ore != pair.reported.amount_ore),
        another_date=tuple(pair for pair in same if _days_apart(pair) > most_days_apart),
        lost_there=tuple(one for one in missing if one.on <= until),
        awaited=tuple(one for one in missing if one.on > until),
        twice=tuple(Pair(pair.sent, one) for pair in firsts for one in found[pair.sent.key]),
        lost_here=tuple(lost_here),
    )


def _by_name(all_sent: Sequence[Sent]) -> dict[str, Sent]:
    """What was sent by its key and by its number, whatever the case: banks write in capitals."""
    by_name: dict[str, Sent] = {}
    for one in all_sent:
        for name in {one.key.casefold(), (one.number or one.key).casefold()}:
            if name in by_name:
                raise Invalid(f"sent[{one.key}]", "has the key or the number of another")
            by_name[name] = one
    return by_name


def _take_back_reversed(reports: list[Reported]) -> None:
    """Take out each reversal with what it reverses; one of an earlier report's stays, for a person to look at."""
    for reversal in [one for one in reports if one.is_reversal]:
        for one in reports:
            if not one.is_reversal and one.amount_ore == -reversal.amount_ore:
                reports.remove(one)
                reports.remove(reversal)
                break


def _taken(sent: Sent, reports: list[Reported], most_days_apart: int) -> Reported:
    """Take out the report that fits best: its amount counts first, then its date, then that it stands first."""

    def misfit(number: int) -> tuple[bool, bool]:
        one = reports[number]
        return one.amount_ore != sent.amount_ore, _days_apart(Pair(sent, one)) > most_days_apart

    return reports.pop(min(range(len(reports)), key=misfit))


def _days_apart(pair: Pair) -> int:
    return abs((pair.reported.on - pair.sent.on).days)
