"""The parts of a compensation model (udligningsmodel): what is paid for a family, by whom and to whom, as data.

The parties agree on every amount. No national rate exists, and none stands here. It is never statutory reimbursement
(mellemkommunal refusion): retssikkerhedsloven § 9 c does not cover a family that rents an ordinary home.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Literal

STRICT: dict[str, str] = {"extra": "forbid"}
# Behind the name of a staircase: what a receiver gets extra, and what a sender pays extra.
RECEIVED, SENT = "received", "sent"


class Payer(StrEnum):
    """Who pays a part: the municipality that the family moves from, or the parties' common fund."""

    SENDING_MUNICIPALITY = "sending_municipality"
    COMMON_FUND = "common_fund"


class Payee(StrEnum):
    """Who receives a part: the municipality that the family moves to, or the housing department (boligafdeling)."""

    RECEIVING_MUNICIPALITY = "receiving_municipality"
    HOUSING_DEPARTMENT = "housing_department"


class MoveOut(StrEnum):
    """What a part is worth once the family has moved out within the guarantee period.

    RETURNED is paid back whole, EARNED_BY_DAY for the days that were left of the period; KEPT stays, as a cost that was
    had does.
    """

    RETURNED = "returned"
    EARNED_BY_DAY = "earned_by_day"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class PayerShare:
    """A payer, and its share of what is paid: a fraction such as "1/3" or "0.6"."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    who: Payer
    share: Fraction


@dataclass(frozen=True, slots=True)
class PayeeShare:
    """A payee, and its share of what is paid: a fraction such as "1/3" or "0.6"."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    who: Payee
    share: Fraction


BY_THE_SENDER = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1)),)
TO_THE_RECEIVER = (PayeeShare(Payee.RECEIVING_MUNICIPALITY, Fraction(1)),)
TO_THE_DEPARTMENT = (PayeeShare(Payee.HOUSING_DEPARTMENT, Fraction(1)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What every part has: who pays and receives, the days of moving in for which it holds, and what a move-out does.

    `name` tells parts of one kind apart; unsaid, it is the kind. `first_day` and `last_day` are included; None is open.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    kind: str
    name: str = ""
    paid_by: tuple[PayerShare, ...] = BY_THE_SENDER
    paid_to: tuple[PayeeShare, ...] = TO_THE_RECEIVER
    first_day: date | None = None
    last_day: date | None = None
    move_out: MoveOut = MoveOut.RETURNED

    @property
    def rule(self) -> str:
        """The name under which it is booked."""
        return self.name or self.kind

    @property
    def booked_as(self) -> tuple[str, ...]:
        """The rules under which its bookings stand."""
        return (self.rule,)

    def holds_on(self, moved_in_on: date) -> bool:
        """Whether the part is paid for a family that moved in on a day."""
        return (self.first_day or moved_in_on) <= moved_in_on <= (self.last_day or moved_in_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception(_Part):
    """Reception amount: for the family, and for each child beside it. In øre."""

    kind: Literal["reception"] = "reception"
    per_family_ore: int
    per_child_ore: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingCost(_Part):
    """Moving cost (almenboligloven § 63 c): for the family, and for each child beside it. In øre."""

    kind: Literal["moving_cost"] = "moving_cost"
    per_family_ore: int
    per_child_ore: int = 0
    move_out: MoveOut = MoveOut.KEPT


@dataclass(frozen=True, slots=True)
class MonthlyStep:
    """An amount in øre that is paid for so many months."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    months: int
    monthly_ore: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialWork(_Part):
    """Social work with the family, by the month from the move-in on; each step pays less than the step before."""

    kind: Literal["social_work"] = "social_work"
    steps: tuple[MonthlyStep, ...]
    move_out: MoveOut = MoveOut.KEPT

    @property
    def months(self) -> int:
        """For how many months it is paid."""
        return sum(step.months for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyRent(_Part):
    """Vacancy rent (tomgangsleje): the home's daily rent for each day that it stood reserved, `most_days` at most."""

    kind: Literal["vacancy_rent"] = "vacancy_rent"
    most_days: int
    paid_to: tuple[PayeeShare, ...] = TO_THE_DEPARTMENT
    move_out: MoveOut = MoveOut.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositLoan(_Part):
    """The deposit, lent to the housing department, and paid back so many months after the move-in or at a move-out."""

    kind: Literal["deposit_loan"] = "deposit_loan"
    amount_ore: int
    repaid_after_months: int
    paid_to: tuple[PayeeShare, ...] = TO_THE_DEPARTMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class RefurbishmentGuarantee(_Part):
    """Refurbishment guarantee (istandsættelsesgaranti): what repairs cost, by evidence, up to a cap in øre."""

    kind: Literal["refurbishment_guarantee"] = "refurbishment_guarantee"
    cap_ore: int
    claimed_within_days: int
    paid_to: tuple[PayeeShare, ...] = TO_THE_DEPARTMENT
    move_out: MoveOut = MoveOut.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsGuarantee(_Part):
    """Guarantee for rent in arrears, by evidence, up to a cap in øre."""

    kind: Literal["arrears_guarantee"] = "arrears_guarantee"
    cap_ore: int
    claimed_within_days: int = 365
    paid_to: tuple[PayeeShare, ...] = TO_THE_DEPARTMENT
    move_out: MoveOut = MoveOut.KEPT


@dataclass(frozen=True, slots=True)
class Stair:
    """What a family more costs or brings, once more than so many per cent of a municipality's share are reached."""

    __pydantic_config__: ClassVar[dict[str, str]] = STRICT

    above_percent: int
    extra_ore: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase(_Part):
    """Staircase (trappemodel): who receives more than its share gets more, and who sends more than its share pays more.

    `receiving_share` and `sending_share` are families a calendar year by municipality code. What a sender pays extra
    goes to the common fund; what a receiver gets extra comes from those who pay this part.
    """

    kind: Literal["staircase"] = "staircase"
    receiving_share: Mapping[str, int] = field(default_factory=dict)
    sending_share: Mapping[str, int] = field(default_factory=dict)
    received: tuple[Stair, ...] = ()
    sent: tuple[Stair, ...] = ()

    @property
    def booked_as(self) -> tuple[str, ...]:
        """The two rules under which its bookings stand."""
        return (f"{self.rule}_{RECEIVED}", f"{self.rule}_{SENT}")


Part = (
    Reception
    | SocialWork
    | VacancyRent
    | RefurbishmentGuarantee
    | DepositLoan
    | ArrearsGuarantee
    | MovingCost
    | Staircase
)
Guarantee = RefurbishmentGuarantee | ArrearsGuarantee
