"""What is booked for claims is what was accepted, and a move-out turns back what its part says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.books.booking import BookingKind
from domain.books.charges import Charge, entries_of_part, planned
from domain.books.claims import ClaimAnswer, ClaimStanding, standing_of
from domain.books.moving_out import corrections
from domain.books.verdict import BookedCharge, Difference, Fault, Stay, differences
from domain.parties.compensation.model import CompensationModel
from domain.parties.compensation.parts import MoveOut, Reception, RefurbishmentGuarantee
from tests.domain.books.models import MOVED_IN, RECEIVER

IN, TODAY = MOVED_IN.on, date(2030, 1, 1)
REPAIRS = RefurbishmentGuarantee(cap_ore=6_000_000, claimed_within_days=300)
MODEL = CompensationModel(
    guarantee_days=365, parts=(Reception(per_family_ore=4_000_000), REPAIRS), fund_held_by=RECEIVER
)
CHARGE = Charge(
    REPAIRS.rule,
    BookingKind.CLAIM,
    1,
    IN + timedelta(days=200),
    1_234_567,
    entries_of_part(REPAIRS, 1_234_567, model=MODEL, moved_in=MOVED_IN),
    MoveOut.KEPT,
)
PLAN = planned(MODEL, MOVED_IN)
BOOKED = [BookedCharge(one.key, one.entries) for one in PLAN]
STAYS = Stay(IN, None, 365)


def named(found: Iterable[Difference]) -> list[tuple[str, str, int]]:
    return [(str(one.fault), str(one.kind), one.period) for one in found]


def test_each_accepted_claim_has_its_booking_and_no_other_is_there():
    claimed, said = BookedCharge(CHARGE.key, CHARGE.entries), {"on": TODAY, "claimed": [CHARGE]}
    assert named(differences(PLAN, [*BOOKED, claimed], STAYS, **said)) == []
    assert named(differences(PLAN, BOOKED, STAYS, **said)) == [(Fault.MISSING, "claim", 1)]
    assert named(differences(PLAN, [*BOOKED, claimed], STAYS, on=TODAY)) == [(Fault.UNEXPECTED, "claim", 1)]
    wrong = BookedCharge(CHARGE.key, tuple(replace(one, amount_ore=2 * one.amount_ore) for one in CHARGE.entries))
    assert named(differences(PLAN, [*BOOKED, wrong], STAYS, **said)) == [(Fault.OTHER_AMOUNTS, "claim", 1)]


@pytest.mark.parametrize(("move_out", "turned"), [(MoveOut.KEPT, 0), (MoveOut.EARNED_BY_DAY, 1), (MoveOut.RETURNED, 1)])
def test_a_move_out_turns_back_no_claim_unless_its_part_says_so(move_out: MoveOut, turned: int):
    """The claim was accepted after the family had moved out: that alone turns nothing back."""
    charge = replace(CHARGE, move_out=move_out)
    found = corrections([charge], moved_in_on=IN, moved_out_on=IN + timedelta(days=100), guarantee_days=365)
    assert len(list(found)) == turned


YES, NO, OUT = ClaimAnswer.YES, ClaimAnswer.NO, ClaimAnswer.WITHDRAWN
STANDINGS = {
    (): ClaimStanding.MADE,
    (YES,): ClaimStanding.CONFIRMED,
    (YES, YES): ClaimStanding.ACCEPTED,
    (NO,): ClaimStanding.DECLINED,
    (YES, NO): ClaimStanding.DECLINED,
    (OUT,): ClaimStanding.WITHDRAWN,
}


@pytest.mark.parametrize(("answers", "standing"), STANDINGS.items())
def test_a_claim_rests_where_its_answers_left_it(answers: tuple[ClaimAnswer, ...], standing: ClaimStanding):
    assert standing_of(list(answers)) is standing
