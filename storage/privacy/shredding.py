"""Shredding (makulering) of a family's data: its key is destroyed, then what the key opened; a certificate says so.

Two databases cannot be written to at once. The key goes first: after that nobody can open what is left, and if a crash
interrupts, `finish` and `orphans` find what remains to be done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, select

from domain.errors import TilflytError
from domain.referrals.lifecycle import OVER
from domain.subject import About
from storage.attention import close_subject
from storage.columns import UtcDateTime, id_of
from storage.database import Database
from storage.locks import hold_case
from storage.questions.comments import forget_comments
from storage.questions.links import forget_links
from storage.referrals.history import write_history
from storage.referrals.left_areas import forget_left_area_name
from storage.referrals.referrals import Referral
from storage.vault.entries import VaultEntry, take_entry_away
from storage.vault.person_digests import forget_person
from storage.vault.vault import Vault

# A key is stored before its entry is written. A key of this age without an entry will never seal anything.
ORPHANED_AFTER = timedelta(days=1)


class StillOpen(TilflytError):
    """The data of a family whose case goes on cannot be shredded."""

    code = "still_open"


class TooMany(TilflytError):
    """Too many keys without an entry to be left by a crash."""

    code = "too_many"


class Shredding(SQLModel, table=True):
    """The certificate that a family's data were shredded: when its key was destroyed, by whom and why. Append-only."""

    __tablename__ = "shredding"
    __table_args__ = {"info": {"chained_as": "shredding"}}

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", unique=True)
    key_destroyed_at: datetime = Field(sa_type=UtcDateTime)
    by: str
    why: str
    at: datetime = Field(sa_type=UtcDateTime)


def shred(database: Database, vault: Vault, referral: Referral, *, by: str, why: str, now: datetime) -> Shredding:
    """Destroy a family's identity and all that was written about it; when done before, returns the same certificate."""
    if referral.status not in OVER:
        raise StillOpen(f"{referral.reference} is {referral.status}: withdraw it first")
    vault.keys.destroy([referral.case_key], now=now)
    return finish(database, vault, referral, by=by, why=why, now=now)


def finish(database: Database, vault: Vault, referral: Referral, *, by: str, why: str, now: datetime) -> Shredding:
    """Delete what a destroyed key had sealed, and write the certificate."""
    destroyed_at = vault.keys.destroyed_at(referral.case_key)
    if destroyed_at is None:
        raise LookupError(f"the key of {referral.reference} is not destroyed")
    # However an earlier try ended: no certificate is written while the key's bytes are still in a file.
    vault.keys.leave_no_trace()
    with database.writing() as session:
        hold_case(session, id_of(referral))
        # Even when there is a certificate: what an old backup has brought back is deleted again.
        take_entry_away(session, referral.case_key, now=now)
        forget_comments(session, id_of(referral))
        forget_links(session, id_of(referral), now=now)
        forget_person(session, id_of(referral))
        forget_left_area_name(session, id_of(referral))
        if (certificate := certificate_of(session, id_of(referral))) is not None:
            return certificate
        certificate = Shredding(referral_id=id_of(referral), key_destroyed_at=destroyed_at, by=by, why=why, at=now)
        session.add(certificate)
        session.flush()
        write_history(session, id_of(referral), at=now, actor=by, deed="shredded", reason=why)
        close_subject(session, About.RETENTION.of(referral.reference), now=now, by=why)
        return certificate


def certificate_of(session: Session, referral_id: int) -> Shredding | None:
    """A case's certificate, if its data were shredded."""
    return session.exec(select(Shredding).where(Shredding.referral_id == referral_id)).one_or_none()


@dataclass(frozen=True, slots=True)
class Orphans:
    """What a crash has left, by case key: keys without an entry, entries whose key was destroyed, entries without a
    key.

    The last cannot be mended, and a person is asked.
    """

    keys: tuple[str, ...]
    half_shredded: tuple[str, ...]
    lost: tuple[str, ...]


def orphans(database: Database, vault: Vault, *, now: datetime) -> Orphans:
    """Compare the vault with the keys."""
    keys = set(vault.keys.made_before(now - ORPHANED_AFTER))
    with database.reading() as session:
        entries = set(session.exec(select(VaultEntry.case_key)))
    keyless = {entry for entry in entries - keys if vault.keys.key(entry) is None}
    destroyed = {entry for entry in keyless if vault.keys.destroyed_at(entry) is not None}
    return Orphans(
        keys=tuple(sorted(keys - entries)),
        half_shredded=tuple(sorted(destroyed)),
        lost=tuple(sorted(keyless - destroyed)),
    )


def sweep(database: Database, vault: Vault, *, forget_at_most: int, by: str, now: datetime) -> Orphans:
    """Mend what a crash has left; returns what it was.

    Keys that sealed nothing are deleted while they are few; with more, `TooMany` is raised and nothing is done: beside
    a wrong or restored old database, every family's key would seem to have sealed nothing.
    """
    found = orphans(database, vault, now=now)
    if len(found.keys) > forget_at_most > 0:
        raise TooMany(
            f"{len(found.keys)} keys have no entry here: is this the right database?"
            f" If it is, `tilflyt vault sweep --at-most {len(found.keys)}`"
        )
    if forget_at_most:
        vault.keys.forget(found.keys)
    for case_key in found.half_shredded:
        with database.reading() as session:
            referral = session.exec(select(Referral).where(Referral.case_key == case_key)).one()
        finish(database, vault, referral, by=by, why="an unfinished shredding", now=now)
    return found
