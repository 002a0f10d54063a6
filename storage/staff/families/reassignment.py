"""Staff have somebody else asked what waits for an answer."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import TilflytError, Unknown
from domain.parties.colleagues import barred, colleagues
from domain.questions.question import PassedOnBy
from domain.working_days import day_of
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.questions.answers import pass_on
from storage.questions.lists import open_questions
from storage.questions.questions import FAMILY, Question
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral
from storage.staff.families.cases import case_held


def reassign(session: Session, reference: str, *, to: str, by: str, now: datetime) -> str:
    """Have a colleague at the same party asked a case's open question; returns who was asked before."""
    referral = case_held(session, reference)
    waits = [one for one in open_questions(session, id_of(referral)) if one.asked_of != FAMILY]
    may = {one.id: _who_may_answer(session, referral, one, now=now) for one in waits}
    question = next((one for one in waits if to in may[one.id]), None)
    if question is None:
        known = ", ".join(f"{one.asked_of}: {', '.join(may[one.id]) or 'nobody'}" for one in waits)
        raise Unknown(f"{reference} waits for nobody in whose place {to} may answer; {known or 'no open question'}")
    if not pass_on(session, question, to=to, by=PassedOnBy.STAFF, now=now):
        raise TilflytError(f"{reference}: the time to answer has passed; nobody can be asked the same any more")
    write_history(session, id_of(referral), at=now, actor=by, deed="reassigned", reason=f"{question.kind}: {to}")
    return str(question.addressee)


def _who_may_answer(session: Session, referral: Referral, question: Question, *, now: datetime) -> list[str]:
    party, today = partner_of(session, question.asked_of), day_of(now)
    out = barred(question.kind, party, flagged_by=referral.flagged_by, on=today)
    return [one.id for one in colleagues(question.kind, party, of=question.contact_id, on=today, barred=out)]
