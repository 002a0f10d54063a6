"""The attention list: for each code there is a rule that closes its items, and those whose reason has ended close."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select, update

from deployments.cli.families.looking import attention_list
from domain.errors import Unknown
from domain.parties.party import Absence
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.attention import ask_for_attention
from storage.parties.partners import partner_of, remember_partner
from storage.referrals.referrals import Referral
from storage.staff.attention import chosen, deal_with
from tasks.asking.deadlines import remind_and_close
from tasks.upkeep.attention import attend
from tasks.upkeep.attention_rules import ABOUT, OF_CODES, RULES
from templates.words.attention import ATTENTION
from tests.tasks.upkeep.attention_stories import A_DAY, STORIES, ask, asked
from tests.world.families import family
from tests.world.parties import change
from tests.world.world import World


def why(world: World) -> list[str]:
    return [item["why"] for item in attention_list(world.platform.database)]


def test_every_code_says_what_its_items_are_about_and_every_subject_has_a_rule():
    assert set(ATTENTION) == set(ABOUT)
    assert {kind for kinds in ABOUT.values() for kind in kinds} == set(RULES)
    assert set(OF_CODES) <= set(ABOUT)
    assert all(rule.__doc__ for rule in (*RULES.values(), *OF_CODES.values()))


def test_thirty_that_waited_for_an_answer_leave_the_list_when_all_is_answered(sqlite_world: World):
    world = sqlite_world
    asked(world, families=30)
    world.clock.at = max(one.answer_by for one in world.questions(QuestionKind.SIGN_OFF))
    remind_and_close(world.platform)
    assert why(world).count("no_answer") == 30
    assert attend(world.platform) == 0

    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)

    assert attend(world.platform) == 30
    assert why(world) == []


@pytest.mark.parametrize("code", ["bounced", "away", "deadline_stuck", "address_refused", "digits_guessed"])
def test_what_is_wrong_with_a_question_has_passed_when_it_is_answered(sqlite_world: World, code: str):
    asked(sqlite_world)
    question = sqlite_world.questions()[0]
    ask(sqlite_world, f"question:{question.id}", code)
    assert attend(sqlite_world.platform) == 0

    sqlite_world.answer(question.kind)

    assert attend(sqlite_world.platform) == 1


def test_what_is_told_of_an_answered_question_stays_until_its_case_is_over(sqlite_world: World):
    asked(sqlite_world)
    question = sqlite_world.questions()[0]
    sqlite_world.answer(question.kind)
    sqlite_world.clock.at += A_DAY
    ask(sqlite_world, f"question:{question.id}", "digits_guessed")

    assert attend(sqlite_world.platform) == 0


def test_what_somebody_wrote_by_mail_after_the_answer_stays_until_the_case_is_over(sqlite_world: World):
    """The mail may be by the person who said yes, and say that the yes was wrong."""
    asked(sqlite_world)
    question = sqlite_world.questions()[0]
    sqlite_world.answer(question.kind)
    sqlite_world.settle()
    sqlite_world.clock.at += A_DAY
    case = sqlite_world.referral().id
    ask(sqlite_world, f"question:{question.id}", "replied_by_mail", referral_id=case)

    assert attend(sqlite_world.platform) == 0

    over(sqlite_world)
    assert attend(sqlite_world.platform) == 1


def over(world: World) -> None:
    with world.platform.database.writing() as session:
        session.execute(update(Referral).values(status=Status.CLOSED))


def test_a_letter_to_a_family_that_comes_back_when_its_case_is_over_is_seen_by_a_person(sqlite_world: World):
    """The last letter to the family gives the reasons of the refusal and the complaint guidance."""
    asked(sqlite_world)
    over(sqlite_world)
    ask(sqlite_world, "returned:1", "bounced", referral_id=sqlite_world.referral().id)
    assert attend(sqlite_world.platform) == 0


def test_somebody_who_is_back_at_work_needs_nobody_else(sqlite_world: World):
    world = sqlite_world
    asked(world)
    question = world.questions()[0]
    away = Absence(date(2026, 3, 2), date(2026, 3, 4), "nobody")
    change(world, question.asked_of, question.contact_id, away=(away,))
    ask(world, f"question:{question.id}", "nobody_at_work")
    assert attend(world.platform) == 0

    world.clock.at += A_DAY * 3

    assert attend(world.platform) == 1


@pytest.mark.parametrize("story", STORIES)
def test_what_has_passed_leaves_the_list(sqlite_world: World, story: str):
    happens, passes, items = STORIES[story]
    happens(sqlite_world)
    assert (len(why(sqlite_world)), attend(sqlite_world.platform)) == (items, 0)

    passes(sqlite_world)

    assert attend(sqlite_world.platform) == items
    assert attend(sqlite_world.platform) == 0


def test_what_a_poll_has_found_leaves_the_list_with_a_poll_that_finds_it_no_more(world: World):
    system = "municipality:0461"
    with world.platform.database.reading() as session:
        at = partner_of(session, system).systems["case_system"]
        people = partner_of(session, system).contacts
    without = tuple(one for one in people if one.role != "sign_off")
    with world.platform.database.writing() as session:
        remember_partner(session, replace(partner_of(session, system), contacts=without), now=world.clock.now())
    world.flag(family())
    ask(world, system, "partner_refused")
    assert why(world) == ["needs_person", "partner_refused"]
    world.flag()
    assert why(world) == ["needs_person"]

    with world.platform.database.writing() as session:
        remember_partner(session, replace(partner_of(session, system), contacts=people), now=world.clock.now())
    world.flag()

    assert why(world) == []
    assert len(world.rows(select(Referral))) == 1
    assert at.connector


def test_what_no_rule_knows_stays_for_a_person(sqlite_world: World):
    ask(sqlite_world, "stranger:1", "something_new")
    ask(sqlite_world, "vacancy:1", "something_new")

    assert attend(sqlite_world.platform) == 0


def test_what_cannot_be_judged_stays_and_keeps_no_other_there(sqlite_world: World):
    asked(sqlite_world)
    ask(sqlite_world, "question:none", "no_answer")
    ask(sqlite_world, "question:1", "no_answer")
    sqlite_world.answer(QuestionKind.SIGN_OFF)

    assert attend(sqlite_world.platform) == 1
    assert [item["about"] for item in attention_list(sqlite_world.platform.database)] == ["question:none"]


def test_many_are_chosen_by_number_range_and_code(sqlite_world: World):
    for number in range(1, 8):
        ask(sqlite_world, f"stranger:{number}", "odd" if number % 2 else "even")
    with sqlite_world.platform.database.writing() as session:
        now = sqlite_world.clock.now()
        deal_with(session, 4, again=False, by="test", now=now)

        assert chosen(session, ["2"]) == [2]
        assert chosen(session, ["3-5,1", "7"]) == [3, 5, 1, 7]
        assert chosen(session, ["even", "1-2"]) == [2, 6, 1]
        for nothing in ("4", "9", "8-99", "strange", "1--2", "-1", "1-x"):
            with pytest.raises(Unknown):
                chosen(session, ["1", nothing])


def test_two_who_ask_for_the_same_ask_once(world: World):
    with world.platform.database.writing() as session:
        now = world.clock.now()
        assert ask_for_attention(session, About.QUESTION.of(1), "no_answer", now=now)
        assert not ask_for_attention(session, About.QUESTION.of(1), "no_answer", now=now)
        deal_with(session, 1, again=False, by="test", now=now)
        assert ask_for_attention(session, About.QUESTION.of(1), "no_answer", now=now)
