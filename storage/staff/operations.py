"""Records what the operator's staff did with the platform itself: a schedule's work, or an export."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from domain.subject import About, Subject
from storage.audit.events import write_event


def record_done_now(session: Session, what: str, facts: Mapping[str, str], *, by: str, now: datetime) -> None:
    """Record that a person had a schedule's work done at once."""
    write_event(session, "done_now", actor=by, about=Subject.read(what), at=now, **facts)


def record_export(session: Session, *, by: str, now: datetime) -> None:
    """Write down that the audit chain was handed out."""
    write_event(session, "audit_exported", actor=by, about=Subject(About.AUDIT), at=now)
