"""The night's housekeeping of families' data: mend, warn, shred, and prove it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from domain.errors import TilflytError
from domain.referrals.retention import Keeping, keeping
from domain.subject import About, Subject
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.audit.events import write_event
from storage.columns import needed
from storage.database import Database
from storage.privacy.retention import kept
from storage.privacy.shredding import Orphans, orphans, shred, sweep
from storage.referrals.referrals import Referral
from storage.vault.vault import Vault
from tasks.case import PLATFORM
from tasks.path.persons import know_persons
from tasks.platform import Platform

RETENTION = "retention"


@dataclass(slots=True)
class HouseKept:
    """What a night did, by case reference: warned, waiting for the archive, data shredded, data that should be gone.

    `mended` counts shreddings that a crash left unfinished, `unused` keys that sealed nothing, `lost` entries without a
    key.
    """

    warned: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    shredded: list[str] = field(default_factory=list)
    not_gone: list[str] = field(default_factory=list)
    mended: int = 0
    unused: int = 0
    lost: int = 0


def destroy_again(database: Database, vault: Vault, *, by: str, now: datetime) -> list[str]:
    """Destroy keys that a full backup has brought back, and what they open; returns their case keys.

    Nobody can open what came back before that either: each opening checks the destroyed keys.
    """
    back = vault.keys.brought_back()
    if not back:
        return []
    with database.writing() as session:
        cases = select(Referral.case_key, Referral.id).where(col(Referral.case_key).in_(back))
        known = dict(session.exec(cases).all())
        for case_key in back:
            # Recorded first, so that a crash does not lose it. A case younger than the backup has no number here.
            about = About.REFERRAL.of(needed(known[case_key])) if case_key in known else Subject(About.VAULT)
            write_event(session, "destroyed_again", actor=by, about=about, at=now)
    vault.keys.destroy(back, now=now)
    sweep(database, vault, forget_at_most=0, by=by, now=now)
    return back


def keep_house(platform: Platform) -> HouseKept:
    """Mend what a crash left in the vault; warn before families' data must go, and shred data whose time is over."""
    now = platform.now()
    destroy_again(platform.database, platform.vault, by=PLATFORM, now=now)
    know_persons(platform)
    # No key is deleted automatically at night: in a wrong database, all of them would be.
    mended: Orphans = sweep(platform.database, platform.vault, forget_at_most=0, by=PLATFORM, now=now)
    found = HouseKept(mended=len(mended.half_shredded), unused=len(mended.keys), lost=len(mended.lost))
    today = day_of(now)
    with platform.database.reading() as session:
        over = list(kept(session))
    for case in over:
        since = day_of(case.referral.status_since)
        match keeping(case.referral.status, since, platform.retention, archived=case.archived, today=today):
            case Keeping.WARN if not case.archived:
                found.warned.append(_ask(platform, case.referral, "archive_before_shredding"))
            case Keeping.WAITS_FOR_ARCHIVE:
                found.waiting.append(_ask(platform, case.referral, "archive_receipt_missing"))
            case Keeping.SHRED:
                try:
                    found.shredded.append(_shred(platform, case.referral))
                except (SQLAlchemyError, TilflytError):
                    # The other families' data are shredded all the same; this case is tried again the next night.
                    found.not_gone.append(case.referral.reference)
            case _:
                pass
    left = orphans(platform.database, platform.vault, now=now).half_shredded if found.shredded else ()
    found.not_gone += [one.referral.reference for one in over if one.referral.case_key in left]
    return found


def _ask(platform: Platform, referral: Referral, why: str) -> str:
    """Ask a person to have the archive take the case over."""
    with platform.database.writing() as session:
        subject, now = About.RETENTION.of(referral.reference), platform.now()
        ask_for_attention(session, subject, why, now=now, referral_id=referral.id)
    return referral.reference


def _shred(platform: Platform, referral: Referral) -> str:
    now = platform.now()
    shred(platform.database, platform.vault, referral, by=PLATFORM, why=RETENTION, now=now)
    return referral.reference
