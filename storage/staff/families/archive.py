"""Staff record that the archive has taken a case over."""

from datetime import datetime

from sqlmodel import Session

from domain.subject import About
from storage.attention import close_subject
from storage.privacy.retention import record_receipt
from storage.staff.families.cases import case_called


def record_archived(session: Session, reference: str, receipt: str, *, by: str, now: datetime) -> None:
    """Record that the archive has taken a case over; without it nobody's data are shredded."""
    record_receipt(session, case_called(session, reference), receipt, by=by, now=now)
    close_subject(session, About.RETENTION.of(reference), now=now, by=by)
