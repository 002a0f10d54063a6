"""Compensation models as parties might agree on, drawn at random: every one can be booked."""

from collections.abc import Callable
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
_KINDS: list[Callable[..., Part]] = [
    lambda ore, **who: Reception(per_family_ore=ore, per_child_ore=ore // 7, **who),
    lambda ore, **who: MovingCost(per_family_ore=ore, **who),
    lambda ore, **who: VacancyRent(most_days=1 + ore % 60, **who),
    lambda ore, **who: DepositLoan(
        amount_ore=ore, repaid_after_months=1 + ore % 11, **(who | {"move_out": MoveOut.RETURNED})
    ),
    lambda ore, **who: RefurbishmentGuarantee(cap_ore=ore, claimed_within_days=200, **who),
    lambda ore, **who: ArrearsGuarantee(cap_ore=ore, **who),
    lambda ore, **who: Staircase(
        receiving_share={RECEIVER: 1 + ore % 9}, sending_share={SENDER: 3}, received=_STAIRS, sent=_STAIRS, **who
    ),
    lambda ore, **who: SocialWork(steps=_STEPS[ore % 3 :], **who),
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
