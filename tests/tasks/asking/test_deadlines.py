"""Deadlines: a reminder, and then the outcome that the route names."""

from datetime import timedelta

import pytest
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from domain.questions.question import Answer, QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.questions.questions import Question
from storage.staff.attention import deal_with
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.asking.deadlines import remind_and_close
from tests.world.families import family
from tests.world.world import World


def pass_deadline(world: World) -> None:
    """Let the open questions' deadlines pass, working day by working day."""
    for _ in range(40):
        world.clock.move_on(timedelta(days=1))
        remind_and_close(world.platform)


def test_a_reminder_goes_out_once_with_the_same_link(world: World):
    world.flag(family())
    world.deliver()
    world.clock.move_on(timedelta(days=2, hours=15))

    first, second = remind_and_close(world.platform), remind_and_close(world.platform)
    world.deliver()

    assert (first.reminded, second.reminded) == (("TF-2026-00001",), ())
    assert len(world.mail.letters) == 2
    links = [line for text in world.texts() for line in text.splitlines() if "/q/" in line]
    assert len(set(links)) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (QuestionKind.SIGN_OFF, Status.RECEIVED),
        (QuestionKind.OFFER, Status.SEEKING),
        (QuestionKind.APPROVAL, Status.SEEKING),
        (QuestionKind.ACCEPTANCE, Status.SEEKING),
        (QuestionKind.MOVE_IN, Status.ACCEPTED),
    ],
)
def test_silence_has_the_outcome_that_the_route_names(sqlite_world: World, kind: QuestionKind, status: Status):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.until(kind)

    pass_deadline(world)
    world.settle()

    assert world.referral().status is status
    waits = kind in (QuestionKind.SIGN_OFF, QuestionKind.MOVE_IN)
    assert world.questions(kind, None)[0].standing is (Standing.OPEN if waits else Standing.OVERDUE)
    assert ("no_answer" in [item["why"] for item in attention_list(world.platform.database)]) is waits


def test_a_silent_municipality_lets_the_home_go_and_is_not_asked_again(world: World):
    home = world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    pass_deadline(world)
    world.settle()

    assert world.rows(select(Vacancy.standing).where(Vacancy.id == home)) == [VacancyStanding.AVAILABLE]
    assert world.desk().held == {}
    assert world.questions() == []


def test_a_late_answer_still_counts_where_the_route_keeps_waiting(world: World):
    world.flag(family())
    pass_deadline(world)

    assert world.answer(QuestionKind.SIGN_OFF)
    world.settle()

    assert world.referral().status is Status.SEEKING


def test_a_late_answer_does_not_count_where_the_deadline_ended_the_wait(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    question = world.questions(QuestionKind.APPROVAL)[0]
    world.clock.at = question.expires_at

    assert not world.answer(QuestionKind.APPROVAL)


def test_a_family_that_was_not_ready_is_asked_again_when_its_time_has_come(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE, Answer.NO, "not_now")
    world.settle()
    assert world.questions() == []

    world.clock.move_on(timedelta(days=31))
    world.settle()

    assert [question.kind for question in world.questions()] == [QuestionKind.OFFER]


def test_changed_circumstances_wait_for_a_person_who_then_sends_the_case_on(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE, Answer.NO, "circumstances_changed")
    world.settle()
    item = attention_list(world.platform.database)[0]
    assert (item["why"], world.questions()) == ("reassess", [])

    with world.platform.database.writing() as session:
        deal_with(session, item["id"], again=True, by="command line", now=world.clock.now())
    world.settle()

    assert [question.kind for question in world.questions()] == [QuestionKind.OFFER]


def test_a_search_that_only_earlier_declines_have_emptied_goes_to_a_person(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.OFFER)
    world.answer(QuestionKind.OFFER, Answer.NO, "no_suitable_home")
    world.settle()

    assert [item["why"] for item in attention_list(world.platform.database)] == ["search_exhausted"]
    assert world.rows(select(Question.standing).where(Question.kind == QuestionKind.OFFER)) == [Standing.ANSWERED]
