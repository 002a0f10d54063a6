"""Acts on what parties answered to questions about no case, and on those that were passed on or are asked anew."""

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import TilflytError
from domain.questions.question import QuestionKind
from domain.subject import About
from storage.attention import ask_for_attention
from storage.questions.answers import ripe_of_no_case, settle
from storage.questions.matters import answered_first, hold_matter
from storage.questions.questions import Question
from tasks.asking.anew import ask_again, ask_instead
from tasks.books.claims import hear_claim
from tasks.books.months import hear_month
from tasks.matter import PartyMatter
from tasks.platform import Platform

# What follows an answer, by the kind of question.
HEARD: Mapping[QuestionKind, Callable[[PartyMatter, Question], None]] = {
    QuestionKind.MONTH: hear_month,
    QuestionKind.CLAIM: hear_claim,
    QuestionKind.CLAIM_SECOND: hear_claim,
}
log = structlog.get_logger()


def hear_parties(platform: Platform, *, flow_run_id: str | None = None) -> tuple[str, ...]:
    """Act on every answer that nobody has acted on, each in its own transaction; returns what they are about."""
    with platform.database.reading() as session:
        found = ripe_of_no_case(session)
    heard = (_tried_to_hear(platform, question_id, flow_run_id) for question_id in found)
    return tuple(reference for reference in heard if reference is not None)


def _tried_to_hear(platform: Platform, question_id: int, flow_run_id: str | None) -> str | None:
    """Act on one answer; one that cannot be acted on needs a person, and delays no other."""
    try:
        return _hear(platform, question_id, flow_run_id)
    except (TilflytError, SQLAlchemyError) as error:
        code = error.code if isinstance(error, TilflytError) else type(error).__name__
    log.warning("an answer could not be acted on", question=question_id, code=code)
    with platform.database.writing() as session:
        question = session.get_one(Question, question_id)
        about, detail = About.QUESTION.of(question_id), f"{question.kind}: {code}"
        ask_for_attention(session, about, "needs_person", now=platform.now(), detail=detail)
    return None


def _hear(platform: Platform, question_id: int, flow_run_id: str | None) -> str | None:
    with platform.database.writing() as session:
        question = session.get_one(Question, question_id)
        hold_matter(session, question)
        session.refresh(question)
        if question.settled_at is not None:
            return None  # another worker has acted on it
        first = answered_first(question)
        matter = PartyMatter(platform, session, question.about, question.reference, platform.now(), flow_run_id, first)
        if question.passed_to is not None and question.passed_by is not None:
            ask_instead(matter, question, question.passed_to, question.passed_by)
        elif question.taken_back_at is not None:
            ask_again(matter, question)
        else:
            HEARD[question.kind](matter, question)
        settle(session, [question], now=matter.now)
        return question.reference
