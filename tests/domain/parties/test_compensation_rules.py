"""A compensation model that cannot be booked is refused, with the field and the reason."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from domain.parties.compensation.model import CompensationModel, CompensationTerms, Indexation
from domain.parties.compensation.parts import (
    ArrearsGuarantee,
    DepositLoan,
    MonthlyStep,
    MovingCost,
    Payer,
    PayerShare,
    Reception,
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)
from domain.parties.compensation.rules import LARGEST_ORE, faults_of_model, faults_of_terms

RECEPTION = Reception(per_family_ore=1)
STAIRS = Staircase(receiving_share={"0430": 3}, received=(Stair(100, 1),))
GOOD = CompensationModel(365, (RECEPTION,))
FROM_THE_FUND = (PayerShare(Payer.COMMON_FUND, Fraction(1)),)
UNEVEN = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 2)), PayerShare(Payer.COMMON_FUND, Fraction(1, 3)))


def found(model: CompensationModel) -> list[str]:
    return [*faults_of_model(model, sending=["0461"], receiving=["0430"])]


def with_part(part: object, **terms: object) -> CompensationModel:
    return replace(GOOD, parts=(part,), **terms)  # type: ignore[arg-type]  # any part


WRONG = [
    (replace(GOOD, guarantee_days=-1), "guarantee_days: zero or more"),
    (replace(GOOD, guarantee_days=3_651), "guarantee_days: zero or more, and at most 3650"),
    (replace(GOOD, parts=()), "parts: name at least one"),
    (replace(GOOD, ceiling_ore=0), f"ceiling_ore: whole øre, from 1 to {LARGEST_ORE}"),
    (with_part(replace(RECEPTION, per_family_ore=-1)), "per_family_ore: whole øre, from 0"),
    (with_part(replace(RECEPTION, per_child_ore=2**63)), "per_child_ore: whole øre, from 0"),
    (with_part(replace(RECEPTION, paid_by=UNEVEN), fund_held_by="0461"), "paid_by: the shares must sum to one"),
    (with_part(replace(RECEPTION, paid_by=())), "paid_by: the shares must sum to one"),
    (with_part(replace(RECEPTION, paid_by=FROM_THE_FUND * 2), fund_held_by="0461"), "paid_by: name each once"),
    (
        with_part(replace(RECEPTION, paid_by=(PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(0.6)),))),
        'paid_by.share: above zero, written as text such as "1/3"',
    ),
    (with_part(replace(RECEPTION, paid_by=FROM_THE_FUND)), "fund_held_by: say which municipality"),
    (replace(GOOD, fund_held_by="0851"), "fund_held_by: must be a municipality of the agreement"),
    (
        with_part(replace(RECEPTION, first_day=date(2026, 2, 1), last_day=date(2026, 1, 31))),
        "last_day: is before first_day",
    ),
    (replace(GOOD, parts=(RECEPTION, RECEPTION)), "two are named reception and hold on the same days"),
    (replace(GOOD, parts=(STAIRS, replace(RECEPTION, name="staircase_sent"))), "two are named staircase_sent and hold"),
    (with_part(replace(RECEPTION, name="Modtagelse!")), "name: small letters and underscores"),
    (with_part(replace(STAIRS, name="a" * 35)), "name: small letters and underscores, at most 40"),
    (with_part(SocialWork(steps=())), "steps: each pays for at least one month"),
    (with_part(SocialWork(steps=(MonthlyStep(0, 1),))), "steps: each pays for at least one month"),
    (with_part(SocialWork(steps=(MonthlyStep(1, 5), MonthlyStep(1, 5)))), "steps: each pays less than the step before"),
    (with_part(SocialWork(steps=(MonthlyStep(14, 5),))), "steps: ends after the guarantee_days"),
    (with_part(VacancyRent(most_days=0)), "most_days: at least 1"),
    (with_part(DepositLoan(amount_ore=1, repaid_after_months=0)), "repaid_after_months: at least 1"),
    (with_part(DepositLoan(amount_ore=1, repaid_after_months=12)), "repaid_after_months: ends after"),
    (with_part(ArrearsGuarantee(cap_ore=1, claimed_within_days=366)), "claimed_within_days: ends after"),
    (with_part(MovingCost(per_family_ore=LARGEST_ORE + 1)), "moving_cost.per_family_ore: whole øre"),
    (with_part(Staircase(received=(Stair(100, 1),))), "received: say each municipality's share"),
    (with_part(Staircase(receiving_share={"0430": 0})), "received: a share is at least one family a year"),
    (with_part(Staircase(receiving_share={"0461": 3})), "receiving_share: 0461 has no such part in the agreement"),
    (with_part(Staircase(sending_share={"0430": 3})), "sending_share: 0430 has no such part in the agreement"),
    (
        with_part(Staircase(receiving_share={"0430": 3}, received=(Stair(50, 1), Stair(50, 2)))),
        "received: each stair begins above the one before",
    ),
    (
        replace(
            GOOD, indexation=(Indexation(date(2027, 1, 1), Fraction(1)), Indexation(date(2026, 1, 1), Fraction(1)))
        ),
        "indexation: one factor a day, in the order of their days",
    ),
    (replace(GOOD, indexation=(Indexation(date(2027, 1, 1), Fraction(11)),)), "2027-01-01.factor: at most 10"),
    (
        replace(GOOD, indexation=(Indexation(date(2027, 1, 1), Fraction(-1)),)),
        "indexation.2027-01-01.factor: above zero",
    ),
]


@pytest.mark.parametrize(("model", "fault"), WRONG, ids=[fault for _, fault in WRONG])
def test_a_model_that_cannot_be_booked_says_why(model: CompensationModel, fault: str):
    assert any(fault in one for one in found(model)), found(model)


def test_a_model_that_can_be_booked_has_no_fault():
    assert found(GOOD) == []
    assert [*faults_of_terms(CompensationTerms(0, LARGEST_ORE, 0))] == []


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (CompensationTerms(-1, 1, 180), "receiving_municipality_ore: whole øre, from 0"),
        (CompensationTerms(1, 2**63, 180), "housing_department_ore: whole øre, from 0"),
        (CompensationTerms(1, 1, -1), "reversed_within_days: zero or more"),
        (CompensationTerms(1, 1, 10**10), "reversed_within_days: zero or more, and at most 3650"),
    ],
)
def test_terms_that_cannot_be_booked_say_why(terms: CompensationTerms, fault: str):
    assert [fault in one for one in faults_of_terms(terms)] == [True]


def test_parts_of_one_name_may_follow_each_other():
    before = replace(RECEPTION, last_day=date(2026, 12, 31))
    after = replace(RECEPTION, first_day=date(2027, 1, 1), per_family_ore=2)

    assert found(replace(GOOD, parts=(before, after))) == []
