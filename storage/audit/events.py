"""Events for deeds that have no append-only row of their own."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel

from domain.subject import About, Subject
from storage.columns import UtcDateTime
from storage.database import write_at_end


class AuditEvent(SQLModel, table=True):
    """A deed that has no append-only row of its own. `about` and `facts` hold codes, never people."""

    __tablename__ = "audit_event"
    __table_args__ = {"info": {"chained_as": "event"}}

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    deed: str
    about: str
    facts: dict[str, str] = Field(sa_type=JSON)


def write_event(session: Session, deed: str, *, actor: str, about: Subject, at: datetime, **facts: str) -> None:
    """Record a deed."""
    write_at_end(session, AuditEvent, {"at": at, "actor": actor, "deed": deed, "about": str(about), "facts": facts})


def write_event_of_case(
    session: Session, deed: str, *, actor: str, referral_id: int, at: datetime, **facts: str
) -> None:
    """Write down that something was done about a case."""
    write_event(session, deed, actor=actor, about=About.REFERRAL.of(referral_id), at=at, **facts)
