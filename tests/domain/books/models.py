"""Compensation models as parties might agree on: one with a part of each kind, and others drawn at random."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from domain.books.charges import MovedIn
from domain.parties.compensation.model import CompensationModel, Indexation
from domain.parties.compensation.parts import (
    BY_THE_SENDER,
    TO_THE_RECEIVER,
    ArrearsGuarantee,
    DepositLoan,
    MonthlyStep,
    MoveOut,
    MovingCost,
    Part,
    Payee,
    PayeeShare,
    Payer,
    PayerShare,
    Reception,
    RefurbishmentGuarantee,
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)

SENDER, RECEIVER = "0461", "0430"
ORE = st.integers(0, 10**9)
MOVED_IN = MovedIn(
    agreement="fyn",
    sender=SENDER,
    receiver=RECEIVER,
    association="havblik",
    department="Solbakken",
    on=date(2026, 3, 2),
    reserved_on=date(2026, 2, 10),
    rent_monthly_ore=730_000,
    children=2,
)


# Every amount is invented.
SAMPLE = CompensationModel(
    guarantee_days=365,
    invented=True,
    ceiling_ore=15_000_000,
    fund_held_by=SENDER,
    indexation=(Indexation(date(2027, 1, 1), Fraction("1.021")),),
    parts=(
        Reception(
            per_family_ore=4_000_050,
            per_child_ore=500_000,
            paid_to=(
                PayeeShare(Payee.RECEIVING_MUNICIPALITY, Fraction("0.9")),
                PayeeShare(Payee.HOUSING_DEPARTMENT, Fraction("0.1")),
            ),
            move_out=MoveOut.EARNED_BY_DAY,
        ),
        SocialWork(
            steps=(MonthlyStep(6, 800_000), MonthlyStep(1, 400_000)),
            paid_by=(
                PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(2, 3)),
                PayerShare(Payer.COMMON_FUND, Fraction(1, 3)),
            ),
        ),
        VacancyRent(most_days=60),
        MovingCost(per_family_ore=1_000_000, first_day=date(2026, 2, 1), last_day=date(2026, 12, 31)),
        DepositLoan(amount_ore=2_500_000, repaid_after_months=11),
        Staircase(
            receiving_share={"0450": 2},
            sending_share={"0461": 3},
            received=(Stair(100, 1_000_000),),
            sent=(Stair(150, 500_000),),
        ),
        RefurbishmentGuarantee(cap_ore=3_000_000, claimed_within_days=365),
        ArrearsGuarantee(cap_ore=1_200_000),
    ),
)

_BY_BOTH = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 3)), PayerShare(Payer.COMMON_FUND, Fraction(2, 3)))
_TO_BOTH = tuple(
    PayeeShare(who, share) for who, share in zip(Payee, (Fraction("0.357"), Fraction("0.643")), strict=True)
)
_WHO: list[dict[str, Any]] = [
    {"paid_by": paid_by, "paid_to": paid_to, "move_out": move_out}
    for paid_by in (BY_THE_SENDER, _BY_BOTH)
    for paid_to in (TO_THE_RECEIVER, _TO_BOTH)
    for move_out in MoveOut
]
_STAIRS = (Stair(0, 7), Stair(100, 333_333), Stair(150, 1_000_001))
_STEPS = (MonthlyStep(2, 800_001), MonthlyStep(3, 400_000), MonthlyStep(1, 1))
_RECEPTION, _SOCIAL_WORK, _RENT, _MOVING_COST, _LOAN, _STAIRCASE, _REPAIRS, _ARREARS = SAMPLE.parts
_KINDS: list[Callable[..., Part]] = [
    lambda ore, **who: replace(_RECEPTION, per_family_ore=ore, per_child_ore=ore // 7, **who),
    lambda ore, **who: replace(_MOVING_COST, per_family_ore=ore, first_day=None, last_day=None, **who),
    lambda ore, **who: replace(_RENT, most_days=1 + ore % 60, **who),
    lambda ore, **who: replace(
        _LOAN, amount_ore=ore, repaid_after_months=1 + ore % 11, **(who | {"move_out": MoveOut.RETURNED})
    ),
    lambda ore, **who: replace(_REPAIRS, cap_ore=ore, claimed_within_days=200, **who),
    lambda ore, **who: replace(_ARREARS, cap_ore=ore, **who),
    lambda ore, **who: replace(
        _STAIRCASE,
        receiving_share={RECEIVER: 1 + ore % 9},
        sending_share={SENDER: 3},
        received=_STAIRS,
        sent=_STAIRS,
        **who,
    ),
    lambda ore, **who: replace(_SOCIAL_WORK, steps=_STEPS[ore % 3 :], **who),
]
_PARTS = st.lists(
    st.tuples(st.sampled_from(_KINDS), ORE, st.sampled_from(_WHO)), min_size=1, max_size=5, unique_by=lambda one: one[0]
)


@st.composite
def models(draw: st.DrawFn) -> CompensationModel:
    """A model with some parts of every kind."""
    days = sorted(draw(st.sets(st.dates(date(2025, 1, 1), date(2028, 1, 1)), max_size=2)))
    return CompensationModel(
        guarantee_days=365,
        parts=tuple(kind(ore, **who) for kind, ore, who in draw(_PARTS)),
        ceiling_ore=draw(st.none() | st.integers(1, 10**9)),
        indexation=tuple(Indexation(day, Fraction(1_000 + 21 * nth, 999)) for nth, day in enumerate(days)),
        fund_held_by=SENDER,
    )


@st.composite
def move_ins(draw: st.DrawFn) -> MovedIn:
    """A move-in of a family with some children, into any home, as the n-th of its year."""
    reserved_on = draw(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
    return MovedIn(
        agreement="fyn",
        sender=SENDER,
        receiver=RECEIVER,
        association="havblik",
        department="Solbakken",
        on=draw(st.dates(reserved_on, date(2027, 2, 28))),
        reserved_on=reserved_on,
        rent_monthly_ore=draw(st.integers(100_000, 2_000_000)),
        children=draw(st.integers(0, 9)),
        received_before=draw(st.integers(0, 30)),
        sent_before=draw(st.integers(0, 30)),
    )
