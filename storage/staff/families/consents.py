"""Staff record that a family has consented anew, or has withdrawn its consent."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from domain.parties import party
from domain.referrals.consent import Consent, ConsentStanding, ConsentWithdrawn, standing
from domain.referrals.lifecycle import WITHDRAWABLE
from domain.subject import About
from domain.working_days import day_of
from storage.attention import close_subject
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.privacy.consents import record_consent, withdraw_consent
from storage.staff.families.cases import case_held

# The ways in which a withdrawal reaches staff; the case system and the page report it themselves.
BY_HAND = (ConsentWithdrawn.LETTER, ConsentWithdrawn.PHONE, ConsentWithdrawn.IN_PERSON)


def renew(session: Session, reference: str, consent: Consent, *, by: str, now: datetime) -> None:
    """Record that a family has consented anew, before its consent ends; `Invalid` when that cannot be recorded."""
    today = day_of(now)
    if consent.given_on > today:
        raise Invalid("given_on", "in the future")
    if standing(consent.ends_on, today=today) is ConsentStanding.ENDED:
        raise Invalid("ends_on", "in the past")
    # Locked, so that no withdrawal comes in between.
    referral = case_held(session, reference)
    if referral.status not in WITHDRAWABLE or referral.stop_requested is not None:
        raise Invalid("reference", f"the case is {referral.status}, or about to be stopped: no consent is needed")
    if partner_of(session, party.municipality(referral.sending_municipality)).contact(consent.given_to) is None:
        raise Invalid("given_to", "nobody in the sending municipality's file")
    record_consent(session, id_of(referral), consent, by=by, now=now)
    close_subject(session, About.CONSENT.of(reference), now=now, by=by)


def withdraw(session: Session, reference: str, how: ConsentWithdrawn, *, by: str, now: datetime) -> None:
    """Record that a family has withdrawn its consent; the path stops its case within one run."""
    if how not in BY_HAND:
        raise Invalid("how", "one of letter, phone, in_person")
    referral = case_held(session, reference)
    if referral.status not in WITHDRAWABLE:
        raise Invalid("reference", f"the case is {referral.status}: its lease is signed, or it is over")
    withdraw_consent(session, id_of(referral), how, by=by, now=now)
