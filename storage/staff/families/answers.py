"""Staff record a family's answer given on paper, by telephone or at a meeting, just as its page would record it."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from domain.questions.question import QuestionKind, Reply, Standing, faults
from storage.columns import id_of
from storage.locks import hold_case
from storage.questions.acceptance import take_back
from storage.questions.answers import record_answer
from storage.questions.lists import last_question, open_questions
from storage.questions.questions import FAMILY, Question
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral

RECORDED, TAKEN_BACK = "answer_recorded_for_family", "take_back_recorded_for_family"


def record_for_family(session: Session, referral: Referral, reply: Reply, *, by: str, now: datetime) -> Question:
    """Record a family's answer on its behalf, with who recorded it and how it was given; returns the question.

    All follows as if the family had answered, including the hour in which a yes may be taken back. `Invalid` names what
    is missing, or says that the family itself is not asked anything.
    """
    hold_case(session, id_of(referral))
    question = _asked(session, referral)
    if found := faults(question.kind, reply, on_behalf=True):
        raise Invalid(found[0].field, found[0].reason)
    if not record_answer(session, id_of(question), reply, referral_id=id_of(referral), now=now, by=by):
        raise Invalid("reference", "the time to answer has passed")
    told = " ".join(filter(None, (reply.answer, reply.reason, reply.given_by)))
    write_history(session, id_of(referral), at=now, actor=by, deed=RECORDED, reason=told)
    return question


def take_back_for_family(session: Session, referral: Referral, *, by: str, now: datetime) -> None:
    """Take a family's yes back on its behalf, while that is possible: the same question is asked anew."""
    hold_case(session, id_of(referral))
    said = last_question(session, id_of(referral), QuestionKind.ACCEPTANCE)
    if said is None or said.asked_of != FAMILY:
        raise Invalid("reference", "the family itself has said no yes")
    if not take_back(session, id_of(said), referral_id=id_of(referral), now=now):
        raise Invalid("reference", "there is no yes that can be taken back any more")
    write_history(session, id_of(referral), at=now, actor=by, deed=TAKEN_BACK)


def _asked(session: Session, referral: Referral) -> Question:
    waits = open_questions(session, id_of(referral))
    of_family = [one for one in waits if one.asked_of == FAMILY and one.standing is Standing.OPEN]
    if of_family:
        return of_family[0]
    if others := ", ".join(f"{one.kind} is asked of {one.addressee}" for one in waits):
        raise Invalid("reference", f"nothing is asked of the family itself: {others}")
    raise Invalid("reference", "nothing is asked of the family")
