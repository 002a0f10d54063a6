"""Which requests an association may be sent, and how coarse each must be: anonymity is measured, not only intended.

A request is k-anonymous (Sweeney 2002) when at least k of the families that were seeking lately would look the same in
it. An attribute is made coarser along a declared ladder. Of all the ways that give enough families, the one with the
least loss is taken; there are so few ways that every one is tried.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, product
from operator import add, itemgetter
from typing import Any, NamedTuple

from domain.referrals.household import Need

RENT_BAND_ORE = 100_000
MANY_ROOMS = 5


@dataclass(frozen=True, slots=True)
class Sought:
    """What may be shown of a family at all: its need, and the region it is sought in, None when there are several.

    It does not tell how many persons they are, nor where they come from.
    """

    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool
    region: str | None = None


def sought(need: Need, *, region: str | None = None) -> Sought:
    """What may be shown of a family with this need."""
    return Sought(need.rooms_min, need.rent_max_monthly_ore, need.move_in_from, need.step_free, region)


class Seen(NamedTuple):
    """What a request shows. None means that it is not said, and so does False for `step_free`.

    Rooms from and to (None for "and more"); rent in øre from and below; move-in as a year, a month, and the number of
    months from then.
    """

    rooms: tuple[int, int | None] | None
    rent_ore: tuple[int, int] | None
    move_in: tuple[int, int, int] | None
    step_free: bool
    region: str | None


@dataclass(frozen=True, slots=True)
class Rung:
    """A step on an attribute's ladder: what it is called, what it costs, and what it shows of a family.

    The loss says how much harder it becomes to offer a home that suits. It is set by judgement, and only compared.
    """

    name: str
    loss: int
    shows: Callable[[Any], object]


def _rooms(wide: int) -> Callable[[Sought], tuple[int, int | None]]:
    def band(one: Sought) -> tuple[int, int | None]:
        least = max(1, one.rooms_min)
        if least >= MANY_ROOMS:
            return MANY_ROOMS, None
        first = (least - 1) // wide * wide + 1
        return first, first + wide

    return band


def _rent(bands: int) -> Callable[[Sought], tuple[int, int]]:
    wide = bands * RENT_BAND_ORE

    def band(one: Sought) -> tuple[int, int]:
        lower = one.rent_max_monthly_ore // wide * wide
        return lower, lower + wide

    return band


def _move_in(months: int) -> Callable[[Sought], tuple[int, int, int]]:
    def period(one: Sought) -> tuple[int, int, int]:
        day = one.move_in_from
        return day.year, (day.month - 1) // months * months + 1, months

    return period


def _not_said(_one: Sought) -> None:
    return None


LADDERS: dict[str, tuple[Rung, ...]] = {
    "rooms": (Rung("band", 0, _rooms(1)), Rung("wide_band", 3, _rooms(2)), Rung("not_said", 9, _not_said)),
    "rent_ore": (
        Rung("1000_kr", 0, _rent(1)),
        Rung("2000_kr", 2, _rent(2)),
        Rung("4000_kr", 4, _rent(4)),
        Rung("not_said", 8, _not_said),
    ),
    "move_in": (
        Rung("month", 0, _move_in(1)),
        Rung("quarter", 1, _move_in(3)),
        Rung("half_year", 3, _move_in(6)),
        Rung("not_said", 6, _not_said),
    ),
    "step_free": (
        Rung("said", 0, lambda one: one.step_free),
        Rung("not_said", 7, lambda _one: False),
    ),
    "region": (Rung("said", 0, lambda one: one.region), Rung("not_said", 2, _not_said)),
}
# How far up each ladder, in the ladders' order.
Steps = tuple[int, ...]
EXACT: Steps = (0,) * len(LADDERS)


def loss(steps: Steps) -> int:
    """What is lost by going these steps up the ladders."""
    return sum(ladder[step].loss for ladder, step in zip(LADDERS.values(), steps, strict=True))


# Every way, the least loss first; of two with equal loss, the one that leaves the first attributes alone.
WAYS: tuple[Steps, ...] = tuple(
    sorted(product(*(range(len(ladder)) for ladder in LADDERS.values())), key=lambda steps: (loss(steps), steps))
)


@lru_cache(maxsize=65_536)
def _climbed(one: Sought) -> tuple[object, ...]:
    """What each rung of each ladder shows of a family, in the ladders' order: every request is a choice among these."""
    return tuple(rung.shows(one) for ladder in LADDERS.values() for rung in ladder)


