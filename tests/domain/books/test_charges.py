"""What a model has paid for one family: each part by a worked example, and what holds of all of them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.accounts import department_account, fund_account, municipality_account, rounding_account
from domain.books.booking import BookingKind, Entry
from domain.books.charges import Charge, planned
from domain.books.moving_out import corrections
from domain.parties.compensation.model import CompensationModel, CompensationTerms, Indexation
from domain.parties.compensation.parts import (
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
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)
from domain.parties.compensation.rules import faults_of_model
from tests.domain.books.models import MOVED_IN, RECEIVER, SAMPLE, SENDER, models, move_ins

ODENSE, FAABORG = municipality_account(SENDER), municipality_account(RECEIVER)
SOLBAKKEN, FUND = department_account("havblik", "Solbakken"), fund_account(SENDER, "fyn")
THIRDS = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 3)), PayerShare(Payer.COMMON_FUND, Fraction(2, 3)))
HALVES = (
    PayeeShare(Payee.RECEIVING_MUNICIPALITY, Fraction(1, 2)),
    PayeeShare(Payee.HOUSING_DEPARTMENT, Fraction(1, 2)),
)


def model(*parts: Part, ceiling_ore: int | None = None, indexation: tuple[Indexation, ...] = ()) -> CompensationModel:
    found = CompensationModel(365, parts, ceiling_ore, indexation, fund_held_by=SENDER)
    assert [*faults_of_model(found, sending=[SENDER], receiving=[RECEIVER])] == []
    return found


def test_the_sample_with_every_part_can_be_booked():
    assert [*faults_of_model(SAMPLE, sending=[SENDER], receiving=["0450"])] == []


def due(charges: tuple[Charge, ...]) -> list[tuple[str, int, str, int]]:
    return [(one.rule, one.period, one.value_date.isoformat(), one.amount_ore) for one in charges]


STAIRS = Staircase(
    receiving_share={RECEIVER: 10},
    sending_share={SENDER: 4},
    received=(Stair(100, 1_000_000), Stair(150, 1_500_000)),
    sent=(Stair(100, 500_000),),
)
WORKED = [
    (Reception(per_family_ore=4_000_000, per_child_ore=500_000), [("reception", 0, "2026-03-02", 5_000_000)]),
    (MovingCost(per_family_ore=1_000_000), [("moving_cost", 0, "2026-03-02", 1_000_000)]),
    # 7,300 kr. a month are 240 kr. a day; twenty days lie between the tenth of February and the second of March.
    (VacancyRent(most_days=60), [("vacancy_rent", 0, "2026-03-02", 480_000)]),
    (VacancyRent(most_days=5), [("vacancy_rent", 0, "2026-03-02", 120_000)]),
    (
        SocialWork(steps=(MonthlyStep(2, 800_000), MonthlyStep(1, 400_000))),
        [
            ("social_work", 1, "2026-03-02", 800_000),
            ("social_work", 2, "2026-04-02", 800_000),
            ("social_work", 3, "2026-05-02", 400_000),
        ],
    ),
    (
        DepositLoan(amount_ore=3_000_000, repaid_after_months=6),
        [("deposit_loan", 0, "2026-03-02", 3_000_000), ("deposit_loan", 1, "2026-09-02", 3_000_000)],
    ),
    (STAIRS, []),
    (Reception(per_family_ore=1, last_day=date(2026, 3, 1)), []),
    (Reception(per_family_ore=1, first_day=date(2026, 3, 2)), [("reception", 0, "2026-03-02", 1)]),
    (Reception(name="reception_of_children", per_family_ore=0), []),
]


@pytest.mark.parametrize(("part", "expected"), WORKED, ids=lambda value: getattr(value, "rule", ""))
def test_each_part_pays_what_the_agreement_says(part: Part, expected: list[tuple[str, int, str, int]]):
    assert due(planned(model(part), MOVED_IN)) == expected


@pytest.mark.parametrize(
    ("received_before", "sent_before", "expected"),
    [
        (9, 3, []),
        (10, 0, [("staircase_received", 1_000_000)]),
        (14, 0, [("staircase_received", 1_000_000)]),
        (15, 4, [("staircase_received", 1_500_000), ("staircase_sent", 500_000)]),
    ],
)
def test_the_staircase_begins_above_a_share(received_before: int, sent_before: int, expected: list[tuple[str, int]]):
    moved_in = replace(MOVED_IN, received_before=received_before, sent_before=sent_before)

    assert [(one.rule, one.amount_ore) for one in planned(model(STAIRS), moved_in)] == expected


def test_who_sends_more_than_its_share_pays_the_fund():
    (charge,) = planned(model(replace(STAIRS, received=())), replace(MOVED_IN, sent_before=4))

    assert charge.entries == (Entry(ODENSE, -500_000), Entry(FUND, 500_000))


def test_what_rounding_leaves_over_has_an_account_of_its_own():
    (charge,) = planned(model(Reception(per_family_ore=101, paid_by=THIRDS, paid_to=HALVES)), MOVED_IN)

    # A third of 101 is 34, two thirds are 67; a half is 50 or 51: half to even is 50, twice.
    assert charge.entries == (
        Entry(ODENSE, -34),
        Entry(FUND, -67),
        Entry(FAABORG, 50),
        Entry(SOLBAKKEN, 50),
        Entry(rounding_account(SENDER), 1),
    )


def test_an_ore_that_two_share_by_halves_is_no_charge():
    halves = tuple(PayerShare(who, Fraction(1, 2)) for who in Payer)

    assert planned(model(Reception(per_family_ore=1, paid_by=halves, paid_to=HALVES)), MOVED_IN) == ()


def test_amounts_follow_the_prices_of_their_day_and_a_loan_comes_back_as_it_was_lent():
    dearer = (Indexation(date(2026, 4, 1), Fraction("1.0205")),)
    work = SocialWork(steps=(MonthlyStep(2, 800_000),))

    found = planned(model(work, DepositLoan(amount_ore=100, repaid_after_months=2), indexation=dearer), MOVED_IN)

    assert [one.amount_ore for one in found] == [800_000, 100, 816_400, 100]


def test_the_ceiling_cuts_what_comes_last_and_never_the_loan():
    parts = (
        Reception(per_family_ore=1_000),
        SocialWork(steps=(MonthlyStep(3, 400),)),
        DepositLoan(amount_ore=9_000, repaid_after_months=6),
    )

    found = planned(model(*parts, ceiling_ore=1_500), MOVED_IN)

    assert [(one.rule, one.amount_ore) for one in found] == [
        ("reception", 1_000),
        ("social_work", 400),
        ("deposit_loan", 9_000),
        ("social_work", 100),
        ("deposit_loan", 9_000),
    ]


def test_the_plainest_terms_are_one_charge():
    (charge,) = planned(CompensationTerms(4_500_000, 1_200_000, 180), MOVED_IN)

    assert charge.key == (BookingKind.MOVE_IN, "", 0)
    assert charge.entries == (Entry(ODENSE, -5_700_000), Entry(FAABORG, 4_500_000), Entry(SOLBAKKEN, 1_200_000))


def test_a_month_that_is_shorter_has_its_last_day():
    work = model(SocialWork(steps=(MonthlyStep(3, 1),)))

    found = planned(work, replace(MOVED_IN, on=date(2027, 12, 31)))

    assert [one.value_date for one in found] == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]


MOVED_OUT = date(2026, 6, 9)  # 99 days after the move-in
LEFT = [
    (Reception(per_family_ore=3_650), [("reception", 0, None)]),
    (Reception(per_family_ore=3_650, move_out=MoveOut.EARNED_BY_DAY), [("reception", 0, 990)]),
    (Reception(per_family_ore=3_650, move_out=MoveOut.KEPT), []),
    (MovingCost(per_family_ore=3_650), []),
    (SocialWork(steps=(MonthlyStep(5, 100),)), [("social_work", 5, None)]),
    (DepositLoan(amount_ore=9, repaid_after_months=6), [("deposit_loan", 0, None), ("deposit_loan", 1, None)]),
    (DepositLoan(amount_ore=9, repaid_after_months=3), []),
]


@pytest.mark.parametrize(("part", "expected"), LEFT, ids=lambda value: getattr(value, "rule", ""))
def test_a_move_out_corrects_what_the_agreement_says(part: Part, expected: list[tuple[str, int, int | None]]):
    booked = planned(model(part), MOVED_IN)

    found = corrections(booked, moved_in_on=MOVED_IN.on, moved_out_on=MOVED_OUT, guarantee_days=365)

    assert [(one.charge.rule, one.charge.period, one.earned and one.earned.amount_ore) for one in found] == expected


@given(models(), move_ins())
def test_every_charge_sums_to_zero_and_none_stands_twice(drawn, moved_in):
    assert [*faults_of_model(drawn, sending=[SENDER], receiving=[RECEIVER])] == []

    found = planned(drawn, moved_in)

    assert all(sum(one.amount_ore for one in charge.entries) == 0 for charge in found)
    assert all(one.amount_ore for charge in found for one in charge.entries)
    assert len({charge.key for charge in found}) == len(found)
    assert [*found] == sorted(found, key=lambda charge: charge.value_date)


@given(models(), move_ins())
def test_no_family_costs_more_than_the_ceiling_and_every_loan_comes_back(drawn, moved_in):
    found = planned(drawn, moved_in)
    loans = [one for one in found if one.rule == "deposit_loan"]

    if drawn.ceiling_ore is not None:
        assert sum(one.amount_ore for one in found if one not in loans) <= drawn.ceiling_ore
    lent: dict[str, int] = {}
    for entry in (entry for one in loans for entry in one.entries):
        lent[entry.account] = lent.get(entry.account, 0) + entry.amount_ore
    assert not any(lent.values())


@given(models(), move_ins())
def test_what_rounding_leaves_over_is_less_than_an_ore_a_share(drawn, moved_in):
    for charge in planned(drawn, moved_in):
        left_over = [one.amount_ore for one in charge.entries if one.account.startswith("rounding:")]
        assert all(abs(ore) <= 2 for ore in left_over)


@given(models(), move_ins(), st.integers(0, 365))
def test_a_move_out_leaves_nobody_with_more_than_was_booked(drawn, moved_in, days):
    booked = planned(drawn, moved_in)
    moved_out_on = date.fromordinal(moved_in.on.toordinal() + days)

    found = corrections(booked, moved_in_on=moved_in.on, moved_out_on=moved_out_on, guarantee_days=365)

    for one in found:
        if one.earned is not None:
            assert sum(entry.amount_ore for entry in one.earned.entries) == 0
            assert one.earned.amount_ore <= one.charge.amount_ore + len(one.charge.entries)
            assert one.earned.value_date == moved_out_on
