"""What the passing of time does to open questions: a reminder, then the route's own outcome."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select

from domain.agreement import OnSilence
from domain.question import Standing
from storage.attention import ask_for_attention
from storage.outbox import Telling
from storage.questions import Question
from storage.referrals import Referral, lock, make_due
from tasks.case import Case
from tasks.platform import Platform


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What one look at the deadlines came to, in case references."""

    reminded: tuple[str, ...]
    passed: tuple[str, ...]
    kept_waiting: tuple[str, ...]


def remind_and_close(platform: Platform, *, flow_run_id: str | None = None) -> Deadlines:
    """Remind of every question that is due a reminder, and end every wait whose deadline has passed."""
    reminded = [_remind(platform, id_, flow_run_id) for id_ in _open(platform, reminder=True)]
    passed: list[str | None] = []
    kept: list[str | None] = []
    for id_ in _open(platform, reminder=False):
        reference, ended = _deadline_passed(platform, id_)
        (passed if ended else kept).append(reference)
    return Deadlines(tuple(filter(None, reminded)), tuple(filter(None, passed)), tuple(filter(None, kept)))


def _open(platform: Platform, *, reminder: bool) -> list[int]:
    now = platform.now()
    query = select(Question.id).where(Question.standing == Standing.OPEN).order_by(col(Question.id))
    if reminder:
        query = query.where(
            col(Question.reminded_at).is_(None), col(Question.remind_at) <= now, col(Question.answer_by) > now
        )
    else:
        query = query.where(col(Question.answer_by) <= now)
    with platform.database.reading() as session:
        return [id_ for id_ in session.exec(query) if id_ is not None]


def _remind(platform: Platform, question_id: int, flow_run_id: str | None) -> str | None:
    with platform.database.writing() as session:
        question = session.get_one(Question, question_id)
        # The case first, then the question: as an answer does, or the two would wait for each other.
        lock(session, question.referral_id)
        session.refresh(question)
        if question.standing is not Standing.OPEN or question.reminded_at is not None:
            return None
        now = platform.now()
        question.reminded_at = now
        session.add(question)
        referral = session.get_one(Referral, question.referral_id)
        case = Case(platform, session, referral, now, flow_run_id)
        case.write(Telling.ANSWER_REMINDER, to=question.addressee, question=question)
        case.note(f"reminded_{question.kind}", reason=question.addressee)
        return referral.reference


def _deadline_passed(platform: Platform, question_id: int) -> tuple[str | None, bool]:
    """The case whose wait was ended (True), or about whose silence a person is newly asked (False)."""
    with platform.database.writing() as session:
        now = platform.now()
        question = session.get_one(Question, question_id)
        referral = session.get_one(Referral, question.referral_id)
        case = Case(platform, session, referral, now)
        if case.agreement.step(question.kind).on_silence is OnSilence.KEEP_WAITING:
            asked = ask_for_attention(
                session,
                f"question:{question.id}",
                "no_answer",
                now=now,
                detail=f"{question.kind}: {question.addressee}",
                referral_id=referral.id,
            )
            return (referral.reference if asked else None), False
        make_due(session, case.id, now=now)
        still_open = update(Question).where(col(Question.id) == question_id, col(Question.standing) == Standing.OPEN)
        session.execute(still_open.values(standing=Standing.OVERDUE))
        return referral.reference, True
