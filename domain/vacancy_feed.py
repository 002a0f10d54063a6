"""The feed contract: one vacancy as an association delivers it, whatever its own format."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from domain.dwelling import LettingCriteria

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]


def not_a_number(day: object) -> object:
    """A day is written as a day; a number would be read as seconds since 1970."""
    if isinstance(day, int | float):
        raise ValueError("must be a day, year-month-day")  # noqa: TRY004  # pydantic collects ValueErrors
    return day


class VacancyRow(BaseModel):
    """A row of a vacancy feed, validated. Rent in øre a month, size in whole square metres."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    external_id: Text
    department: Text
    municipality: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    area: Text | None = None
    rooms: Annotated[int, Field(ge=1, le=12)]
    size_m2: Annotated[int, Field(ge=10, le=400)]
    rent_monthly_ore: Annotated[int, Field(ge=50_000, le=5_000_000)]
    available_from: Annotated[date, BeforeValidator(not_a_number), Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
    step_free: bool
    letting: LettingCriteria


def reasons(error: ValidationError) -> list[str]:
    """Why a row breaks the contract: each field with its rule, never the value."""
    return [f"{'.'.join(str(part) for part in fault['loc']) or 'row'}: {fault['msg']}" for fault in error.errors()]
