"""Staff decide about a case whose person has another open case in another municipality."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from domain.referrals.lifecycle import WithdrawalReason
from storage.attention import close_subject
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral, lock, make_due, request_stop
from storage.vault.person_digests import GOES_ON, STOPS, PersonDigest, subject_of, waits_for_person


def settle_same_person(session: Session, referral_id: int, *, goes_on: bool, by: str, now: datetime) -> Referral:
    """Let a case go on, or stop it; the path acts within one run. `Invalid` when it waits for no such decision."""
    referral, asked = lock(session, referral_id), session.get(PersonDigest, referral_id)
    if referral is None or asked is None or not waits_for_person(session, referral_id):
        raise Invalid("reference", "nobody is asked about the person of this case")
    asked.settled_at, asked.settled_by = now, by
    session.add(asked)
    write_history(session, referral_id, at=now, actor=by, deed=GOES_ON if goes_on else STOPS)
    close_subject(session, subject_of(referral), now=now, by=by)
    if goes_on:
        make_due(session, referral_id, now=now)
    else:
        request_stop(session, referral_id, WithdrawalReason.CASE_WITHDRAWN, now=now)
    return referral
