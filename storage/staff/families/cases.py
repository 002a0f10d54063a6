"""Staff act on one case: withdraw it, have a colleague asked, record a move, read what people wrote beside answers."""

from datetime import date, datetime

from sqlmodel import Session

from domain.anonymity.screening import opened_by
from domain.errors import TilflytError
from domain.parties.colleagues import barred, colleagues
from domain.questions.question import PassedOnBy
from domain.referrals.lifecycle import WITHDRAWABLE, WithdrawalReason
from domain.working_days import day_of
from storage.columns import id_of
from storage.locks import hold_case
from storage.parties.parties import partner
from storage.questions.comments import comments_on
from storage.questions.lists import open_questions
from storage.questions.questions import FAMILY, Question, pass_on
from storage.referrals.referrals import Referral, referral_by_reference, request_stop, write_history
from storage.staff.families.move_outs import record_move_out
from storage.vault.vault import Vault


class Unknown(TilflytError):
    """There is no such case or item."""

    code = "unknown"


def case_called(session: Session, reference: str) -> Referral:
    """A case by its reference; `Unknown` when there is none."""
    referral = referral_by_reference(session, reference)
    if referral is None:
        raise Unknown(f"no case {reference}")
    return referral


def case_held(session: Session, reference: str) -> Referral:
    """A case by its reference, held until the transaction ends, and as it is once it is held."""
    referral = case_called(session, reference)
    hold_case(session, id_of(referral))
    # Read before it was held, it may be what it was before somebody else's transaction.
    session.refresh(referral)
    return referral


def withdraw(session: Session, reference: str, *, by: str, now: datetime) -> None:
    """Ask for a case to be withdrawn."""
    referral = case_held(session, reference)
    if referral.status not in WITHDRAWABLE:
        raise TilflytError(f"{reference} is {referral.status} and can no longer be withdrawn")
    request_stop(session, id_of(referral), WithdrawalReason.CASE_WITHDRAWN, now=now)
    write_history(session, id_of(referral), at=now, actor=by, deed="withdrawal_asked_for")


def reassign(session: Session, reference: str, *, to: str, by: str, now: datetime) -> str:
    """Have a colleague asked what a case waits for; returns who was asked before. Nobody outside the party's list."""
    referral = case_called(session, reference)
    waits = [one for one in open_questions(session, id_of(referral)) if one.asked_of != FAMILY]
    may = {one.id: _who_may_answer(session, referral, one, now=now) for one in waits}
    question = next((one for one in waits if to in may[one.id]), None)
    if question is None:
        known = ", ".join(f"{one.asked_of}: {', '.join(may[one.id]) or 'nobody'}" for one in waits)
        raise Unknown(f"{reference} waits for nobody in whose place {to} may answer; {known or 'no open question'}")
    if not pass_on(session, question, to=to, by=PassedOnBy.STAFF, now=now):
        raise TilflytError(f"{reference}: the time to answer has passed; nobody can be asked the same any more")
    write_history(session, id_of(referral), at=now, actor=by, deed="reassigned", reason=f"{question.kind}: {to}")
    return question.addressee


def _who_may_answer(session: Session, referral: Referral, question: Question, *, now: datetime) -> list[str]:
    party, today = partner(session, question.asked_of), day_of(now)
    out = barred(question.kind, party, flagged_by=referral.flagged_by, on=today)
    return [one.id for one in colleagues(question.kind, party, of=question.contact_id, on=today, barred=out)]


def moved_out(session: Session, reference: str, *, on: date, told_key: bytes, by: str, now: datetime) -> bool:
    """Record on which day a family moved out within the guarantee; False when it was recorded before."""
    referral = case_held(session, reference)
    return record_move_out(session, id_of(referral), on=on, told_key=told_key, by=by, now=now)


def read_comments(
    session: Session, vault: Vault, reference: str, *, purpose: str, by: str, now: datetime
) -> list[tuple[Question, str]]:
    """What people added to their answers in a case, with the questions; that it was read is written down."""
    opened_for = opened_by(by, purpose)
    return comments_on(session, vault, case_called(session, reference), opened_for=opened_for, now=now)
