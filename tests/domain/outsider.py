"""What an outsider could learn from the requests who knows what every family seeks and when each was signed off.

Days are numbers, five working days a week, and requests are sent on the second and the fifth. Families differ as in
tests/domain/anonymity/test_release.py. There are two agreements, each with two associations of its own and one in
common. Two of its three associations are asked about a family at once.
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
    """A family that seeks a home: since when, what, under which agreement, and which associations are asked."""

    id: int
    day: int
    seeks: Sought
    agreement: str
    asked_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request to an association: when, about whom, what it shows; `place` is its position in that day's letters."""

    recipient: str
    day: int
    family: Family
    found: Measured


@dataclass(slots=True)
class Outcome:
    """All requests, and the families that waited two sending days in vain."""

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
    """The earlier way: each request seconds after its sign-off, measured once among all who seek anywhere."""
    outcome = Outcome()
    for one in families:
        found = measured(one.seeks, _crowd(families, one.day, None), terms)
        if found is not None:
            outcome.requests += [Request(recipient, one.day, one, found) for recipient in one.asked_at]
    return outcome


def sent_together(families: Sequence[Family], terms: AnonymityTerms, days: int) -> Outcome:
    """The present way: on sending days, at least three alike among those the recipient could be asked about."""
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
    """How many families a request may be about, to an outsider who knows its day and, with `facts`, what all seek."""
    # Sent at once: the families signed off on the day. Sent together: those first told to the recipient on the day.
    on_the_day = {
        one.family.id for one in outcome.requests if (one.recipient, one.day) == (request.recipient, request.day)
    }
    return sum(
        one.id in on_the_day and (not facts or shown(one.seeks, request.found.steps) == request.found.seen)
        for one in families
    )


def joined(outcome: Outcome, *, by_instant: bool) -> Iterator[int]:
    """For each family, the number of candidates for two associations that compare their letters.

    When a family's letters were sent at an instant of their own, both associations know that they are about the same
    family; otherwise only that they are about one of that sending.
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
    """How often a guess among so many candidates is right."""
    return sum(1 / count for count in candidates) / len(candidates)
