"""What an agreement brings a party for any family: its amounts as they are agreed, which say nothing of this family."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from domain.parties.compensation.model import Compensation, CompensationTerms
from domain.parties.compensation.parts import (
    ArrearsGuarantee,
    DepositLoan,
    MovingCost,
    Part,
    Payee,
    Reception,
    RefurbishmentGuarantee,
    SocialWork,
    Staircase,
    VacancyRent,
)

PLAIN = "compensation"


@dataclass(frozen=True, slots=True)
class Tariff:
    """One amount that a payee gets by a kind of part, in øre: for the family and each child, or each of so many months.

    `days` is for how many days at most the home's own rent is paid. `most` says that the amount is a limit.
    """

    kind: str
    payee: Payee
    ore: int = 0
    per_child_ore: int = 0
    months: int = 0
    days: int = 0
    most: bool = False


def tariffs(terms: Compensation) -> tuple[Tariff, ...]:
    """Every amount of an agreement, by part and payee, in the agreement's order."""
    if isinstance(terms, CompensationTerms):
        return (
            Tariff(PLAIN, Payee.RECEIVING_MUNICIPALITY, terms.receiving_municipality_ore),
            Tariff(PLAIN, Payee.HOUSING_DEPARTMENT, terms.housing_department_ore),
        )
    return tuple(
        found for part in terms.parts for to in part.paid_to for found in _of_part(part, payee=to.who, share=to.share)
    )


def _of_part(part: Part, *, payee: Payee, share: Fraction) -> Iterator[Tariff]:
    def of(ore: int) -> int:
        return round(ore * share)

    match part:
        case Reception() | MovingCost():
            yield Tariff(part.kind, payee, of(part.per_family_ore), of(part.per_child_ore))
        case SocialWork():
            yield from (Tariff(part.kind, payee, of(step.monthly_ore), months=step.months) for step in part.steps)
        case VacancyRent():
            yield Tariff(part.kind, payee, days=part.most_days)
        case DepositLoan():
            yield Tariff(part.kind, payee, of(part.amount_ore))
        case RefurbishmentGuarantee() | ArrearsGuarantee():
            yield Tariff(part.kind, payee, of(part.cap_ore), most=True)
        case Staircase() if part.received:
            yield Tariff(part.kind, payee, of(max(stair.extra_ore for stair in part.received)), most=True)
        case _:
            return
