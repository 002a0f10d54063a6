"""A colleague answers instead: passed on by the addressee, as a deputy, or by staff; never the person who flagged."""

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.families.looking import attention_list
from domain.errors import TilflytError
from domain.parties.party import Role
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.questions.answers import pass_on
from storage.referrals.history import HistoryLine
from storage.staff.families.reassignment import reassign
from tasks.asking.deadlines import remind_and_close
from tests.tasks.asking.absences import away
from tests.world.families import family
from tests.world.parties import change
from tests.world.world import World

NYBORG = "municipality:0450"


def history(world: World, deed: str) -> list[HistoryLine]:
    return world.rows(select(HistoryLine).where(HistoryLine.deed == deed))


def asked_for_approval(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)


def pass_on_to(world: World, contact_id: str, by: PassedOnBy = PassedOnBy.ADDRESSEE) -> bool:
    question = world.questions()[0]
    with world.platform.database.writing() as session:
        return pass_on(session, question, to=contact_id, by=by, now=world.clock.now())


def test_a_colleague_is_asked_the_same_by_another_link_and_answers(world: World):
    asked_for_approval(world)
    first = world.questions()[0]

    assert pass_on_to(world, "anvisning-2")
    world.settle()

    second = world.questions()[0]
    assert (second.contact_id, second.kind, second.answer_by) == ("anvisning-2", first.kind, first.answer_by)
    assert second.offer_id == first.offer_id
    assert second.token_hash != first.token_hash
    assert world.questions(standing=Standing.REVOKED)[-1].id == first.id
    assert world.texts()[-1].count("anvisning2@nyborg.invalid") == 1
    line = history(world, "passed_on_approval")[0]
    assert (line.actor, line.reason) == (f"{NYBORG}/anvisning-1", f"{NYBORG}/anvisning-1 → {NYBORG}/anvisning-2")
    world.answer(QuestionKind.APPROVAL)
    world.settle()
    assert world.referral().status is Status.APPROVED


def test_an_association_passes_on_its_request_with_the_same_homes(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.OFFER)

    assert pass_on_to(world, "udlejning-2")
    world.settle()

    assert world.questions()[0].contact_id == "udlejning-2"
    assert world.answer(QuestionKind.OFFER)
    world.settle()
    assert world.referral().status is Status.PROPOSED


def test_what_was_answered_or_passed_on_cannot_be_passed_on_again(world: World):
    asked_for_approval(world)
    question = world.questions()[0]

    assert pass_on_to(world, "anvisning-2")
    with world.platform.database.writing() as session:
        assert not pass_on(session, question, to="anvisning-2", by=PassedOnBy.STAFF, now=world.clock.now())
    assert world.questions() == []
    world.settle()
    assert len(world.questions()) == 1


def test_the_deputy_is_asked_while_somebody_is_away(sqlite_world: World):
    world = sqlite_world
    change(world, NYBORG, "anvisning-1", away=away("anvisning-2"))
    asked_for_approval(world)

    assert world.questions()[0].contact_id == "anvisning-2"
    both = f"{NYBORG}/anvisning-1 → {NYBORG}/anvisning-2"
    assert [line.reason for line in history(world, "deputised_approval")] == [both]


def test_what_already_waits_goes_to_the_deputy_when_the_absence_begins(sqlite_world: World):
    world = sqlite_world
    asked_for_approval(world)
    change(world, NYBORG, "anvisning-1", away=away("anvisning-2"))

    assert remind_and_close(world.platform).deputised == ("TF-2026-00001",)
    world.settle()

    assert [question.contact_id for question in world.questions()] == ["anvisning-2"]
    assert remind_and_close(world.platform).deputised == ()


def test_a_deputy_who_is_away_is_not_followed_to_a_third(sqlite_world: World):
    world = sqlite_world
    asked_for_approval(world)
    change(world, NYBORG, "anvisning-1", away=away("anvisning-2"))
    change(world, NYBORG, "anvisning-2", away=away("anvisning-1"))

    remind_and_close(world.platform)
    world.settle()

    assert [question.contact_id for question in world.questions()] == ["anvisning-2"]


def given_to(world: World, colleague: str) -> None:
    at = {"by": COMMAND_LINE, "now": world.clock.now()}
    carry_out(world.platform.database, reassign, "TF-2026-00001", to=colleague, **at)


def test_staff_give_a_question_to_another(sqlite_world: World):
    world = sqlite_world
    asked_for_approval(world)

    given_to(world, "anvisning-2")
    world.settle()

    assert world.questions()[0].contact_id == "anvisning-2"
    assert history(world, "reassigned_approval")[0].actor == "integration-staff"


@pytest.mark.parametrize("to", ["nobody", "anvisning-1", "chef", "anvisning-2@nyborg.invalid"])
def test_staff_cannot_give_it_to_whom_it_is_not_for(sqlite_world: World, to: str):
    asked_for_approval(sqlite_world)

    with pytest.raises(TilflytError, match="anvisning-2"):
        given_to(sqlite_world, to)


def test_in_the_place_of_a_colleague_who_left_meanwhile_another_is_asked(sqlite_world: World):
    world = sqlite_world
    asked_for_approval(world)
    assert pass_on_to(world, "somebody-who-left")
    world.settle()

    assert [question.contact_id for question in world.questions()] == ["anvisning-1"]


def test_where_nobody_is_left_a_person_is_asked(sqlite_world: World):
    world = sqlite_world
    asked_for_approval(world)
    assert pass_on_to(world, "somebody-who-left")
    for contact in ("anvisning-1", "anvisning-2"):
        change(world, NYBORG, contact, role=Role.CASEWORKER)
    world.settle()

    assert [item["why"] for item in attention_list(world.platform.database)] == ["needs_person"]


def test_what_was_passed_on_is_forgotten_when_another_association_was_first(sqlite_world: World):
    world = sqlite_world
    world.home()
    world.home("kloeverlykken", "0430")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    havblik = next(one for one in world.questions() if one.asked_of == "association:havblik")
    with world.platform.database.writing() as session:
        assert pass_on(session, havblik, to="udlejning-2", by=PassedOnBy.ADDRESSEE, now=world.clock.now())
    assert world.answer(QuestionKind.OFFER)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert {question.kind for question in world.questions()} == {QuestionKind.APPROVAL}
    unsettled = [one for one in world.questions(QuestionKind.OFFER, None) if one.settled_at is None]
    assert unsettled == []


def test_who_comes_to_stand_in_for_the_flagger_is_relieved_and_cannot_answer(world: World):
    world.flag(family(flagged_by="sagsbehandler-1"))
    assert world.questions()[0].contact_id == "teamleder-1"
    change(world, "municipality:0461", "sagsbehandler-1", away=away("teamleder-1"))

    with pytest.raises(DBAPIError, match="four eyes"):
        world.answer(QuestionKind.SIGN_OFF)
    assert remind_and_close(world.platform).deputised == ("TF-2026-00001",)
    world.settle()

    assert [question.contact_id for question in world.questions()] == ["teamleder-2"]
    assert world.answer(QuestionKind.SIGN_OFF)


def test_a_chief_is_not_told_anew_when_it_is_given_to_another(sqlite_world: World):
    world = sqlite_world
    world.flag(family())
    world.clock.at = world.questions()[0].answer_by
    assert remind_and_close(world.platform).escalated == ("TF-2026-00001",)
    pass_on_to(world, "teamleder-2", PassedOnBy.STAFF)
    world.settle()

    found = remind_and_close(world.platform)
    assert (found.escalated, found.reminded) == ((), ())
