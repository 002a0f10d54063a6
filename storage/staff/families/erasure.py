"""Staff erase a family's data."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import Invalid
from domain.referrals.retention import RetentionTerms
from domain.subject import About
from domain.working_days import day_of
from storage.audit.events import write_event
from storage.columns import id_of
from storage.database import Database
from storage.privacy import shredding
from storage.privacy.disclosures import unconfirmed
from storage.privacy.erasure import why_not_erased
from storage.privacy.retention import is_archived
from storage.privacy.shredding import Shredding
from storage.referrals.referrals import Referral
from storage.vault.vault import Vault


def erase(
    database: Database, vault: Vault, referral: Referral, terms: RetentionTerms, *, by: str, now: datetime
) -> list[str]:
    """Erase a family's data where the law lets us; else return every reason why not. A refusal is recorded too.

    It needs the database and not a session: a key is destroyed between two transactions, never within one.
    """
    today = day_of(now)
    with database.reading() as session:
        reasons = why_not_erased(session, referral, terms, today=today)
    if reasons:
        with database.writing() as session:
            write_event(session, "erasure_refused", actor=by, about=About.REFERRAL.of(id_of(referral)), at=now)
        return reasons
    shredding.shred(database, vault, referral, by=by, why="right_of_erasure", now=now)
    return []


@dataclass(frozen=True, slots=True)
class Shredded:
    """The certificate of a shredding, and the parties that have not confirmed deleting what they were told."""

    certificate: Shredding
    unconfirmed: list[str]


def shred(
    database: Database,
    vault: Vault,
    referral: Referral,
    *,
    although_not_archived: bool,
    why: str,
    by: str,
    now: datetime,
) -> Shredded:
    """Shred a family's data before their time is up. `Invalid` when the archive must have the case and has not."""
    with database.reading() as session:
        if not although_not_archived and not is_archived(session, id_of(referral)):
            raise Invalid("reference", "the archive has not confirmed that it has it: --although-not-archived")
        told = list(unconfirmed(session, id_of(referral)))
    return Shredded(shredding.shred(database, vault, referral, by=by, why=why, now=now), told)
