"""With which settings the platform runs, written down whenever they are others."""

from collections.abc import Mapping

from sqlmodel import col, select

from domain.subject import About, Subject
from storage.audit.events import AuditEvent, write_event
from storage.dialect import one_at_a_time
from tasks.case import PLATFORM
from tasks.platform import Platform

SETTINGS_CHANGED = "settings_changed"


def note_settings(platform: Platform, shown: Mapping[str, str]) -> bool:
    """Record the platform's settings when they differ from last time; returns whether they do."""
    with platform.database.writing() as session:
        one_at_a_time(session, SETTINGS_CHANGED)
        newest = select(AuditEvent).where(AuditEvent.deed == SETTINGS_CHANGED).order_by(col(AuditEvent.id).desc())
        last = session.exec(newest.limit(1)).first()
        if last is not None and last.facts == shown:
            return False
        now = platform.now()
        write_event(session, SETTINGS_CHANGED, actor=PLATFORM, about=Subject(About.SETTINGS), at=now, **shown)
        return True
