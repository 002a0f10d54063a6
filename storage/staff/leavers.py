"""People whom a party's file no longer names, or names with another role: colleagues are asked their open questions."""

from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from domain.errors import NeedsPerson
from domain.parties.colleagues import ANSWERED_BY, barred, still_answers
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from domain.subject import About
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.columns import needed
from storage.locks import hold_case
from storage.parties.partners import partner_of
from storage.questions.answers import pass_on
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral


def pass_on_from_leavers(session: Session, *, now: datetime) -> list[str]:
    """Pass questions of people who left on to colleagues; returns the cases. Without a colleague, staff are asked."""
    of_cases = (Question.standing == Standing.OPEN, col(Question.referral_id).is_not(None))
    asked = select(Question.kind, Question.asked_of, Question.contact_id).where(Question.asked_of != FAMILY, *of_cases)
    left = [
        (of, contact_id)
        for kind, of, contact_id in session.exec(asked.distinct())
        if not still_answers(QuestionKind(kind), partner_of(session, of), contact_id)
    ]
    of_leavers = tuple_(col(Question.asked_of), col(Question.contact_id)).in_(left)
    waits = select(Question.id).where(of_leavers, *of_cases)
    # Case by case in the order of locks, whoever was asked.
    found = session.exec(waits.order_by(col(Question.referral_id), col(Question.id))).all()
    return [passed for id_ in found if (passed := _pass_on(session, needed(id_), now=now))]


def _pass_on(session: Session, question_id: int, *, now: datetime) -> str | None:
    question = session.get_one(Question, question_id)
    hold_case(session, question.case_id)
    session.refresh(question)
    partner, referral = partner_of(session, question.asked_of), session.get_one(Referral, question.case_id)
    if question.standing is not Standing.OPEN or still_answers(question.kind, partner, question.contact_id):
        return None
    today = day_of(now)
    out = barred(question.kind, partner, flagged_by=referral.flagged_by, on=today) | {question.contact_id}
    other = partner.first(ANSWERED_BY[question.kind], barred=out)
    if other is not None and pass_on(session, question, to=other.id, by=PassedOnBy.LEFT, now=now):
        return referral.reference
    detail, subject = f"{question.kind}: {question.addressee}", About.QUESTION.of(question_id)
    ask_for_attention(session, subject, NeedsPerson.code, now=now, detail=detail, referral_id=referral.id)
    return None
