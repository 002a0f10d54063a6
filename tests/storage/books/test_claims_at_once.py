"""Claims at the same moment, on both databases."""

from sqlmodel import select

from domain.errors import Invalid, NotAllowed, TilflytError
from domain.questions.question import Answer, QuestionKind, Reply
from storage.books.claims import Claim, ClaimAnswered
from storage.questions.answers import record_answer
from storage.staff.claims import make_claim, withdraw_claim
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tests.storage.books.claimed import (
    NAME,
    REFERENCE,
    RULE,
    answered,
    booked_claims,
    claim,
    guaranteed_families,
    made,
    waits,
    wrong_in_the_books,
)
from tests.world.at_once import all_at_once
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(guaranteed_families)


def withdrawn(world: World, name: str = NAME) -> bool:
    with world.platform.database.writing() as session:
        return withdraw_claim(session, name, by="Havblik", now=world.clock.now())


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
