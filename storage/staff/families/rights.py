"""Staff give a family what is held about it, and put that right."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.subject import About
from domain.text.screening import opened_by
from storage.audit.events import write_event
from storage.columns import id_of
from storage.privacy.access import held_about
from storage.privacy.rights import corrected
from storage.referrals.referrals import Referral
from storage.vault.vault import Vault


def open_access(
    session: Session, vault: Vault, referral: Referral, *, purpose: str, by: str, now: datetime
) -> dict[str, Any]:
    """Everything that is held about a family, to be given to it; the opening of the vault is recorded."""
    return held_about(session, vault, referral, opened_for=opened_by(by, purpose), now=now)


def record_access_given(session: Session, referral: Referral, *, by: str, now: datetime) -> None:
    """Record that a family was given access: what `open_access` returned stands where it can be read."""
    write_event(session, "access_given", actor=by, about=About.REFERRAL.of(id_of(referral)), at=now)


def correct(
    session: Session,
    vault: Vault,
    referral: Referral,
    field: str,
    value: str | bool,
    *,
    purpose: str,
    by: str,
    now: datetime,
) -> list[str]:
    """Correct a field of who a family is; returns the parties that are told again."""
    opened_for = opened_by(by, purpose)
    again = corrected(session, vault, referral, field, value, opened_for=opened_for, now=now)
    write_event(session, "corrected", actor=by, about=About.REFERRAL.of(id_of(referral)), at=now, field=field)
    return again
