"""What the receiving municipality is told of a family before the family has said yes, and how coarsely.

It decides about a home that it knows, so that nothing is told that the home tells already: no rooms, no rent. What is
told is measured like a request, among the families of the same agreement whom the home would suit: the page names the
agreement by what it pays. The association that offers the home may be asked by the municipality what it was told, and
the home joins both: so a family must be one of enough in what the two know together, and nothing is told to the
municipality in finer steps than to the association.
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
    """A family that may come: what it seeks, as associations are told it, how many it is, and who sends it."""

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
        """Whether the home would suit it, as far as its municipality can tell."""
        seeks = self.seeks
        need = Need(self.persons, seeks.rooms_min, seeks.rent_max_monthly_ore, seeks.move_in_from, seeks.step_free)
        return not any(rule(need, home) for rule in RULES)


class Presented(NamedTuple):
    """What the page says of the family: None is what is not said, and so is False for `step_free`.

    Persons from and to (None for "and more"); move-in as a year, a month and for how many months from then; the
    municipality that sends, by its code.
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
    """What the page says of a family, so far up the ladders."""
    return Presented(*(ladder[step].shows(one) for ladder, step in zip(NEWCOMER_LADDERS.values(), steps, strict=True)))  # type: ignore[arg-type]  # the rungs of each ladder show its own


@dataclass(frozen=True, slots=True)
class MeasuredNewcomer:
    """What is told, how far up the ladders, and how many of those that may come look the same to the municipality."""

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
        """What was lost by them."""
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

    `may_come` are those whom the home would suit, each with how many there are. Where not enough are alike to the
    association alone, nothing is told beside the home.
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
    """Only what was agreed, and nothing that the association was told more coarsely."""
    told = dict(zip(LADDERS, association_was_told, strict=True))
    by_name = dict(zip(NEWCOMER_LADDERS, steps, strict=True))
    agreed = all(
        by_name[name] == len(NEWCOMER_LADDERS[name]) - 1 for name, what in AGREED_FIRST.items() if what not in shows
    )
    return agreed and all(step >= told.get(name, 0) for name, step in by_name.items())
