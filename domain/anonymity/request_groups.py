"""Which of the requests that wait for one recipient go out together, and how coarse each becomes.

A family is signed off on a day that others know, and its request goes out on the next sending day. Whoever knows that
day knows in which sending to look. So enough requests of the same sending must look the same, besides the families
that were seeking lately. A pseudonym that the recipient has seen before was not signed off since the last sending, so
it hides no new family: a family that is new to the recipient must be like enough others that are new to it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from domain.anonymity.measure import EXACT, WAYS, AnonymityTerms, Crowd, Measured, Seen, Sought, Steps, as_coarse, shown

# How many families the recipient was told of lately that look like this, leaving out one family (its referral's id).
Had = Callable[[Seen, int], int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a recipient, by its referral's id.

    `told` are the steps at which the recipient was told of it before, under the same name; None when it never was.
    `least` is the number alike with which a person has chosen to have it sent; None while nobody has chosen.
    """

    id: int
    seeks: Sought
    told: Steps | None = None
    least: int | None = None

    def may_be(self, steps: Steps) -> bool:
        """Whether these steps tell nothing finer than the recipient was told before."""
        return self.told is None or as_coarse(steps, self.told)


@dataclass(frozen=True, slots=True)
class Together:
    """Requests of one sending that look the same. `chosen`: a person has chosen to send them with too few alike."""

    found: Measured
    waits: tuple[Waiting, ...]
    chosen: bool = False

    def may_go(self, left: Sequence[Waiting], terms: AnonymityTerms) -> bool:
        """Whether those of the group that are still left are enough."""
        if self.chosen:
            return bool(left) and all(one.least is not None and len(left) >= one.least for one in left)
        return bool(left) and len(_enough(left, terms.least)) == len(left)


def ready(waits: Sequence[Waiting], crowd: Callable[[], Crowd], terms: AnonymityTerms) -> list[Together]:
    """The groups that need not wait for a sending day: as many as are wanted look alike with nothing left out."""
    found = []
    by_told: dict[Steps, list[Waiting]] = defaultdict(list)
    for one in waits:
        by_told[one.told or EXACT].append(one)
    for steps, those in by_told.items():
        for seen, alike in _alike(those, steps):
            going = _enough(alike, terms.wanted)
            if going and (many := crowd().alike(seen, steps)) >= terms.wanted:
                found.append(Together(Measured(seen, steps, many, crowd().size), going))
    return found


def sending(
    waits: Sequence[Waiting], crowd: Crowd, terms: AnonymityTerms, *, had: Had = lambda _seen, _but: 0
) -> list[Together]:
    """What goes out on a sending day, with the least loss, and among as many families as are wanted if possible."""
    left = {one.id: one for one in waits}
    found: list[Together] = []
    for enough in (terms.wanted, terms.least):
        for steps in WAYS if crowd.size >= enough else ():
            if len(left) < terms.least:
                break
            for group in _groups(left.values(), steps, crowd, terms, enough):
                found.append(group)
                for one in group.waits:
                    del left[one.id]
    for one in list(left.values()):
        if (joined := _joined(one, found, crowd, terms)) is not None:
            found = joined
            del left[one.id]
    return found + chosen(list(left.values()), crowd, terms, had=had)


def chosen(left: Iterable[Waiting], crowd: Crowd, terms: AnonymityTerms, *, had: Had) -> list[Together]:
    """The requests with too few alike that a person has chosen to have sent all the same.

    Each is still made as much like the crowd, and like what the recipient was sent before, as it can be.
    """
    groups: dict[Seen, list[tuple[Measured, Waiting]]] = defaultdict(list)
    for one in left:
        if one.least is not None and (found := _as_good_as_can_be(one, crowd, terms, had)) is not None:
            groups[found.seen].append((found, one))
    together = (_as_coarse_as_any(seen, those, crowd) for seen, those in groups.items())
    return [group for group in together if group.may_go(group.waits, terms)]


