"""Staff decide about the anonymised requests that go out to associations."""

from datetime import datetime

from sqlmodel import Session

from domain.anonymity.measure import AnonymityTerms
from domain.errors import TilflytError, Unknown
from storage.columns import id_of
from storage.privacy.releases import FEWER_ALIKE_ALLOWED, ReleaseWait
from storage.referrals.history import write_history
from storage.staff.families.cases import case_held


def send_with_fewer(
    session: Session, reference: str, *, least: int, terms: AnonymityTerms, by: str, now: datetime
) -> None:
    """Have a waiting request sent with fewer alike than the general limit; the choice is written to the history."""
    if not 1 <= least < terms.least:
        raise TilflytError(f"choose from 1 to {terms.least - 1}: {terms.least} is what everybody must have")
    referral = case_held(session, reference)
    waits = session.get(ReleaseWait, referral.id)
    if waits is None:
        raise Unknown(f"{reference} does not wait for others")
    waits.least, referral.due_at = least, now
    session.add_all([waits, referral])
    write_history(session, id_of(referral), at=now, actor=by, deed=FEWER_ALIKE_ALLOWED, reason=f"least {least}")
