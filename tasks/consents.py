"""Consents that come to their end: somebody is warned in time, and a case without a consent is stopped."""

from dataclasses import dataclass, field

from domain.consent import WARNED_BEFORE, ConsentStanding, ConsentWithdrawn, standing
from domain.working_days import COPENHAGEN
from storage.attention import ask_for_attention
from storage.consents import that_end, withdraw_consent
from tasks.case import PLATFORM
from tasks.platform import Platform

ENDS_SOON = "consent_ends_soon"


@dataclass(slots=True)
class ConsentsFollowed:
    """What a night did, by case reference: warned of, and stopped."""

    warned: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


def follow_consents(platform: Platform) -> ConsentsFollowed:
    """Warn of consents that end soon, and stop the cases whose consent has ended."""
    followed, now = ConsentsFollowed(), platform.now()
    today = now.astimezone(COPENHAGEN).date()
    with platform.database.writing() as session:
        for referral, ends_on in list(that_end(session, until=today + WARNED_BEFORE)):
            match standing(ends_on, today=today):
                case ConsentStanding.ENDED:
                    withdraw_consent(session, referral.id or 0, ConsentWithdrawn.ENDED, by=PLATFORM, now=now)
                    followed.stopped.append(referral.reference)
                case ConsentStanding.ENDS_SOON:
                    detail, subject = ends_on.isoformat(), f"consent:{referral.reference}"
                    ask_for_attention(session, subject, ENDS_SOON, now=now, detail=detail, referral_id=referral.id)
                    followed.warned.append(referral.reference)
                case ConsentStanding.HOLDS:
                    pass
    return followed
