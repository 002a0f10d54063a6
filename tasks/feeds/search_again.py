"""Something new is vacant: whoever waits for a home is looked at again."""

from sqlalchemy import update
from sqlmodel import col, select

from domain.referrals.lifecycle import Status
from storage.locks import Lock, holding, taking
from storage.referrals.referrals import Referral
from tasks.platform import Platform


def search_again(platform: Platform) -> None:
    """Something new is vacant: make the families due now that wait for tomorrow's search.

    In its own transaction, because everywhere else a case is locked before its home. If lost, tomorrow's search comes.
    """
    with platform.database.writing() as session:
        waits = (
            col(Referral.status) == Status.SEEKING,
            col(Referral.due_at).is_not(None),
            col(Referral.parked_until).is_(None),
        )
        taking(session, Lock.CASE)
        session.exec(holding(select(Referral.id).where(*waits).order_by(col(Referral.id)))).all()
        session.execute(update(Referral).where(*waits).values(due_at=platform.now()))
