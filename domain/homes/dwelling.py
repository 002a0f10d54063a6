"""The home that is offered, as the path sees it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LettingCriteria(StrEnum):
    """How a vacancy (ledig bolig) may be let: in turn, by fleksibel udlejning, by kommunal anvisning."""

    ORDINARY = "ordinary"
    FLEXIBLE = "flexible_letting"
    MUNICIPAL_ASSIGNMENT = "municipal_assignment"


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A vacant tenancy unit (lejemål). Rent in øre a month, size in whole square metres.

    `area_name` is what its association calls its area, in the form in which names are compared. `address_is_listed`
    says that the address list has its address, and `address_area_id` is the area there, None for no area: the address
    list decides before any name.

    The association lets it to `persons_min` to `persons_max` persons, where it says so.
    """

    vacancy_id: int
    association: str
    department: str
    municipality: str
    area_name: str | None
    rooms: int
    size_m2: int
    rent_monthly_ore: int
    available_from: date
    step_free: bool
    letting: LettingCriteria
    persons_min: int | None = None
    persons_max: int | None = None
    address_is_listed: bool = False
    address_area_id: int | None = None
