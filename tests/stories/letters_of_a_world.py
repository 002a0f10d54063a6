"""Worlds with a returned letter, a letter to be printed by hand, or a comment."""

from dataclasses import replace
from email import message_from_string

from sqlmodel import select, update

from domain.questions.question import QuestionKind
from storage.areas.places import Area
from storage.attention import AttentionItem
from storage.outbox import OutboxRow
from storage.questions.comments import keep_comment, sealing_key
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.upkeep.asked_again import ask_again
from tests.stories.meeting import OneMessage
from tests.world.families import family
from tests.world.family_letters import have_letters
from tests.world.world import World


def asked(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)


def ticked_off(world: World) -> None:
    """A letter and an area name that wait for a person, and an area name that nothing waits for any more."""
    letter_by_hand(world)
    with world.platform.database.writing() as session:
        session.add(Area(municipality="0450", name="Ålykken"))
    gone = world.home(area="Solkvarteret")
    ask_again(world.platform)
    world.home(area="Strandkvarteret")
    with world.platform.database.writing() as session:
        session.get_one(Vacancy, gone).standing = VacancyStanding.WITHDRAWN
        session.execute(update(AttentionItem).values(closed_at=world.clock.now(), closed_by="t"))


def came_back(world: World) -> None:
    asked(world)
    question = world.questions(QuestionKind.APPROVAL)[0]
    (key,) = [row.key for row in world.rows(select(OutboxRow)) if row.question_id == question.id]
    told = f"""From: MAILER-DAEMON@nyborg.invalid
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.nyborg.invalid

Final-Recipient: rfc822; anvisning@nyborg.invalid
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <{key}@demo.invalid>

--b--
"""
    world.platform = replace(world.platform, mailbox=OneMessage(message_from_string(told)))


def commented(world: World) -> None:
    asked(world)
    question = world.questions(QuestionKind.APPROVAL)[0]
    world.answer(QuestionKind.APPROVAL)
    with world.platform.database.writing() as session:
        keep_comment(session, question, "Velkommen.", key=sealing_key(session), now=world.clock.now())


def without_a_letter_system(world: World) -> None:
    world.platform = replace(world.platform, may_email_families=False)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.answer(QuestionKind.APPROVAL)
    world.carry()


def letter_by_hand(world: World) -> None:
    without_a_letter_system(world)
    world.deliver()
    have_letters(world)
