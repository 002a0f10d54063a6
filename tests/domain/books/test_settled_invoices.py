"""The lines of the invoice for a payment: by rule, each traceable, nobody else's, and they sum to the payment."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.accounts import department_account, municipality_account
from domain.books.booking import BookingKind, Entry
from domain.books.invoices.settled import NETTED, SettledMonth, gross_lines, netted_lines, number_of
from domain.books.journal import Booked
from domain.books.netting import Payment, settle
from domain.books.statement import claims_in

DAY = date(2026, 3, 31)
MONTH = SettledMonth(DAY, date(2026, 4, 8), date(2026, 5, 8))
A, B, C = (municipality_account(code) for code in ("0461", "0450", "0751"))
HAVBLIK = department_account("havblik", "1")


def booked(
    payer: str, payee: str, ore: int, rule: str = "reception", agreement: str = "fyn/2", *, case: int = 1
) -> Booked:
    reference = f"TF-2026-{case:05}"
    entries = (Entry(payer, -ore), Entry(payee, ore))
    name = f"{reference}/move_in"
    return Booked(name, reference, BookingKind.MOVE_IN, rule, agreement, DAY, DAY, entries, pseudonym=f"P{case}")


def lines(payer: str, payee: str, ore: int, *some: Booked) -> list[tuple[str, int, int]]:
    payment = Payment(payer, payee, ore)
    return [(line.rule, line.version, line.amount_ore) for line in netted_lines(payment, MONTH, some)]


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([booked(A, B, 100)], [("reception", 2, 100)], id="one rule"),
        pytest.param([booked(A, B, 60), booked(A, B, 40, case=2)], [("reception", 2, 100)], id="two cases, one sum"),
        pytest.param(
            [booked(A, B, 70), booked(A, B, 30, "moving_cost")],
            [("moving_cost", 2, 30), ("reception", 2, 70)],
            id="two rules",
        ),
        pytest.param(
            [booked(A, B, 70), booked(A, B, 30, agreement="fyn/10")],
            [("reception", 10, 30), ("reception", 2, 70)],
            id="two versions",
        ),
        pytest.param([booked(A, B, 120), booked(B, A, 20)], [("reception", 2, 100)], id="owed both ways by one rule"),
        pytest.param(
            [booked(A, B, 130), booked(B, A, 30, "social_work")],
            [("reception", 2, 130), ("social_work", 2, -30)],
            id="owed the other way by another rule",
        ),
        pytest.param(
            [booked(A, B, 100), booked(A, B, 5, "x"), booked(B, A, 5, "x")],
            [("reception", 2, 100)],
            id="a rule that comes to nothing",
        ),
        pytest.param(
            [booked(A, B, 40), booked(A, C, 60)], [("reception", 2, 40), (NETTED, 1, 60)], id="paid for another party"
        ),
        pytest.param(
            [booked(A, B, 140), booked(C, A, 40)],
            [("reception", 2, 140), (NETTED, 1, -40)],
            id="less what another owes",
        ),
        pytest.param([booked(A, C, 100), booked(C, B, 100)], [(NETTED, 1, 100)], id="owed by way of another alone"),
        pytest.param([booked(A, B, 100, rule="")], [("compensation", 2, 100)], id="the plainest terms"),
    ],
)
def test_a_netted_payment_has_a_line_for_each_rule_and_one_for_the_others(some, expected):
    assert lines(A, B, 100, *some) == expected


def test_what_the_others_owe_each_other_is_not_told():
    some = (booked(A, B, 40), booked(A, C, 60, "a_rule_of_theirs", "fremmed/7", case=9))
    told = list(netted_lines(Payment(A, B, 100), MONTH, some))
    seen = repr(told)
    assert not [word for word in ("a_rule_of_theirs", "fremmed", "0751", "TF-2026", "P9", "P1") if word in seen]
    assert {line.case_reference for line in told} == {"2026-03"}


parties = st.sampled_from((A, B, C, HAVBLIK))


@st.composite
def bookings(draw: st.DrawFn) -> list[Booked]:
    payer = draw(parties)
    payee = draw(parties.filter(lambda one: one != payer))
    rules = st.sampled_from(("reception", "social_work", ""))
    return [booked(payer, payee, draw(st.integers(1, 10**9)), draw(rules), draw(st.sampled_from(("fyn/1", "fyn/2"))))]


@given(st.lists(bookings(), max_size=12))
def test_whatever_is_netted_the_lines_sum_to_each_payment_and_none_is_of_zero(drawn: list[list[Booked]]):
    some = [one for part in drawn for one in part]
    for payment in settle(claim for one in some for claim in claims_in(one.entries)).netted:
        amounts = [line.amount_ore for line in netted_lines(payment, MONTH, some)]
        assert sum(amounts) == payment.amount_ore
        assert all(amounts)


@pytest.mark.parametrize(("payee", "named"), [(B, "TF-2026-00001"), (HAVBLIK, "P1")])
def test_a_gross_line_names_the_case_as_both_parties_know_it(payee: str, named: str):
    def told(some: Iterable[Booked]) -> list[str]:
        (claim,) = (claim for one in some for claim in claims_in(one.entries))
        found = gross_lines(Payment(claim.payer, claim.payee, claim.amount_ore), some)
        return [f"{line.case_reference}: {line.name}" for line in found]

    assert told([booked(A, payee, 100)]) == [f"{named}: Udligning {named} reception"]


def test_a_number_says_how_often_it_was_tried_and_fits_on_a_payment():
    payment = Payment(A, B, 100)
    numbers = [number_of(payment, MONTH, netted=True, attempt=attempt) for attempt in (1, 2, 999)]
    assert numbers[1:] == [f"{numbers[0]}-2", f"{numbers[0]}-999"]
    assert all(len(number) <= 20 for number in numbers)
