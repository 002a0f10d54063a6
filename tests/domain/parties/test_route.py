"""Which orders of a route are refused, each with its own reason, and that the four that are left lead to a home."""

from dataclasses import replace
from itertools import chain, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parties.agreement import faults
from domain.parties.lacks import InForce, senders
from domain.parties.party import Partner
from domain.parties.route import ROUTE, faults_of_order
from domain.questions.question import QuestionKind
from tests.domain.parties.agreed import AGREEMENT

SIGN_OFF, OFFER, APPROVAL, ACCEPTANCE, MOVE_IN = ROUTE
FAMILY_FIRST = (SIGN_OFF, OFFER, ACCEPTANCE, APPROVAL, MOVE_IN)
ALLOWED = {(ROUTE, False), (FAMILY_FIRST, False), (ROUTE[1:], True), (FAMILY_FIRST[1:], True)}


@pytest.mark.parametrize(
    ("order", "alone", "says"),
    [
        (
            (SIGN_OFF, OFFER, APPROVAL, MOVE_IN),
            False,
            ["acceptance is missing: no family is moved without its own yes"],
        ),
        ((SIGN_OFF, OFFER, ACCEPTANCE, MOVE_IN), False, ["approval is missing: who a family is would be disclosed"]),
        (
            (SIGN_OFF, OFFER, APPROVAL, MOVE_IN, ACCEPTANCE),
            False,
            ["move_in must come after acceptance: who the family"],
        ),
        ((SIGN_OFF, OFFER, ACCEPTANCE, MOVE_IN, APPROVAL), False, ["move_in must come after approval: who the family"]),
        ((SIGN_OFF, OFFER, APPROVAL, ACCEPTANCE), False, ["move_in is missing: nobody says"]),
        ((SIGN_OFF, APPROVAL, ACCEPTANCE, MOVE_IN), False, ["offer is missing: no home is ever found"]),
        ((SIGN_OFF, OFFER, APPROVAL, APPROVAL, ACCEPTANCE, MOVE_IN), False, ["approval stands twice"]),
        ((SIGN_OFF, APPROVAL, OFFER, ACCEPTANCE, MOVE_IN), False, ["approval must come after offer"]),
        ((SIGN_OFF, ACCEPTANCE, OFFER, APPROVAL, MOVE_IN), False, ["acceptance must come after offer"]),
        ((OFFER, SIGN_OFF, APPROVAL, ACCEPTANCE, MOVE_IN), False, ["sign_off must come first"]),
        ((*ROUTE, QuestionKind.FEWER_ALIKE), False, ["fewer_alike is asked outside the route"]),
        (ROUTE[1:], False, ["sign_off is missing, and the agreement does not say one_person_decides = true"]),
        (ROUTE, True, ["sign_off is asked of a second person, and the agreement says one_person_decides = true"]),
        ((), True, ["acceptance is missing", "approval is missing", "offer is missing", "move_in is missing"]),
        *((order, alone, []) for order, alone in sorted(ALLOWED)),
    ],
)
def test_a_route_says_everything_that_is_wrong_with_its_order(order, alone, says):
    found = faults_of_order(order, one_person_decides=alone)
    assert len(found) == len(says)
    assert all(fault.startswith(f"route: {said}") for fault, said in zip(found, says, strict=True))


def test_of_all_routes_of_at_most_five_steps_four_are_allowed():
    routes = chain.from_iterable(product(QuestionKind, repeat=steps) for steps in range(6))
    found = {
        (one, alone) for one in routes for alone in (False, True) if not faults_of_order(one, one_person_decides=alone)
    }
    assert found == ALLOWED


@given(order=st.lists(st.sampled_from(QuestionKind), max_size=12), alone=st.booleans())
def test_whatever_is_allowed_asks_for_both_yeses_before_anybody_moves_in(order, alone):
    if faults_of_order(order, one_person_decides=alone):
        return
    assert order[-1] is MOVE_IN
    assert {APPROVAL, ACCEPTANCE} <= set(order[:-1])
    assert (order[0] is SIGN_OFF) is not alone


@pytest.mark.parametrize(("order", "alone"), sorted(ALLOWED))
def test_an_agreement_in_an_allowed_order_has_no_fault_and_counts_its_own_steps(order, alone):
    steps = tuple(AGREEMENT.step(kind) for kind in order)
    agreed = replace(AGREEMENT, route=steps, one_person_decides=alone)
    assert faults(agreed) == []
    assert [agreed.place(kind) for kind in order] == [(number, len(order)) for number in range(1, len(order) + 1)]
    assert agreed.family_first is (order.index(ACCEPTANCE) < order.index(APPROVAL))
    assert alone is (agreed.place(SIGN_OFF) is None)


def test_the_reservation_covers_both_yeses_in_either_order():
    steps = tuple(AGREEMENT.step(kind) for kind in FAMILY_FIRST)
    assert faults(replace(AGREEMENT, route=steps, reservation_days=20)) == []
    (fault,) = faults(replace(AGREEMENT, route=steps, reservation_days=19))
    assert fault.startswith("reservation_days")


@pytest.mark.parametrize(("order", "alone"), sorted(ALLOWED))
def test_a_municipality_lacks_a_second_person_only_where_one_is_asked(order, alone):
    steps = tuple(AGREEMENT.step(kind) for kind in order)
    sender = Partner("municipality:0461", "Odense Kommune", "00 00 04 61", (), {})
    agreed = replace(AGREEMENT, route=steps, one_person_decides=alone)
    lacks = [lack.told for lack in senders(InForce([agreed], [sender], mailbox=True))]
    assert any("nobody signs off" in lack for lack in lacks) is not alone
    assert any("a flag must name one" in lack for lack in lacks)
