"""How far a calendar year's ceilings are used, and whether one stands against a home.

A family counts for a home's municipality, area and association as soon as its home is put forward: a year's families
are those who moved in in it, and those who are on their way (from PROPOSED to ACCEPTED). One that falls through frees
its place. A family on its way at New Year counts in the new year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from domain.homes.area_names import compared
from domain.homes.dwelling import Dwelling
from domain.parties.agreement import Agreement
from domain.parties.ceilings.agreed import EACH_ASSOCIATION, EACH_MUNICIPALITY
from domain.parties.ceilings.agreed_areas import NO_AREAS, AgreedAreas
from domain.parties.party import association, municipality

FAMILIES, FAMILIES_OF_AREA, SHARE_OF_VACANCIES = "families", "families_of_area", "share_of_vacancies"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a home lies and who lets it, as far as ceilings ask; `area` is its number in `AgreedAreas`."""

    municipality: str
    association: str
    area: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """An agreement's calendar year: its families by where they were put forward, and the homes announced in it."""

    families: Mapping[Spot, int] = field(default_factory=dict)
    vacancies: Mapping[Spot, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """A ceiling for one municipality, association or area, or for what several of them have in common."""

    code: str
    at_most: int = 0
    share: Fraction = Fraction(0)
    municipality: str | None = None
    association: str | None = None
    area: str = ""
    area_number: int | None = None

    def concerns(self, spot: Spot) -> bool:
        """Whether a home there counts."""
        return (
            self.municipality in (None, spot.municipality)
            and self.association in (None, spot.association)
            and self.area_number in (None, spot.area)
        )

    @property
    def of(self) -> str:
        """For whom it is, as text: a party, and the area where it is one area's."""
        party = association(self.association) if self.association else municipality(self.municipality or "")
        return f"{party} {self.area}".strip()

    @property
    def key(self) -> str:
        """What tells it from the agreement's other ceilings."""
        return f"{self.code} {self.municipality or ''} {self.association or ''} {compared(self.area)}".strip()

    def __str__(self) -> str:
        return f"{self.code} for {self.of}"


@dataclass(frozen=True, slots=True)
class Level:
    """How far a ceiling is used: families, and how many there may be."""

    limit: Limit
    used: int
    ceiling: int

    @property
    def is_reached(self) -> bool:
        """Whether no further family may be put forward."""
        return self.used >= self.ceiling


def limits(agreement: Agreement, areas: AgreedAreas, *, on: date) -> Iterator[Limit]:
    """Every ceiling of an agreement on a day, spelled out for each municipality, area and association."""
    agreed = agreement.ceilings
    families = {one.municipality: one.at_most for one in agreed.families if one.holds_on(on)}
    for code in agreement.receiving:
        if (at_most := families.get(code, families.get(None))) is not None:
            yield Limit(FAMILIES, at_most, municipality=code)
    for one in agreed.areas:
        if one.holds_on(on):
            number = areas.number(one.municipality, one.area)
            yield Limit(FAMILIES_OF_AREA, one.at_most, municipality=one.municipality, area=one.area, area_number=number)
    shares = {one.of: one.share for one in agreed.vacancies if one.holds_on(on)}
    for id_ in agreement.associations:
        if share := shares.get(association(id_), shares.get(EACH_ASSOCIATION)):
            yield Limit(SHARE_OF_VACANCIES, share=share, association=id_)
    for code in agreement.receiving:
        if share := shares.get(municipality(code), shares.get(EACH_MUNICIPALITY)):
            yield Limit(SHARE_OF_VACANCIES, share=share, municipality=code)


def levels(agreement: Agreement, areas: AgreedAreas, count: Count, *, on: date) -> tuple[Level, ...]:
    """How far each ceiling is used on a day. A share is of homes that its associations have in its municipalities."""
    found = []
    for limit in limits(agreement, areas, on=on):
        used = sum(families for spot, families in count.families.items() if limit.concerns(spot))
        announced = sum(
            homes
            for spot, homes in count.vacancies.items()
            if limit.concerns(spot)
            and spot.association in agreement.associations
            and spot.municipality in agreement.receiving
        )
        is_share = limit.code == SHARE_OF_VACANCIES
        found.append(Level(limit, used, floor(limit.share * announced) if is_share else limit.at_most))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reached:
    """The ceilings of one version of an agreement that are reached, and the areas that they name."""

    levels: tuple[Level, ...] = ()
    areas: AgreedAreas = NO_AREAS

    def objections(self, home: Dwelling) -> list[Level]:
        """Every ceiling that stands against putting a home forward; empty when there is room."""
        if not self.levels:
            return []
        spot = Spot(home.municipality, home.association, self.areas.of(home))
        return [level for level in self.levels if level.limit.concerns(spot)]

    @property
    def keys(self) -> frozenset[str]:
        """What tells the ceilings from the agreement's others."""
        return frozenset(level.limit.key for level in self.levels)


NONE_REACHED = Reached()
