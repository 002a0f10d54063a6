"""What the receiving municipality is told of a family before the family has said yes, and how coarsely.

The municipality decides about a home that it knows, so it is told nothing that the home tells already: no rooms, no
rent. What it is told is measured like a request, among the families of the same agreement whom the home would suit: the
page shows what the agreement pays, and so which agreement it is. The municipality may ask the association that offers
the home what it was told. So enough families must look the same in what the two know together, and the municipality is
told nothing in finer steps than the association was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple

from domain.allocation.criteria import RULES
from domain.anonymity.measure import LADDERS, AnonymityTerms, Rung, Sought, Steps, shown
from domain.homes.dwelling import Dwelling
from domain.parties.agreement import Shows
from domain.referrals.household import Need

HOUSEHOLD_BANDS: tuple[tuple[int, int | None], ...] = ((1, 2), (3, 4), (5, None))
WIDE_HOUSEHOLD_BANDS: tuple[tuple[int, int | None], ...] = ((1, 2), (3, None))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A family that may come: what it seeks, as associations are told it, how many persons it is, and who sends it."""

    seeks: Sought
    persons: int
    sender: str

    @property
    def move_in_from(self) -> date:
        """When it can move in."""
        return self.seeks.move_in_from

    @property
    def step_free(self) -> bool:
        """Whether it needs a step-free home."""
        return self.seeks.step_free

    def fits(self, home: Dwelling) -> bool:
        """Whether the home would suit it, as far as the home's municipality can tell."""
        seeks = self.seeks
        need = Need(self.persons, seeks.rooms_min, seeks.rent_max_monthly_ore, seeks.move_in_from, seeks.step_free)
        return not any(rule(need, home) for rule in RULES)


class Presented(NamedTuple):
    """What the page says of the family. None means that it is not said, and so does False for `step_free`.

    Persons from and to (None for "and more"); move-in as a year, a month, and the number of months from then; the code
    of the municipality that sends.
    """

    persons: tuple[int, int | None] | None
    move_in: tuple[int, int, int] | None
    step_free: bool
    sender: str | None


def _band(bands: tuple[tuple[int, int | None], ...], one: Newcomer) -> tuple[int, int | None]:
    return next(band for band in bands if band[1] is None or one.persons <= band[1])


NOT_SAID = Rung("not_said", 6, lambda _one: None)
NEWCOMER_LADDERS: dict[str, tuple[Rung, ...]] = {
    "persons": (
        Rung("band", 0, lambda one: _band(HOUSEHOLD_BANDS, one)),
        Rung("wide_band", 3, lambda one: _band(WIDE_HOUSEHOLD_BANDS, one)),
        NOT_SAID,
    ),
    "move_in": LADDERS["move_in"],
    "step_free": LADDERS["step_free"],
    "sender": (Rung("said", 0, lambda one: one.sender), NOT_SAID),
}
AGREED_FIRST = {"persons": Shows.HOUSEHOLD_BAND, "sender": Shows.SENDER}
COARSEST: Steps = tuple(len(ladder) - 1 for ladder in NEWCOMER_LADDERS.values())


def _loss(steps: Steps) -> int:
    return sum(ladder[step].loss for ladder, step in zip(NEWCOMER_LADDERS.values(), steps, strict=True))


NEWCOMER_WAYS: tuple[Steps, ...] = tuple(
    sorted(product(*(range(len(ladder)) for ladder in NEWCOMER_LADDERS.values())), key=lambda way: (_loss(way), way))
)


def presented(one: Newcomer, steps: Steps) -> Presented:
    """What the page says of a family after these steps up the ladders."""
    return Presented(*(ladder[step].shows(one) for ladder, step in zip(NEWCOMER_LADDERS.values(), steps, strict=True)))  # type: ignore[arg-type]  # the rungs of each ladder show its own


@dataclass(frozen=True, slots=True)
class MeasuredNewcomer:
    """What is told, after which steps, and how many of the families that may come look the same to the municipality."""

    seen: Presented
    steps: Steps
    alike: int
    crowd: int

    @property
    def names(self) -> dict[str, str]:
        """The steps that were taken, by attribute."""
        ladders = zip(NEWCOMER_LADDERS.items(), self.steps, strict=True)
        return {name: ladder[step].name for (name, ladder), step in ladders if step}

    @property
    def loss(self) -> int:
        """What those steps lost."""
        return _loss(self.steps)


def measured_newcomer(
    one: Newcomer,
    may_come: Iterable[tuple[Newcomer, int]],
    terms: AnonymityTerms,
    *,
    shows: Iterable[Shows],
    association_was_told: Steps,
) -> MeasuredNewcomer:
    """What the municipality is told: the least loss at which enough are alike in all that it and the association know.

    `may_come` are the families whom the home would suit, each with how many such families there are. Where too few are
    alike to the association alone, the municipality is told nothing but the home.
    """
    those, own = list(may_come), shown(one.seeks, association_was_told)
    crowd = sum(count for _, count in those)
    joined = [(other, count) for other, count in those if shown(other.seeks, association_was_told) == own]
    ways = [steps for steps in NEWCOMER_WAYS if _may_be_told(steps, frozenset(shows), association_was_told)]
    suffice = (steps for least in (terms.wanted, terms.least) for steps in ways if _alike(one, joined, steps) >= least)
    steps = next(suffice, COARSEST)
    return MeasuredNewcomer(presented(one, steps), steps, _alike(one, those, steps), crowd)


def _alike(one: Newcomer, those: Iterable[tuple[Newcomer, int]], steps: Steps) -> int:
    seen = presented(one, steps)
    return sum(count for other, count in those if presented(other, steps) == seen)


def _may_be_told(steps: Steps, shows: frozenset[Shows], association_was_told: Steps) -> bool:
    """Whether these steps tell only what was agreed, and nothing finer than the association was told."""
    told = dict(zip(LADDERS, association_was_told, strict=True))
    by_name = dict(zip(NEWCOMER_LADDERS, steps, strict=True))
    agreed = all(
        by_name[name] == len(NEWCOMER_LADDERS[name]) - 1 for name, what in AGREED_FIRST.items() if what not in shows
    )
    return agreed and all(step >= told.get(name, 0) for name, step in by_name.items())
