"""A family's yes, which it may take back until a party is told who it is."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.parties.agreement import Agreement
from domain.questions.question import Answer, QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.audit.states import chain_state
from storage.columns import id_of
from storage.locks import hold_case
from storage.parties.agreements import agreement_of
from storage.questions.questions import Question
from storage.referrals.referrals import Referral, make_due
from storage.vacancies.offers import binding_offer

# Without a limit, a yes said and taken back again and again could hold a home for ever.
TAKEN_BACK_AT_MOST = 3


def may_take_back(session: Session, question: Question, referral: Referral) -> bool:
    """Whether a yes can be taken back: it only waits for the moment when who the family is may be told."""
    if question.kind is not QuestionKind.ACCEPTANCE or question.standing is not Standing.ANSWERED:
        return False
    if question.answer is not Answer.YES or question.taken_back_at is not None or referral.stop_requested is not None:
        return False
    if agreement_of(session, referral.agreement_version_id).disclosure_after_minutes == 0:
        return False
    if _times_taken_back(session, question) >= TAKEN_BACK_AT_MOST:
        return False
    if referral.status is Status.APPROVED:
        # The path has not acted on it yet.
        return question.settled_at is None
    offer = binding_offer(session, id_of(referral))
    # In PROPOSED the family was asked first, and the municipality has not said yes.
    waits = referral.status is Status.PROPOSED or (
        referral.status is Status.ACCEPTED and referral.disclosure_due_at is not None
    )
    return waits and offer is not None and offer.id == question.offer_id


def family_first(session: Session, question: Question, agreement: Agreement) -> bool:
    """Whether a question is asked by an order in which the family is first.

    For the family's own question: whether the municipality has yet to say yes. It has said so when the family took its
    own yes back after the municipality's, and is asked anew.
    """
    if not agreement.family_first or question.kind is not QuestionKind.ACCEPTANCE:
        return agreement.family_first
    approved = select(Question.id).where(
        Question.referral_id == question.referral_id,
        Question.offer_id == question.offer_id,
        Question.kind == QuestionKind.APPROVAL,
        Question.answer == Answer.YES,
    )
    return session.exec(approved).first() is None


def _times_taken_back(session: Session, question: Question) -> int:
    """How often a yes to the same home was taken back before."""
    earlier = select(func.count()).where(
        Question.referral_id == question.case_id,
        Question.offer_id == question.offer_id,
        col(Question.taken_back_at).is_not(None),
    )
    return session.exec(earlier).one()


def take_back(session: Session, question_id: int, *, referral_id: int, now: datetime) -> bool:
    """Take a yes back, once, and have the same person asked anew; False when it is too late."""
    # The case is locked first, as by the path when it discloses: so one of the two comes first.
    hold_case(session, referral_id)
    question = session.exec(select(Question).where(Question.id == question_id)).one()
    referral = session.get_one(Referral, referral_id)
    if not may_take_back(session, question, referral):
        return False
    question.taken_back_at = now
    session.add(question)
    session.flush()
    chain_state(session, Question, question, now=now, parts=("taken_back",))
    make_due(session, referral_id, now=now)
    return True
