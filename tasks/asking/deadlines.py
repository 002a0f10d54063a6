"""What time does to open questions: reminders, the chief, and the route's own outcome."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from domain.errors import TilflytError
from domain.questions.question import Standing
from domain.subject import About
from storage.attention import ask_for_attention
from storage.questions.matters import hold_matter
from storage.questions.questions import Question
from tasks.asking.deadline_deeds import A_DAY, end_wait, escalate, keep_waiting, remind
from tasks.asking.deputies import have_deputy_asked, of_people_away, of_people_who_left
from tasks.asking.digests import send_digests
from tasks.matter import Asker, asker_of
from tasks.platform import Platform


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The result of one look at the deadlines, by the names of what they are about, and who was sent the day's list."""

    deputised: tuple[str, ...]
    listed: tuple[str, ...]
    reminded: tuple[str, ...]
    escalated: tuple[str, ...]
    passed: tuple[str, ...]
    kept_waiting: tuple[str, ...]


Deed = Callable[[Asker, Question], bool]


def remind_and_close(platform: Platform, *, flow_run_id: str | None = None) -> Deadlines:
    """Ask deputies, remind, tell the chief, and end every wait whose time has passed."""

    now, overdue = platform.now(), col(Question.answer_by) <= platform.now()

    def each(due: ColumnElement[bool], deed: Deed) -> tuple[str, ...]:
        done = [_tried_on(platform, id_, due, deed, flow_run_id) for id_ in _open(platform, due)]
        return tuple(reference for reference in done if reference is not None)

    return Deadlines(
        deputised=of_people_who_left(platform) + each(of_people_away(platform), have_deputy_asked),
        listed=send_digests(platform),
        reminded=each(_to_remind(platform), remind),
        escalated=each(and_(col(Question.escalated_at).is_(None), overdue), escalate),
        passed=each(col(Question.expires_at) <= now, end_wait),
        kept_waiting=each(overdue, keep_waiting),
    )


def _open(platform: Platform, due: ColumnElement[bool]) -> list[int]:
    query = select(Question.id).where(Question.standing == Standing.OPEN, due)
    with platform.database.reading() as session:
        return [id_ for id_ in session.exec(query.order_by(col(Question.id))) if id_ is not None]


def _to_remind(platform: Platform) -> ColumnElement[bool]:
    """Questions whose reminder is due: the one before the deadline, or the one on its last day."""
    now = platform.now()
    before = and_(col(Question.reminded_at).is_(None), col(Question.remind_at) <= now)
    last_day = and_(col(Question.last_reminded_at).is_(None), col(Question.answer_by) <= now + A_DAY)
    return and_(col(Question.answer_by) > now, or_(before, last_day))


def _tried_on(
    platform: Platform, question_id: int, due: ColumnElement[bool], deed: Deed, flow_run_id: str | None
) -> str | None:
    """Do a deed on one question; a failure needs a person and delays no other case."""
    try:
        return _deed_on(platform, question_id, due, deed, flow_run_id)
    except (TilflytError, SQLAlchemyError) as error:
        why = error.code if isinstance(error, TilflytError) else type(error).__name__
    with platform.database.writing() as session:
        question = session.get_one(Question, question_id)
        ask_for_attention(
            session,
            About.QUESTION.of(question_id),
            "deadline_stuck",
            now=platform.now(),
            detail=f"{question.kind}: {why}",
            referral_id=question.referral_id,
        )
    return None


def _deed_on(
    platform: Platform, question_id: int, due: ColumnElement[bool], deed: Deed, flow_run_id: str | None
) -> str | None:
    """Do a deed on a question that is still due for it, in its own transaction; returns its matter if something was done.

    The condition is checked again once the matter is held: another run may have done the same meanwhile.
    """
    with platform.database.writing() as session:
        # Holds the matter first, then the question, as an answer does, or this and it could wait for each other.
        hold_matter(session, session.get_one(Question, question_id))
        still = select(Question).where(Question.id == question_id, Question.standing == Standing.OPEN, due)
        question = session.exec(still.execution_options(populate_existing=True)).one_or_none()
        if question is None:
            return None
        asker = asker_of(platform, session, question, flow_run_id=flow_run_id)
        return asker.reference if deed(asker, question) else None
