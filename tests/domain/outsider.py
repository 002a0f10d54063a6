"""What somebody outside could make of the requests: they know what every family seeks, and when each was signed off.

Days are numbers, five working days a week, and requests go out on the second and the fifth of them. Families are as
unlike as those of tests/domain/anonymity/test_release.py; two agreements, each with two associations of its own and
one in common. A family is asked about at two of the three at once.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.anonymity.measure import AnonymityTerms, Crowd, Measured, Sought, measured, shown
from domain.anonymity.request_groups import Waiting, sending

WINDOW_DAYS = 64  # working days in ninety
SENDING_DAYS = (1, 4)
RECIPIENTS = {"A": ("a1", "a2", "both"), "B": ("b1", "b2", "both")}


@dataclass(frozen=True, slots=True)
class Family:
    """One that seeks a home: since when, what, and by which agreement, and at which associations it is asked about."""

    id: int
    day: int
    seeks: Sought
    agreement: str
    asked_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What an association got: when, about whom, and what it shows; `place` is where it lay in that day's letters."""

    recipient: str
    day: int
    family: Family
    found: Measured


@dataclass(slots=True)
class Outcome:
    """All requests, and who waited two sending days in vain."""

    requests: list[Request] = field(default_factory=list)
    in_vain: set[int] = field(default_factory=set)


def some_families(a_day: float, days: int, *, seed: int) -> list[Family]:
    """Families that are signed off day by day."""
    chance = random.Random(seed)  # the same families every time
    found: list[Family] = []
    for number in range(int(a_day * days)):
        agreement = chance.choice("AB")
        seeks = Sought(
            rooms_min=chance.choices((2, 3, 4, 5), (3, 4, 2, 1))[0],
            rent_max_monthly_ore=chance.randint(600, 1200) * 1000,
            move_in_from=date(2026, chance.randint(1, 12), 1),
            step_free=chance.random() < 0.15,
            region=chance.choice(("Region Syddanmark", None)) if agreement == "A" else "Region Midtjylland",
        )
        asked_at = tuple(chance.sample(RECIPIENTS[agreement], 2))
        found.append(Family(number, chance.randrange(days), seeks, agreement, asked_at))
    return sorted(found, key=lambda one: one.day)


def _crowd(families: Sequence[Family], day: int, recipient: str | None) -> Crowd:
    counted: dict[Sought, int] = defaultdict(int)
    for one in families:
        may_be = recipient is None or recipient in RECIPIENTS[one.agreement]
        if may_be and day - WINDOW_DAYS < one.day <= day:
            counted[one.seeks] += 1
    return Crowd(counted)


def sent_at_once(families: Sequence[Family], terms: AnonymityTerms) -> Outcome:
    """As it was: each seconds after its sign-off, measured once among all who seek, wherever they may go."""
    outcome = Outcome()
    for one in families:
        found = measured(one.seeks, _crowd(families, one.day, None), terms)
        if found is not None:
            outcome.requests += [Request(recipient, one.day, one, found) for recipient in one.asked_at]
    return outcome


def sent_together(families: Sequence[Family], terms: AnonymityTerms, days: int) -> Outcome:
    """As it is: on sending days, for each recipient among those it could be asked about, three alike together."""
    outcome, tries = Outcome(), defaultdict[tuple[int, str], int](int)
    for recipient in sorted({one for those in RECIPIENTS.values() for one in those}):
        waits: dict[int, Family] = {}
        theirs = iter([one for one in families if recipient in one.asked_at])
        coming = next(theirs, None)
        for day in range(days + 1):
            while coming is not None and coming.day < day:
                waits[coming.id] = coming
                coming = next(theirs, None)
            if day % 5 not in SENDING_DAYS or not waits:
                continue
            in_line = [Waiting(one.id, one.seeks) for one in waits.values()]
            for group in sending(in_line, _crowd(families, day, recipient), terms):
                outcome.requests += [Request(recipient, day, waits.pop(one.id), group.found) for one in group.waits]
            for id_ in waits:
                tries[id_, recipient] += 1
    told = {request.family.id for request in outcome.requests}
    outcome.in_vain = {id_ for (id_, _), count in tries.items() if count >= 2 and id_ not in told}
    return outcome


def may_be(request: Request, families: Sequence[Family], outcome: Outcome, *, facts: bool) -> int:
    """Whom a request may be about, to somebody who knows the day: those sent on it, who seek what it shows."""
    # At once: those signed off on the day. Together: those that the recipient was first told of on the day.
    on_the_day = {
        one.family.id for one in outcome.requests if (one.recipient, one.day) == (request.recipient, request.day)
    }
    return sum(
        one.id in on_the_day and (not facts or shown(one.seeks, request.found.steps) == request.found.seen)
        for one in families
    )


def joined(outcome: Outcome, *, by_instant: bool) -> Iterator[int]:
    """Whom two associations that lay their letters beside each other take each family for.

    Where each family's letters went out at one instant of their own, they know that both are about one family; else
    only that both are about one of that sending.
    """
    by_family: dict[int, list[Request]] = defaultdict(list)
    for request in outcome.requests:
        by_family[request.family.id].append(request)
    for requests in by_family.values():
        if len(requests) < 2:
            continue
        alike = [
            {
                other.family.id
                for other in outcome.requests
                if (other.recipient, other.day) == (one.recipient, one.day)
                and shown(other.family.seeks, one.found.steps) == one.found.seen
            }
            for one in requests
        ]
        yield len(set.intersection(*alike)) if by_instant else min(map(len, alike))


def right(candidates: Sequence[int]) -> float:
    """How often somebody is right who names one of so many."""
    return sum(1 / count for count in candidates) / len(candidates)
