"""Staff act on one case: withdraw it, record a move, read what people wrote beside answers."""

from datetime import date, datetime

from sqlmodel import Session

from domain.errors import TilflytError, Unknown
from domain.referrals.lifecycle import WITHDRAWABLE, WithdrawalReason
from domain.text.screening import opened_by
from storage.columns import id_of
from storage.locks import hold_case
from storage.questions.comments import comments_on
from storage.questions.questions import Question
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral, referral_by_reference, request_stop
from storage.staff.families.move_outs import record_move_out
from storage.vault.vault import Vault


def case_called(session: Session, reference: str) -> Referral:
    """A case by its reference; `Unknown` when there is none."""
    referral = referral_by_reference(session, reference)
    if referral is None:
        raise Unknown(f"no case {reference}")
    return referral


def case_held(session: Session, reference: str) -> Referral:
    """A case by its reference, locked until the transaction ends, and read after it was locked."""
    referral = case_called(session, reference)
    hold_case(session, id_of(referral))
    # What was read before the lock may be from before another transaction.
    session.refresh(referral)
    return referral


def withdraw(session: Session, reference: str, *, by: str, now: datetime) -> None:
    """Ask for a case to be withdrawn."""
    referral = case_held(session, reference)
    if referral.status not in WITHDRAWABLE:
        raise TilflytError(f"{reference} is {referral.status} and can no longer be withdrawn")
    request_stop(session, id_of(referral), WithdrawalReason.CASE_WITHDRAWN, now=now)
    write_history(session, id_of(referral), at=now, actor=by, deed="withdrawal_asked_for")


def moved_out(session: Session, reference: str, *, on: date, told_key: bytes, by: str, now: datetime) -> bool:
    """Record the day on which a family moved out within the guarantee; False when it was recorded before."""
    referral = case_held(session, reference)
    return record_move_out(session, id_of(referral), on=on, told_key=told_key, by=by, now=now)


def read_comments(
    session: Session, vault: Vault, reference: str, *, purpose: str, by: str, now: datetime
) -> list[tuple[Question, str]]:
    """What people added to their answers in a case, with the questions; the reading is recorded."""
    opened_for = opened_by(by, purpose)
    return comments_on(session, vault, case_called(session, reference), opened_for=opened_for, now=now)
