"""Two families that have moved in under a compensation model of several parts."""

from dataclasses import replace
from fractions import Fraction

from sqlmodel import select

from domain.parties.compensation.model import CompensationModel
from domain.parties.compensation.parts import (
    DepositLoan,
    MonthlyStep,
    MoveOut,
    Payee,
    PayeeShare,
    Payer,
    PayerShare,
    Reception,
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tests.world.families import family
from tests.world.world import World

BOTH = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 2)), PayerShare(Payer.COMMON_FUND, Fraction(1, 2)))
TO_BOTH = tuple(PayeeShare(who, Fraction(1, 2)) for who in Payee)
MODEL = CompensationModel(
    guarantee_days=365,
    parts=(
        Reception(per_family_ore=4_000_001, per_child_ore=500_000, paid_to=TO_BOTH, move_out=MoveOut.EARNED_BY_DAY),
        SocialWork(steps=(MonthlyStep(2, 800_000), MonthlyStep(1, 400_000)), paid_by=BOTH),
        VacancyRent(most_days=60),
        DepositLoan(amount_ore=3_000_000, repaid_after_months=11),
        Staircase(receiving_share={"0450": 1}, received=(Stair(100, 1_000_000),)),
    ),
    fund_held_by="0461",
)


def under_the_model(world: World) -> None:
    """Families of Odense from now on under a model of parts."""
    with world.platform.database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")).one()
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=2, compensation=MODEL)
        remember_agreement(session, agreement, now=world.clock.now())


def two_housed_families(world: World) -> None:
    under_the_model(world)
    for number in (1, 2):
        world.home()
        one = family(number)
        world.flag(replace(one, need=replace(one.need, persons=4, children=number)))
        world.housed()
