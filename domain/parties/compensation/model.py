"""The compensation model (udligningsmodel) of an agreement: its parts, guarantee period, ceiling and indexation."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import ClassVar

from domain.parties.compensation.parts import STRICT, Part, Staircase


@dataclass(frozen=True, slots=True)
class Indexation:
    """From this day on every amount is multiplied by a factor such as "1.021"; the newest that has begun counts."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    from_day: date
    factor: Fraction


@dataclass(frozen=True, slots=True)
class CompensationModel:
    """The parts of what is paid for each family that is housed. Amounts are whole øre.

    `guarantee_days` is the guarantee period in calendar days from the move-in. `ceiling_ore` is the most that is paid
    for one family, the loan apart; parts are paid in the order in which they stand. `fund_held_by` is the municipality
    (its code) that keeps the common fund.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    guarantee_days: int
    parts: tuple[Part, ...]
    ceiling_ore: int | None = None
    indexation: tuple[Indexation, ...] = ()
    fund_held_by: str | None = None
    # The demo's figures are invented, and every page that shows them says so.
    invented: bool = False

    def parts_on(self, moved_in_on: date) -> tuple[Part, ...]:
        """The parts that hold for a family that moved in on a day, in their order."""
        return tuple(one for one in self.parts if one.holds_on(moved_in_on))

    @property
    def has_a_staircase(self) -> bool:
        """Whether what is paid depends on how many families there were in the year."""
        return any(isinstance(one, Staircase) for one in self.parts)


@dataclass(frozen=True, slots=True)
class CompensationTerms:
    """The plainest form: two amounts that the sending municipality pays for each household housed, in øre.

    `reversed_within_days` is the guarantee period in calendar days: a move-out within it reverses the booking.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    receiving_municipality_ore: int
    housing_department_ore: int
    reversed_within_days: int

    @property
    def guarantee_days(self) -> int:
        """The guarantee period in calendar days."""
        return self.reversed_within_days

    @property
    def has_a_staircase(self) -> bool:
        """Never: two amounts are the same for each family."""
        return False


Compensation = CompensationTerms | CompensationModel
