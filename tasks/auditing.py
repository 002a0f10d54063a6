"""The sealer: within seconds it binds what was done into the audit chain, and comments under their case's key."""

from collections.abc import Mapping

from sqlmodel import col, select

from domain.working_days import COPENHAGEN
from storage.audit import AuditEvent, anything_unchained, bind, checkpoint_is_due, sign_if_due, write_event
from storage.comments import anything_fresh, lay_to_rest
from tasks.case import PLATFORM
from tasks.platform import Platform

SETTINGS_CHANGED = "settings_changed"


def lay_comments_to_rest(platform: Platform) -> None:
    """Seal what people have just written under their case's own key."""
    with platform.database.reading() as session:
        waits = anything_fresh(session)
    reached: int | None = 0 if waits else None
    while reached is not None:
        with platform.database.writing() as session:
            reached = lay_to_rest(session, platform.vault, after=reached, now=platform.now())


def seal(platform: Platform) -> int:
    """Bind what waits into the chain; how many entries. The first time on a day, sign it too."""
    bound = 0
    with platform.database.reading() as session:
        waits = anything_unchained(session)
    while waits:
        with platform.database.writing() as session:
            some = bind(session)
        bound, waits = bound + some, some > 0
    now = platform.now()
    with platform.database.reading() as session:
        due = checkpoint_is_due(session, today=now.astimezone(COPENHAGEN).date())
    if due:
        with platform.database.writing() as session:
            sign_if_due(session, platform.vault, now=now)
    return bound


def note_settings(platform: Platform, shown: Mapping[str, str]) -> bool:
    """Write down with which settings the platform runs, when they are others than last time; whether they are."""
    with platform.database.writing() as session:
        newest = select(AuditEvent).where(AuditEvent.deed == SETTINGS_CHANGED).order_by(col(AuditEvent.id).desc())
        last = session.exec(newest.limit(1)).first()
        if last is not None and last.facts == shown:
            return False
        now = platform.now()
        write_event(session, SETTINGS_CHANGED, actor=PLATFORM, about="settings", at=now, **shown)
        return True
