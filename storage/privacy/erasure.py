"""Why a family's data may not be shredded yet (GDPR art. 17)."""

from datetime import date

from sqlmodel import Session

from domain.referrals.lifecycle import OVER
from domain.referrals.retention import RetentionTerms, keep_until
from domain.working_days import day_of
from storage.columns import id_of
from storage.privacy.disclosures import unconfirmed
from storage.privacy.retention import is_archived
from storage.privacy.shredding import certificate_of
from storage.referrals.referrals import Referral


def why_not_erased(session: Session, referral: Referral, terms: RetentionTerms, *, today: date) -> list[str]:
    """Every reason why the law does not yet let a family's data be erased; empty when it does, or they are shredded."""
    if certificate_of(session, id_of(referral)) is not None:
        return []
    if referral.status not in OVER:
        return ["the case goes on: withdraw it first (consent can be withdrawn at any time)"]
    reasons = []
    until = keep_until(referral.status, day_of(referral.status_since), terms)
    if until is not None and today <= until:
        reasons.append(f"a public authority must keep its case until {until.isoformat()} (GDPR art. 17(3)(b))")
    told = unconfirmed(session, id_of(referral))
    reasons += [f"{one} has not confirmed that it has deleted what it was told (GDPR art. 19)" for one in told]
    if not is_archived(session, id_of(referral)):
        reasons.append("the archive has not confirmed that it has taken the case over (GDPR art. 17(3)(d))")
    return reasons
