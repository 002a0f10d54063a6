"""People whom a party's file no longer names, or names with another role: colleagues are asked their open questions."""

from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from domain.errors import NeedsPerson
from domain.parties.colleagues import still_answers, who_answers
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from domain.subject import About
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.columns import needed
from storage.parties.partners import partner_of
from storage.questions.answers import pass_on
from storage.questions.matters import barred_from, hold_matter
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral


def pass_on_from_leavers(session: Session, *, now: datetime) -> list[str]:
    """Pass questions of people who left on to colleagues; returns what they are about. Without a colleague, staff are asked."""
    is_open = Question.standing == Standing.OPEN
    asked = select(Question.kind, Question.asked_of, Question.contact_id).where(Question.asked_of != FAMILY, is_open)
    left = [
        (of, contact_id)
        for kind, of, contact_id in session.exec(asked.distinct())
        if not still_answers(QuestionKind(kind), partner_of(session, of), contact_id)
    ]
    of_leavers = tuple_(col(Question.asked_of), col(Question.contact_id)).in_(left)
    waits = session.exec(select(Question.id, Question.referral_id, Question.subject).where(of_leavers, is_open)).all()
    # In the order of locks, whoever was asked: case by case, and after them subject by subject.
    found = sorted(waits, key=lambda one: (one[1] is None, one[1] or 0, one[2] or "", one[0]))
    return [passed for id_, *_ in found if (passed := _pass_on(session, needed(id_), now=now))]


def _pass_on(session: Session, question_id: int, *, now: datetime) -> str | None:
    question = session.get_one(Question, question_id)
    hold_matter(session, question)
    session.refresh(question)
    partner = partner_of(session, question.asked_of)
    if question.standing is not Standing.OPEN or still_answers(question.kind, partner, question.contact_id):
        return None
    out = barred_from(session, question, partner, on=day_of(now)) | {question.contact_id}
    other = who_answers(question.kind, partner, barred=out)
    if other is not None and pass_on(session, question, to=other.id, by=PassedOnBy.LEFT, now=now):
        case = question.referral_id
        return question.reference if case is None else session.get_one(Referral, case).reference
    detail, subject = f"{question.kind}: {question.addressee}", About.QUESTION.of(question_id)
    ask_for_attention(session, subject, NeedsPerson.code, now=now, detail=detail, referral_id=question.referral_id)
    return None
