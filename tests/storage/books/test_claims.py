"""Claims under a guarantee on both databases: made once, answered by two, booked once, and never above the cap."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from domain.books.claims import ClaimRefused, ClaimStanding
from domain.errors import Invalid, NotAllowed, TilflytError, Unknown
from domain.questions.question import Answer, QuestionKind, Reply
from domain.referrals.lifecycle import Status
from storage.books.claims import Claim, ClaimAnswered
from storage.books.ledger import Booking, LedgerEntry, sum_ore
from storage.privacy.shredding import shred
from storage.questions.answers import record_answer
from storage.staff.claims import make_claim, withdraw_claim
from storage.staff.families.cases import moved_out
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tests.storage.books.claimed import (
    FIRST,
    NAME,
    REFERENCE,
    RULE,
    SECOND,
    accepted,
    answered,
    booked_claims,
    claim,
    days_pass,
    guaranteed_families,
    made,
    today,
    waits,
    wrong_in_the_books,
)
from tests.world.at_once import all_at_once
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY
from tests.world.world import World

world = world_after(guaranteed_families)


def withdrawn(world: World, name: str = NAME) -> bool:
    with world.platform.database.writing() as session:
        return withdraw_claim(session, name, by="Havblik", now=world.clock.now())


def moves_out(world: World, days_ago: int = 0) -> None:
    said = {"told_key": KEY, "by": "Maria", "now": world.clock.now()}
    with world.platform.database.writing() as session:
        moved_out(session, REFERENCE, on=today(world) - timedelta(days=days_ago), **said)
    world.settle()


def entries(world: World, rule: str) -> dict[str, int]:
    query = select(LedgerEntry).join(Booking, col(Booking.id) == LedgerEntry.booking_id).where(Booking.rule == rule)
    sums: dict[str, int] = {}
    for one in world.rows(query):
        sums[one.account] = sums.get(one.account, 0) + one.amount_ore
    return sums


def test_a_claim_is_booked_once_two_people_have_said_yes_and_every_side_is_posted(world: World):
    made(world, claim(ore=999_999))
    assert wrong_in_the_books(world) == []
    assert answered(world) is ClaimStanding.CONFIRMED
    assert booked_claims(world) == []
    assert answered(world) is ClaimStanding.ACCEPTED
    world.settle()

    assert booked_claims(world) == [("claim", RULE, 1)]
    assert entries(world, RULE) == {
        "municipality:0461": -500_000,
        "fund:0461/fyn": -500_000,
        "department:havblik/Strandvænget": 999_999,
        "rounding:0461": 1,
    }
    posted = [one for system in world.finance() for one in system.postings.values() if one.kind.startswith("claim/")]
    assert {one.kind for one in posted} == {f"claim/{RULE}/1"}
    assert len(posted) == 4
    assert sum(one.amount_ore for one in posted) == 0
    assert wrong_in_the_books(world) == []
    (row,) = world.rows(select(Claim))
    assert row.claimed_by == "Havblik"
    assert row.agreement_version_id == world.referral().agreement_version_id


def test_the_same_claim_twice_is_one_and_the_same_key_is_never_another(world: World):
    assert made(world, claim(), claim(), claim()) == [True, False, False]
    with pytest.raises(Invalid, match="key: was used for another claim"):
        made(world, claim(ore=1))
    with pytest.raises(Invalid, match="key: was used for another claim"):
        made(world, claim(), reference="TF-2026-00002")
    accepted(world)
    assert made(world, claim()) == [False]
    assert len(world.rows(select(Claim))) == 1


def test_what_is_wrong_is_said_and_nothing_stays(world: World):
    with pytest.raises(ClaimRefused) as refused:
        made(world, claim(ore=6_000_001, rule="no_such"), claim())
    assert [one.field for one in refused.value.faults] == ["rule"]
    with pytest.raises(ClaimRefused, match="only 6000000 øre are left"):
        made(world, claim(ore=6_000_001))
    with pytest.raises(Unknown):
        made(world, claim(), reference="TF-2026-00099")
    assert world.rows(select(Claim)) == []


def test_nobody_claims_before_the_move_in(world: World):
    world.home()
    world.flag(family(3))
    with pytest.raises(Invalid, match="no family of this case has moved in"):
        made(world, claim(), reference="TF-2026-00003")


def test_what_is_declined_or_withdrawn_leaves_the_cap_to_others(world: World):
    made(world, claim(1, ore=6_000_000))
    with pytest.raises(ClaimRefused, match="only 0 øre are left"):
        made(world, claim(2, ore=1))
    assert answered(world, no="amount_too_high") is ClaimStanding.DECLINED
    made(world, claim(2, ore=6_000_000))
    assert withdrawn(world, f"{REFERENCE}/{RULE}/2")
    made(world, claim(3, ore=6_000_000))
    accepted(world, f"{REFERENCE}/{RULE}/3")
    with pytest.raises(ClaimRefused, match="only 0 øre are left"):
        made(world, claim(4, ore=1))
    assert booked_claims(world) == [("claim", RULE, 3)]
    assert wrong_in_the_books(world) == []


def test_a_claim_is_withdrawn_until_it_is_answered(world: World):
    made(world, claim(1), claim(2))
    assert [withdrawn(world), withdrawn(world)] == [True, False]
    assert waits(world) is None
    answered(world, f"{REFERENCE}/{RULE}/2")
    with pytest.raises(NotAllowed, match="only until the paying municipality has answered"):
        withdrawn(world, f"{REFERENCE}/{RULE}/2")
    made(world, claim(3))
    answered(world, f"{REFERENCE}/{RULE}/3", heard=False)
    with pytest.raises(NotAllowed, match="only until the paying municipality has answered"):
        withdrawn(world, f"{REFERENCE}/{RULE}/3")
    for wrong in ("", "TF-2026-00001", f"{REFERENCE}/{RULE}/9", f"{REFERENCE}/{RULE}/x", f"x/{RULE}/1"):
        with pytest.raises(Unknown):
            withdrawn(world, wrong)


def test_a_claim_may_come_after_the_case_is_closed_and_its_data_are_shredded(world: World):
    days_pass(world, 400)
    assert world.referral().status is Status.CLOSED
    platform = world.platform
    shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())
    made(world, claim())
    accepted(world)
    assert booked_claims(world) == [("claim", RULE, 1)]
    assert wrong_in_the_books(world) == []


def test_a_move_out_turns_back_no_claim_that_its_part_keeps(world: World):
    made(world, claim(1), claim(2, rule="until_moved_out", ore=900_000))
    accepted(world)
    accepted(world, f"{REFERENCE}/until_moved_out/1")
    moves_out(world, days_ago=1)

    assert booked_claims(world) == [
        ("claim", RULE, 1),
        ("claim", "until_moved_out", 1),
        ("reversal", "until_moved_out", 1),
        ("earned", "until_moved_out", 1),
    ]
    assert wrong_in_the_books(world) == []


def test_a_claim_that_is_accepted_after_the_move_out_comes_to_the_same(world: World):
    made(world, claim(1), claim(2, rule="until_moved_out", ore=900_000))
    moves_out(world, days_ago=1)
    days_pass(world, 40)
    accepted(world)
    accepted(world, f"{REFERENCE}/until_moved_out/1")

    assert booked_claims(world) == [
        ("claim", RULE, 1),
        ("claim", "until_moved_out", 1),
        ("reversal", "until_moved_out", 1),
        ("earned", "until_moved_out", 1),
    ]
    assert wrong_in_the_books(world) == []
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0


def test_of_two_who_claim_the_rest_of_the_cap_at_the_same_moment_one_wins(world: World):
    def claims(number: int) -> TilflytError | None:
        try:
            made(world, claim(number, ore=4_000_000))
        except TilflytError as error:
            return error
        return None

    found = all_at_once([lambda number=number: claims(number) for number in (1, 2)])

    assert found.count(None) == 1
    assert [str(one) for one in found if one] == ["amount_ore: only 2000000 øre are left of the guarantee"]
    assert [row.amount_ore for row in world.rows(select(Claim))] == [4_000_000]


def test_of_two_who_make_the_same_claim_at_the_same_moment_one_makes_it(world: World):
    found = all_at_once([lambda: made(world, claim(1))[0] for _ in range(3)])
    assert sorted(found) == [False, False, True]
    assert len(world.rows(select(Claim))) == 1


def test_what_is_answered_is_acted_on_once_however_many_act_on_it(world: World):
    made(world, claim())
    for _ in range(2):
        answered(world, heard=False)
        all_at_once([lambda: hear_parties(world.platform) for _ in range(3)])
    assert booked_claims(world) == [("claim", RULE, 1)]
    assert wrong_in_the_books(world) == []


def test_a_claim_is_put_to_one_person_however_many_put_it(world: World):
    made(world, claim())
    all_at_once([lambda: ask_about_claims(world.platform) for _ in range(3)])
    assert len(world.questions(QuestionKind.CLAIM)) == 1


def test_a_withdrawal_and_an_answer_at_the_same_moment_are_one_of_both(world: World):
    made(world, claim())
    question = waits(world)

    def withdraws() -> bool:
        try:
            return withdrawn(world)
        except NotAllowed:
            return False

    def answers() -> bool:
        with world.platform.database.writing() as session:
            return record_answer(session, question.id, Reply(Answer.YES), referral_id=None, now=world.clock.now())

    found = all_at_once([withdraws, answers])
    hear_parties(world.platform)
    assert sorted(found) == [False, True]
    assert len(world.rows(select(ClaimAnswered))) == 1


ANSWER = (
    "INSERT INTO claim_answered (claim_id, number, answer, reason, answered_by, answered_at)"
    " VALUES (1, {number}, '{answer}', {reason}, '{by}', '2026-04-02 09:00:00+00:00')"
)
BY_HAND = {
    "changed": "UPDATE claim SET amount_ore = 1",
    "deleted": "DELETE FROM claim",
    "a second yes before a first": ANSWER.format(number=2, answer="yes", reason="NULL", by="b"),
    "a third": ANSWER.format(number=3, answer="yes", reason="NULL", by="b"),
    "a no without a reason": ANSWER.format(number=1, answer="no", reason="NULL", by="b"),
    "another reason": ANSWER.format(number=1, answer="no", reason="'because'", by="b"),
    "nothing": "INSERT INTO claim SELECT 9, referral_id, offer_id, agreement_version_id, claimant, 'k', rule, 9, 0,"
    " evidence_number, evidence_digest, evidence_on, claimed_at, claimed_by FROM claim",
}


@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND)
def test_the_database_refuses_what_is_written_by_hand(world: World, statement: str):
    made(world, claim())
    with pytest.raises(DBAPIError), world.platform.database.writing() as session:
        session.execute(text(statement))
    assert world.rows(select(ClaimAnswered)) == []
    assert [row.amount_ore for row in world.rows(select(Claim))] == [1_000_000]


def test_the_database_refuses_one_person_twice(world: World):
    made(world, claim())
    answered(world)
    again = ANSWER.format(number=2, answer="yes", reason="NULL", by=FIRST)
    with pytest.raises(DBAPIError), world.platform.database.writing() as session:
        session.execute(text(again))


def test_a_booking_without_its_claim_and_a_claim_without_its_booking_are_found(world: World):
    made(world, claim())
    answered(world)
    with world.platform.database.writing() as session:
        session.execute(text(ANSWER.format(number=2, answer="yes", reason="NULL", by=SECOND)))
    assert wrong_in_the_books(world) == [f"{REFERENCE} missing claim"]


def test_a_claim_that_is_made_for_another_case_meanwhile_has_its_key(world: World):
    def claims(reference: str) -> str:
        try:
            with world.platform.database.writing() as session:
                make_claim(session, reference, claim(), by="Havblik", now=world.clock.now())
        except Invalid as error:
            return str(error)
        return "made"

    found = all_at_once([lambda one=one: claims(one) for one in (REFERENCE, "TF-2026-00002")])
    assert sorted(found) == ["key: was used for another claim", "made"]
