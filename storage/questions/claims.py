"""Questions to parties about claims, by the subject that names the claim."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.questions.question import Standing
from domain.subject import Subject
from storage.questions.answers import revoke, settle
from storage.questions.questions import Question


def waits_for_answer(session: Session, about: Subject) -> bool:
    """Whether somebody is asked, or has answered and nobody has acted on it yet."""
    return _unsettled(session, about) is not None


def recall_question(session: Session, about: Subject, *, now: datetime) -> bool:
    """Revoke the question about what is withdrawn; False when it was answered already. What it is about is held."""
    question = _unsettled(session, about)
    if question is not None and question.standing is Standing.ANSWERED:
        return False
    if question is not None and question.standing is Standing.OPEN:
        revoke(session, question, now=now)
    elif question is not None:
        # It was passed on, and nobody is asked any more.
        settle(session, [question], now=now)
    return True


def _unsettled(session: Session, about: Subject) -> Question | None:
    query = select(Question).where(Question.subject == str(about), col(Question.settled_at).is_(None))
    fresh = query.order_by(col(Question.id).desc()).limit(1).execution_options(populate_existing=True)
    return session.exec(fresh).first()
