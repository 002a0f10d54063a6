"""Links that were sent: counts wrong digits, and makes the links of a case lead nowhere once its data are shredded."""

from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col, select

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import PassedOnBy
from domain.subject import About
from storage.attention import ask_for_attention
from storage.audit.states import chain_state
from storage.columns import id_of
from storage.questions.acceptance import take_back
from storage.questions.answers import pass_on
from storage.questions.matters import hold_matter
from storage.questions.questions import Question

_COUNT_WRONG = (
    update(Question)
    .where(col(Question.id) == bindparam("question_id"), col(Question.wrong_digits) < WRONG_TRIES_AT_MOST)
    .values(wrong_digits=Question.wrong_digits + 1)
)


def count_wrong_digits(session: Session, question: Question, *, now: datetime) -> None:
    """Count a wrong try at a link's digits. With the last one the link dies, and the same person is asked anew.

    What it is about is held first, as when an answer is recorded, so that many tries at once are counted one by one.
    """
    hold_matter(session, question)
    this_one = {"question_id": question.id}
    if not session.exec(_COUNT_WRONG, params=this_one).rowcount or has_tries_left(session, question):
        return
    if pass_on(session, question, to=question.contact_id, by=PassedOnBy.WRONG_DIGITS, now=now):
        return
    # The question was answered already. Nobody may close a link to keep a family from taking back an answer given in
    # its name: a yes that can still be taken back is, and the same person is asked anew. Otherwise a person must call.
    case = question.referral_id
    if case is None or not take_back(session, id_of(question), referral_id=case, now=now):
        detail, subject = f"{question.kind}: {question.addressee}", About.QUESTION.of(id_of(question))
        ask_for_attention(session, subject, "digits_guessed", now=now, detail=detail, referral_id=case)


_WRONG = select(Question.wrong_digits).where(col(Question.id) == bindparam("question_id"))


def has_tries_left(session: Session, question: Question) -> bool:
    """Whether the digits of a question's link may still be tried."""
    tried: int = session.exec(_WRONG, params={"question_id": question.id}).one()
    return tried < WRONG_TRIES_AT_MOST


def times_guessed(session: Session, question: Question) -> int:
    """How many links of a question about the same matter died of wrong digits, whoever at its party was asked."""
    query = select(func.count()).where(
        col(Question.referral_id).is_not_distinct_from(question.referral_id),
        col(Question.subject).is_not_distinct_from(question.subject),
        Question.kind == question.kind,
        Question.asked_of == question.asked_of,
        col(Question.offer_id).is_not_distinct_from(question.offer_id),
        Question.passed_by == PassedOnBy.WRONG_DIGITS,
    )
    return session.exec(query).one()


SHREDDED_LINK = "shredded "


def forget_links(session: Session, referral_id: int, *, now: datetime) -> None:
    """Make every link of a case lead nowhere, like a link that was never sent."""
    lead_somewhere = col(Question.token_hash).not_like(f"{SHREDDED_LINK}%")
    for question in session.exec(select(Question).where(Question.referral_id == referral_id, lead_somewhere)):
        question.token_hash = f"{SHREDDED_LINK}{question.id}"
        session.add(question)
        chain_state(session, Question, question, now=now, parts=("link",))
