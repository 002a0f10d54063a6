"""How many families the parties agree to receive in a calendar year, at most."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import ClassVar

STRICT = {"extra": "forbid"}
# What a share may be of: the vacancies of each association, or those in each receiving municipality.
EACH_ASSOCIATION, EACH_MUNICIPALITY = "association", "municipality"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ceiling:
    """On which days a ceiling is asked: `first_day` and `last_day` are included; None is open.

    On each of them the whole calendar year is counted, also its days before `first_day`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    first_day: date | None = None
    last_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the ceiling is asked on a day."""
        return (self.first_day or day) <= day <= (self.last_day or day)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliesCeiling(_Ceiling):
    """Families a year in one receiving municipality (its code); without a code, in each that has no line of its own."""

    at_most: int
    municipality: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaCeiling(_Ceiling):
    """Families a year in one housing area of a receiving municipality; the area's name may be written in any way."""

    at_most: int
    municipality: str
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyCeiling(_Ceiling):
    """Which share of the homes that were announced in a year may be used, rounded down to whole homes.

    `of` is "association" for the homes of each, "municipality" for those in each, or one party alone, such as
    "association:havblik". One party's own line comes before the line for each.
    """

    share: Fraction
    of: str = EACH_ASSOCIATION


Ceiling = FamiliesCeiling | AreaCeiling | VacancyCeiling


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The yearly ceilings (årlige lofter) of an agreement."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    families: tuple[FamiliesCeiling, ...] = ()
    areas: tuple[AreaCeiling, ...] = ()
    vacancies: tuple[VacancyCeiling, ...] = ()

    def hold_on(self, day: date) -> bool:
        """Whether any of them is asked on a day."""
        return any(one.holds_on(day) for one in (*self.families, *self.areas, *self.vacancies))


NO_CEILINGS = Ceilings()