_FIRST_RUNGS = tuple(accumulate((len(ladder) for ladder in LADDERS.values()), initial=0))[:-1]
_CHOICES = {steps: itemgetter(*map(add, _FIRST_RUNGS, steps)) for steps in WAYS}


def shown(one: Sought, steps: Steps = EXACT) -> Seen:
    """What a request shows of a family after these steps up the ladders."""
    return Seen(*_CHOICES[steps](_climbed(one)))


def names_of(steps: Steps) -> dict[str, str]:
    """The steps that were taken, by attribute; an attribute left as it was is left out."""
    return {name: ladder[step].name for (name, ladder), step in zip(LADDERS.items(), steps, strict=True) if step}


def steps_of(names: Mapping[str, str]) -> Steps:
    """The steps that these names stand for; a name that is no longer a rung counts as the highest."""
    found = ([rung.name for rung in ladder] for ladder in LADDERS.values())
    asked = (names.get(name) for name in LADDERS)
    return tuple(
        0 if name is None else rungs.index(name) if name in rungs else len(rungs) - 1
        for name, rungs in zip(asked, found, strict=True)
    )


def as_coarse(steps: Steps, told: Steps) -> bool:
    """Whether `steps` say nothing finer than `told` did: the same or coarser in every attribute."""
    return all(step >= before for step, before in zip(steps, told, strict=True))


class Crowd:
    """The families that were seeking lately, among whom one must not stand out."""

    def __init__(self, seeking: Mapping[Sought, int]) -> None:
        self.size = sum(seeking.values())
        self._climbed = [_climbed(one) for one, count in seeking.items() for _ in range(count)]
        self._alike: dict[Steps, Counter[tuple[object, ...]]] = {}

    def alike(self, seen: Seen, steps: Steps) -> int:
        """How many of them look like `seen` after these steps up the ladders."""
        if steps not in self._alike:
            self._alike[steps] = Counter(map(_CHOICES[steps], self._climbed))
        return self._alike[steps][seen]


@dataclass(frozen=True, slots=True)
class AnonymityTerms:
    """How many must look the same before a request is sent, how many are wanted, and for how long seekers count."""

    least: int = 3
    wanted: int = 11
    window_days: int = 90
    wait_working_days: int = 10


@dataclass(frozen=True, slots=True)
class FewAlike:
    """What a caseworker is told of a waiting request: how many are alike, how many usually must be, since when."""

    alike: int
    usual: int
    since: date


@dataclass(frozen=True, slots=True)
class Measured:
    """How a request may be sent: what it shows, after which steps, and how many in the crowd look the same."""

    seen: Seen
    steps: Steps
    alike: int
    crowd: int

    @property
    def names(self) -> dict[str, str]:
        """The steps that were taken, by attribute."""
        return names_of(self.steps)

    @property
    def loss(self) -> int:
        """What those steps lost."""
        return loss(self.steps)


def measured(one: Sought, crowd: Crowd, terms: AnonymityTerms, *, told: Steps = EXACT) -> Measured | None:
    """The request with the least loss that as many families share as are wanted; else as many as there must be.

    It is as coarse as what was `told` before, or coarser. None when too few share even the coarsest one: then it waits.
    """
    for enough in (terms.wanted, terms.least):
        for steps in WAYS if crowd.size >= enough else ():
            seen = shown(one, steps)
            if as_coarse(steps, told) and (alike := crowd.alike(seen, steps)) >= enough:
                return Measured(seen, steps, alike, crowd.size)
    return None