def _as_coarse_as_any(seen: Seen, those: Sequence[tuple[Measured, Waiting]], crowd: Crowd) -> Together:
    """Requests that look the same, measured at the coarsest steps of any of them: there they still look the same."""
    steps: Steps = tuple(map(max, *(found.steps for found, _ in those))) if len(those) > 1 else those[0][0].steps
    measured = Measured(seen, steps, crowd.alike(seen, steps), crowd.size)
    return Together(measured, tuple(one for _, one in those), chosen=True)


def with_a_yes(
    one: Waiting, left: Iterable[Waiting], crowd: Crowd, terms: AnonymityTerms, *, had: Had = lambda _seen, _but: 0
) -> int:
    """How many alike requests it would be sent with, itself counted, if a person chose to have it sent now."""
    others = (other for other in left if other.id != one.id)
    groups = chosen([replace(one, least=1), *others], crowd, terms, had=had)
    return next((len(group.waits) for group in groups if any(other.id == one.id for other in group.waits)), 1)


def _alike(waits: Iterable[Waiting], steps: Steps) -> Iterator[tuple[Seen, list[Waiting]]]:
    by_seen: dict[Seen, list[Waiting]] = defaultdict(list)
    for one in waits:
        if one.may_be(steps):
            by_seen[shown(one.seeks, steps)].append(one)
    return iter(by_seen.items())


def _enough(alike: Sequence[Waiting], least: int) -> tuple[Waiting, ...]:
    """Which of these alike requests may go: all, or only those that the recipient knows already, or none."""
    known = tuple(one for one in alike if one.told is not None)
    if len(alike) - len(known) >= least or len(known) == len(alike) >= least:
        return tuple(alike)
    return known if len(known) >= least else ()


def _groups(
    left: Iterable[Waiting], steps: Steps, crowd: Crowd, terms: AnonymityTerms, enough: int
) -> Iterator[Together]:
    for seen, those in _alike(left, steps):
        going = _enough(those, terms.least)
        if going and (alike := crowd.alike(seen, steps)) >= enough:
            yield Together(Measured(seen, steps, alike, crowd.size), going)


def _joined(one: Waiting, found: list[Together], crowd: Crowd, terms: AnonymityTerms) -> list[Together] | None:
    """The groups after one leftover request joins those it fits, made as coarse as it; None when it fits none."""
    for steps in WAYS if found else ():
        if not one.may_be(steps):
            continue
        seen = shown(one.seeks, steps)
        # When one of a group shows this at these steps, or coarser ones, the whole group does.
        fit = [
            group
            for group in found
            if as_coarse(steps, group.found.steps)
            and shown(group.waits[0].seeks, steps) == seen
            and all(other.may_be(steps) for other in group.waits)
        ]
        going = (one, *chain.from_iterable(group.waits for group in fit))
        if fit and len(_enough(going, terms.least)) == len(going) and crowd.alike(seen, steps) >= terms.least:
            measured = Measured(seen, steps, crowd.alike(seen, steps), crowd.size)
            return [*(group for group in found if group not in fit), Together(measured, going)]
    return None


def _as_good_as_can_be(one: Waiting, crowd: Crowd, terms: AnonymityTerms, had: Had) -> Measured | None:
    fewer = ((few, 1) for few in range(terms.least - 1, (one.least or 1) - 1, -1))
    demands = ((terms.wanted, terms.least), (terms.least, terms.least), (terms.wanted, 1), (terms.least, 1), *fewer)
    for seeking, received in demands:
        for steps in WAYS if crowd.size >= seeking else ():
            seen = shown(one.seeks, steps)
            if (
                one.may_be(steps)
                and (alike := crowd.alike(seen, steps)) >= seeking
                and had(seen, one.id) + 1 >= received
            ):
                return Measured(seen, steps, alike, crowd.size)
    return None
