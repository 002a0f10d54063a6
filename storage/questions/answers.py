"""Ends a question, once: answered, passed on, acted on or revoked."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from domain.questions.question import Answer, PassedOnBy, QuestionKind, Reply, Standing
from storage.audit.states import chain_state
from storage.columns import id_of
from storage.database import changed
from storage.locks import hold_case
from storage.questions.matters import hold_matter
from storage.questions.questions import ANSWER, Question
from storage.referrals.referrals import Referral, make_due


def chain_answer(session: Session, question_id: int | None, *, now: datetime, **said: object) -> None:
    """Chain the outcome of a question that was open."""
    answer = {"id": question_id} | dict.fromkeys(ANSWER) | said
    chain_state(session, Question, answer, now=now, parts=("answer",))


_RECORD = (
    update(Question)
    .where(
        col(Question.id) == bindparam("question_id"),
        col(Question.standing) == Standing.OPEN,
        col(Question.expires_at) > bindparam("answered_at"),
    )
    .values(
        standing=Standing.ANSWERED,
        **{
            name: bindparam(name)
            for name in ("answer", "reason", "vacancy_id", "given_by", "answered_at", "answered_by")
        },
    )
)


def record_answer(
    session: Session, question_id: int, reply: Reply, *, referral_id: int | None, now: datetime, by: str | None = None
) -> bool:
    """Record the answer once and make the referral due; False when the question is no longer open.

    What it is about is held first, as when the answer is acted on, so that neither can miss the other's change.
    `referral_id` is None for a question about no case: a worker looks for its answer.
    """
    if referral_id is not None:
        hold_case(session, referral_id)
    else:
        hold_matter(session, session.get_one(Question, question_id))
    given = {"answer": reply.answer, "reason": reply.reason, "vacancy_id": reply.vacancy_id, "given_by": reply.given_by}
    if changed(session, _RECORD, given | {"question_id": question_id, "answered_at": now, "answered_by": by}) != 1:
        return False
    chain_answer(session, question_id, now=now, standing=Standing.ANSWERED, answered_at=now, answered_by=by, **given)
    if referral_id is not None:
        make_due(session, referral_id, now=now)
    return True


PASSED = ("passed_to", "passed_by", "passed_at", "answered_by")
_PASS_ON = (
    update(Question)
    .where(
        col(Question.id) == bindparam("question_id"),
        col(Question.standing) == Standing.OPEN,
        col(Question.expires_at) > bindparam("passed_at"),
    )
    .values(standing=Standing.REVOKED, **{name: bindparam(name) for name in PASSED})
)


def pass_on(
    session: Session, question: Question, *, to: str, by: PassedOnBy, now: datetime, who: str | None = None
) -> bool:
    """Pass a question on to a colleague: the link dies, and the path asks them. False when the question is not open.

    `who` is the contact who did it, if they had logged in.
    """
    hold_matter(session, question)
    values = {"passed_to": to, "passed_by": by, "passed_at": now, "answered_by": who}
    if changed(session, _PASS_ON, values | {"question_id": question.id}) != 1:
        return False
    chain_answer(session, question.id, now=now, standing=Standing.REVOKED, **values)
    if question.referral_id is not None:
        make_due(session, question.referral_id, now=now)
    return True


_FORGET_PASSED = (
    update(Question)
    .where(
        col(Question.referral_id) == bindparam("of_referral"),
        col(Question.kind).in_(bindparam("kinds", expanding=True)),
        col(Question.passed_to).is_not(None),
        col(Question.settled_at).is_(None),
    )
    .values(settled_at=bindparam("now"))
)


def forget_passed(session: Session, referral_id: int, kinds: Collection[QuestionKind], *, now: datetime) -> None:
    """Cancel passing questions on to colleagues where the path has not yet acted."""
    changed(session, _FORGET_PASSED, {"of_referral": referral_id, "kinds": list(kinds), "now": now})


IS_RIPE = and_(
    or_(col(Question.standing).in_((Standing.ANSWERED, Standing.OVERDUE)), col(Question.passed_to).is_not(None)),
    col(Question.settled_at).is_(None),
)
# Built once: for a statement that every move runs, building costs more than running.
_RIPE = (
    select(Question)
    .where(
        col(Question.referral_id) == bindparam("referral_id"),
        col(Question.kind) == bindparam("kind"),
        IS_RIPE,
    )
    .order_by(col(Question.answered_at), col(Question.id))
)


def ripe(session: Session, referral_id: int, kind: QuestionKind) -> list[Question]:
    """Questions whose answer, silence or passing on the path has not yet acted on; oldest answer first."""
    return list(session.exec(_RIPE, params={"referral_id": referral_id, "kind": kind}))


_RIPE_OF_NO_CASE = select(Question.id).where(col(Question.subject).is_not(None), IS_RIPE).order_by(col(Question.id))


def ripe_of_no_case(session: Session) -> list[int]:
    """The questions about no case on whose answer or passing nobody has acted yet, and those to be asked anew."""
    return [id_ for id_ in session.exec(_RIPE_OF_NO_CASE) if id_ is not None]


def let_go_of_answer(session: Session, question: Question, *, now: datetime) -> None:
    """Note that the answer to a question about no case no longer stands: the party is asked anew."""
    question.taken_back_at, question.settled_at = now, None
    session.add(question)
    session.flush()
    chain_state(session, Question, question, now=now, parts=("taken_back",))


def has_moved_in(session: Session, referral: Referral) -> bool:
    """Whether the association has said that the family has moved in and the path has not yet acted on it."""
    answers = ripe(session, id_of(referral), QuestionKind.MOVE_IN)
    return any(question.answer is Answer.YES for question in answers)


_SETTLE = update(Question).where(col(Question.id) == bindparam("settled_id")).values(settled_at=bindparam("settled_at"))


def settle(session: Session, questions: Collection[Question], *, now: datetime) -> None:
    """Note that the path has acted on some questions."""
    for question in questions:
        changed(session, _SETTLE, {"settled_id": question.id, "settled_at": now})
        set_committed_value(question, "settled_at", now)


_REVOKE = (
    update(Question)
    .where(col(Question.id) == bindparam("revoked_id"))
    .values(standing=Standing.REVOKED, settled_at=bindparam("settled_at"))
)


def revoke(session: Session, question: Question, *, now: datetime) -> None:
    """Close a question that needs no answer any more."""
    changed(session, _REVOKE, {"revoked_id": question.id, "settled_at": now})
    chain_answer(session, question.id, now=now, standing=Standing.REVOKED)
    set_committed_value(question, "standing", Standing.REVOKED)
    set_committed_value(question, "settled_at", now)
