"""Follows consents to their end: staff are warned in time, and a case without consent is stopped."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from domain.errors import TilflytError
from domain.referrals.consent import WARNED_BEFORE, ConsentStanding, ConsentWithdrawn, standing
from domain.subject import About
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.locks import hold_case
from storage.privacy.consents import that_end, withdraw_consent
from tasks.case import PLATFORM
from tasks.platform import Platform

ENDS_SOON = "consent_ends_soon"


@dataclass(slots=True)
class ConsentsFollowed:
    """What a night did, by case reference: warned of, stopped, and what went wrong."""

    warned: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def follow_consents(platform: Platform) -> ConsentsFollowed:
    """Warn of consents that end soon, and stop the cases whose consent has ended."""
    followed, now = ConsentsFollowed(), platform.now()
    today = day_of(now)
    with platform.database.reading() as session:
        near = [(id_of(referral), referral.reference) for referral, _ in that_end(session, until=today + WARNED_BEFORE)]
    for referral_id, reference in near:
        try:
            with platform.database.writing() as session:
                _follow(session, referral_id, followed, today=today, now=now)
        except (SQLAlchemyError, TilflytError):
            # The other consents are followed all the same; this one is tried again the next night.
            followed.failed.append(reference)
    return followed


def _follow(session: Session, referral_id: int, followed: ConsentsFollowed, *, today: date, now: datetime) -> None:
    hold_case(session, referral_id)
    # Looked up again: the consent may have been renewed, or the family housed, since it was found.
    found = list(that_end(session, until=today + WARNED_BEFORE, of=referral_id))
    for referral, ends_on in found:
        match standing(ends_on, today=today):
            case ConsentStanding.ENDED:
                withdraw_consent(session, referral_id, ConsentWithdrawn.ENDED, by=PLATFORM, now=now)
                followed.stopped.append(referral.reference)
            case ConsentStanding.ENDS_SOON:
                detail, subject = ends_on.isoformat(), About.CONSENT.of(referral.reference)
                ask_for_attention(session, subject, ENDS_SOON, now=now, detail=detail, referral_id=referral_id)
                followed.warned.append(referral.reference)
            case ConsentStanding.HOLDS:
                pass
