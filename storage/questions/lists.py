"""Lists of questions: by the person they wait for, by case, and by who answered them."""

from collections.abc import Collection

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from domain.questions.addressee import Addressee
from domain.questions.question import QuestionKind, Standing
from storage.questions.answers import IS_RIPE
from storage.questions.questions import Question

_OPEN_OF = (
    select(Question)
    .where(col(Question.referral_id) == bindparam("referral_id"), col(Question.standing) == Standing.OPEN)
    .order_by(col(Question.id))
)


def open_questions(
    session: Session, referral_id: int, kinds: Collection[QuestionKind] = tuple(QuestionKind)
) -> list[Question]:
    """A referral's questions that still wait for an answer."""
    found = session.exec(_OPEN_OF, params={"referral_id": referral_id})
    return [question for question in found if question.kind in kinds]


_UNDER_WAY = (
    select(Question)
    .where(
        col(Question.referral_id) == bindparam("referral_id"),
        col(Question.kind) == bindparam("kind"),
        or_(col(Question.standing) == Standing.OPEN, IS_RIPE),
    )
    .order_by(col(Question.id))
)


def under_way(session: Session, referral_id: int, kind: QuestionKind) -> list[Question]:
    """A referral's questions of a kind that are open, or ended but not yet acted on by the path."""
    return list(session.exec(_UNDER_WAY, params={"referral_id": referral_id, "kind": kind}))


def waiting_for(session: Session, addressee: Addressee) -> list[Question]:
    """The questions that wait for one person at a party, the earliest due first."""
    query = select(Question).where(
        Question.standing == Standing.OPEN,
        Question.asked_of == addressee.party,
        Question.contact_id == addressee.contact_id,
    )
    return list(session.exec(query.order_by(col(Question.answer_by), col(Question.id))))


MOST_LISTED = 200


def waiting_at(session: Session, party: str) -> list[Question]:
    """The questions that wait for anybody at a party, the earliest due first."""
    query = select(Question).where(Question.standing == Standing.OPEN, Question.asked_of == party)
    return list(session.exec(query.order_by(col(Question.answer_by), col(Question.id)).limit(MOST_LISTED)))


def answered_by_contact(session: Session, party: str, contact_id: str) -> list[Question]:
    """The questions that a person has answered, newest first."""
    who = func.coalesce(col(Question.answered_by), col(Question.contact_id))
    query = select(Question).where(
        Question.standing == Standing.ANSWERED, Question.asked_of == party, who == contact_id
    )
    return list(session.exec(query.order_by(col(Question.answered_at).desc()).limit(MOST_LISTED)))


def last_question(session: Session, referral_id: int, kind: QuestionKind) -> Question | None:
    """The newest question of a kind."""
    query = select(Question).where(Question.referral_id == referral_id, Question.kind == kind)
    return session.exec(query.order_by(col(Question.id).desc())).first()
