"""Gives a digest to cases from before digests existed, and to every case when the digests' key was lost."""

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import TilflytError
from storage.columns import id_of
from storage.locks import hold_case
from storage.vault.entries import Door
from storage.vault.person_digests import hold_person, know_person, not_known_yet
from storage.vault.person_key import PersonKey
from tasks.case import PLATFORM
from tasks.platform import Platform

AT_ONCE = 200


def know_persons(platform: Platform) -> int:
    """Store a digest for each open case without one; returns how many lacked it. An unreadable case stays without."""
    key, reached, known = platform.vault.person_key(now=platform.now()), 0, 0
    while True:
        with platform.database.reading() as session:
            some = [
                (id_of(one), one.case_key, one.reference)
                for one in not_known_yet(session, key, after=reached, most=AT_ONCE)
            ]
        if not some:
            return known
        reached = some[-1][0]
        known += sum(_know(platform, key, *one) for one in some)


def _know(platform: Platform, key: PersonKey, referral_id: int, case_key: str, reference: str) -> bool:
    try:
        with platform.database.writing() as session:
            hold_case(session, referral_id)
            for referral in not_known_yet(session, key, after=referral_id - 1, most=1):
                if referral.id != referral_id:
                    continue
                now, of = platform.now(), {"reference": reference, "opened_for": PLATFORM}
                identity = platform.vault.open(session, case_key, Door.RECOGNITION, now=now, **of)
                mark = key.mark(identity.cpr)
                hold_person(session, mark)
                know_person(session, referral, mark, now=now)
                return True
    except (SQLAlchemyError, TilflytError):
        # The others get theirs all the same; doctor and the night report this one's key.
        return False
    return False
