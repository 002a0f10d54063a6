"""Months that are settled and asked about, and what people do with their letters."""

from datetime import date, timedelta

from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from storage.attention import AttentionItem
from storage.columns import id_of
from storage.questions.answers import record_answer
from storage.questions.questions import Question
from domain.questions.question import Reply
from tasks.books.months import ask_parties, settle_last_month
from tests.storage.books.model import two_housed_families
from tests.world.world import World

NYBORG, ODENSE, HAVBLIK = "municipality:0450", "municipality:0461", "association:havblik"
MARCH = date(2026, 3, 31)
BY_PARTY = (HAVBLIK, NYBORG, ODENSE)


def march_is_over(world: World) -> None:
    """Two families moved in in March, and the fifth working day of April has come."""
    two_housed_families(world)
    world.clock.move_on(timedelta(days=40))
    world.settle()


def march_is_asked(world: World) -> None:
    march_is_over(world)
    assert settle_last_month(world.platform) == MARCH
    assert ask_parties(world.platform) == tuple(f"2026-03 {party}" for party in BY_PARTY)
    world.deliver()


def asked_of(world: World, party: str) -> Question:
    """The newest question to a party about its month."""
    found = select(Question).where(Question.kind == QuestionKind.MONTH, Question.asked_of == party)
    return world.rows(found.order_by(Question.id))[-1]


def answers(world: World, party: str, answer: Answer = Answer.YES, reason: str | None = None) -> bool:
    question = asked_of(world, party)
    with world.platform.database.writing() as session:
        said = Reply(answer, reason)
        return record_answer(session, id_of(question), said, referral_id=None, now=world.clock.now())


def items(world: World) -> list[tuple[str, str, str]]:
    """What is open on the attention list about months and questions."""
    found = world.rows(select(AttentionItem).where(AttentionItem.closed_at.is_(None)))
    return [(one.subject, one.code, one.detail) for one in found]
