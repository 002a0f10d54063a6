"""What an insider writes by hand into the claims is refused by the database, or found."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from storage.books.claims import Claim, ClaimAnswered
from tests.storage.books.claimed import (
    FIRST,
    REFERENCE,
    SECOND,
    answered,
    claim,
    guaranteed_families,
    made,
    wrong_in_the_books,
)
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(guaranteed_families)
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
