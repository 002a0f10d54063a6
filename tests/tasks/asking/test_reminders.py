"""Reminders, letters to the chief, and the daily letter to people with many questions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from domain.parties.agreement import OnSilence
from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tasks.asking import deadlines
from tasks.asking.deadlines import remind_and_close
from tests.world.families import family
from tests.world.world import World


def agreed(world: World, kind: QuestionKind, **changes: object) -> None:
    """Have the parties agree on another step, in a new version of their agreement."""
    with world.platform.database.writing() as session:
        known = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")).one()
        agreement = AGREEMENTS.validate_json(known.document)
        route = tuple(replace(step, **changes) if step.kind is kind else step for step in agreement.route)
        remember_agreement(session, replace(agreement, version=2, route=route), now=world.clock.now())


def letters_to(world: World, address: str) -> list[str]:
    return [text for text in world.texts() if f"To: {address}" in text]


def test_a_reminder_comes_before_the_deadline_and_another_on_its_last_day(sqlite_world: World):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    before = len(world.mail.letters)
    deadline = world.questions()[0].answer_by

    while world.clock.now() < deadline:
        world.clock.move_on(timedelta(hours=12))
        remind_and_close(world.platform)
        world.deliver()

    mine = [letter for letter in world.mail.letters[before:] if letter["To"] == "anvisning@nyborg.invalid"]
    assert [letter["Subject"].strip().partition(" –")[0] for letter in mine] == ["Påmindelse", "Sidste dag"]


def test_when_the_deadline_has_passed_the_chief_is_told_once_and_what_was_asked_goes_on(sqlite_world: World):
    world = sqlite_world
    agreed(world, QuestionKind.APPROVAL, grace_days=2)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    question = world.questions()[0]
    world.clock.at = question.answer_by

    first, second = remind_and_close(world.platform), remind_and_close(world.platform)
    world.deliver()

    assert (first.escalated, second.escalated) == (("TF-2026-00001",), ())
    told = letters_to(world, "boligchef@nyborg.invalid")
    assert len(told) == 1
    assert "Boliganviser (opdigtet)" in told[0]
    assert "/q/" not in told[0], "the link is another's"
    assert world.questions()[0].standing is Standing.OPEN
    world.clock.at = question.expires_at
    assert remind_and_close(world.platform).passed == ("TF-2026-00001",)
    world.settle()
    assert world.referral().status is Status.SEEKING


def test_an_answer_within_the_grace_still_counts(sqlite_world: World):
    world = sqlite_world
    agreed(world, QuestionKind.APPROVAL, grace_days=2)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.clock.at = world.questions()[0].answer_by
    remind_and_close(world.platform)

    assert world.answer(QuestionKind.APPROVAL)
    world.settle()

    assert world.referral().status is Status.APPROVED


def test_a_route_may_leave_a_question_open_for_good(sqlite_world: World):
    world = sqlite_world
    agreed(world, QuestionKind.APPROVAL, on_silence=OnSilence.NEVER)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.clock.move_on(timedelta(days=400))

    remind_and_close(world.platform)

    assert world.answer(QuestionKind.APPROVAL)


def test_whom_more_than_three_questions_wait_for_gets_one_letter_a_day_instead_of_reminders(sqlite_world: World):
    world = sqlite_world
    world.flag(*(family(number) for number in range(1, 5)))
    world.deliver()
    before = len(world.mail.letters)

    for _ in range(3):
        remind_and_close(world.platform)
        world.deliver()
    assert [letter["Subject"].strip() for letter in world.mail.letters[before:]] == [
        "4 spørgsmål venter på dig – svar senest torsdag den 5. marts 2026"
    ]
    world.clock.move_on(timedelta(days=2, hours=15))
    found = remind_and_close(world.platform)
    world.deliver()

    assert (found.listed, found.reminded) == (("municipality:0461/teamleder-1",), ())
    assert len(world.mail.letters) == before + 2
    assert world.texts()[-1].count("/q/") == 4


def test_the_days_letter_does_not_go_out_when_it_has_been_answered_meanwhile(sqlite_world: World):
    world = sqlite_world
    world.flag(*(family(number) for number in range(1, 5)))
    remind_and_close(world.platform)
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
    world.deliver()

    assert not letters_to(world, "teamleder@odense.invalid")


def test_no_such_letter_is_written_on_a_day_off(sqlite_world: World):
    world = sqlite_world
    world.flag(*(family(number) for number in range(1, 5)))
    world.clock.at = datetime(2026, 3, 7, 9, tzinfo=UTC)  # a Saturday

    assert remind_and_close(world.platform).listed == ()


def test_nobody_is_reminded_after_the_deadline(sqlite_world: World):
    world = sqlite_world
    world.flag(family())
    world.clock.at = world.questions()[0].answer_by + timedelta(hours=1)

    assert remind_and_close(world.platform).reminded == ()


def test_a_question_that_cannot_be_minded_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch):
    for number in (1, 2):
        world.flag(family(number))
    world.clock.move_on(timedelta(days=2, hours=15))
    remind = deadlines.remind

    def stuck(case, question):
        if question.reference.endswith("1"):
            raise IntegrityError("UPDATE question", {}, Exception("four eyes"))
        return remind(case, question)

    monkeypatch.setattr(deadlines, "remind", stuck)

    assert remind_and_close(world.platform).reminded == ("TF-2026-00002",)
    told = [(item["case"], item["why"], item["detail"]) for item in attention_list(world.platform.database)]
    assert told == [("TF-2026-00001", "deadline_stuck", "sign_off: IntegrityError")]


def test_a_chief_who_is_told_when_the_path_has_gone_on_is_not_asked_to_do_anything(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.clock.at = world.questions(QuestionKind.APPROVAL)[0].expires_at
    remind_and_close(world.platform)
    world.deliver()

    (told,) = [text for text in world.texts() if "Du er leder" in text]
    assert "Vi er gået videre uden svaret. Du skal ikke gøre mere." in told
    assert "Bed om" not in told
    assert "Skal en anden svare" not in told
