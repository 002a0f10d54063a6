"""A home that an association offers although a yearly ceiling stands against it: it was asked before."""

from datetime import datetime

from sqlmodel import Session, select

from domain.questions.question import Answer
from domain.referrals.lifecycle import CEILING_REACHED
from storage.outbox import Telling
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from tasks.case import Case

OFFERED_ABOVE = "offered_above_a_ceiling"


def note_offer_above(case: Case, question: Question) -> None:
    """Note that a home was offered that a ceiling stands against, and tell the association why it is not used."""
    case.note(OFFERED_ABOVE, actor=str(question.answerer), reason=CEILING_REACHED.code)
    case.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)


def was_offered_above(session: Session, question: Question, *, told_at: datetime) -> bool:
    """Whether a request was recalled at a moment because the home that was offered is above a ceiling."""
    noted = select(HistoryLine.id).where(
        HistoryLine.referral_id == question.referral_id,
        HistoryLine.at == told_at,
        HistoryLine.deed == OFFERED_ABOVE,
        HistoryLine.actor == str(question.answerer),
    )
    return question.answer is Answer.YES and session.exec(noted).first() is not None
