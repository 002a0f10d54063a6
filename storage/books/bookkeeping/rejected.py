"""What finance systems have rejected of a party, as the party reads it: when and why, and what becomes of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, case, union_all
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from domain.books.bookkeeping.posting_life import SETTLED, PostingState
from domain.books.bookkeeping.rejected import RejectedPosting, known_as
from storage.books.balances import on_account_of
from storage.books.bookkeeping.states import PostingStep, state_now
from storage.books.ledger import Booking, LedgerEntry
from storage.columns import needed
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer

MOST_LISTED = 200
_WRONG = (PostingState.REJECTED, PostingState.DISPUTED)
_SHOWN = (*_WRONG, PostingState.CORRECTED)


def rejected_postings(session: Session, party: str) -> list[RejectedPosting]:
    """What was rejected of a party: by its own finance system, or of its accounts by another's.

    What still waits for a person comes first, then what was corrected; each newest first.
    """
    found = session.connection().execute(_rejected_of(party)).all()
    rejections = _rejections(session, [row.id for row in found])
    now_known = _now_known(session, [row.entry_id for row in found])
    told = []
    for row in found:
        why, at = rejections.get(row.id) or (row.last_error or "", row.ended_at or row.created_at)
        known, name = known_as(party, row.name or str(row.booking_id), row.reference, row.pseudonym)
        one = RejectedPosting(name, known, row.kind, row.rule, row.amount_ore, row.addressee, why, at)
        if row.state is PostingState.CORRECTED:
            one = replace(one, corrected_at=row.at, became=now_known[row.entry_id])
        told.append(replace(one, state=row.state or PostingState.REJECTED))
    return told


def _rejected_of(party: str) -> Executable:
    rejected = select(PostingStep.outbox_id).where(col(PostingStep.state).in_(_SHOWN))
    refused = select(OutboxRow.id).where(
        OutboxRow.telling == Telling.POSTING, OutboxRow.standing == OutboxStanding.REFUSED
    )
    return (
        sa_select(
            *(col(OutboxRow.id), col(OutboxRow.entry_id), col(OutboxRow.addressee), col(OutboxRow.last_error)),
            *(col(OutboxRow.ended_at), col(OutboxRow.created_at), col(PostingStep.state), col(PostingStep.at)),
            *(col(LedgerEntry.amount_ore), col(LedgerEntry.booking_id), col(Booking.name), col(Booking.kind)),
            *(col(Booking.rule), col(Referral.reference), col(Offer.pseudonym)),
        )
        .select_from(OutboxRow)
        .outerjoin(PostingStep, _its_newest())
        .join(LedgerEntry, col(LedgerEntry.id) == OutboxRow.entry_id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .join(Offer, col(Offer.id) == Booking.offer_id)
        .where(
            # By their numbers: a finance system rejects little, and most of the outbox need not be read.
            col(OutboxRow.id).in_(union_all(rejected, refused)),
            or_(col(PostingStep.state).in_(_SHOWN), col(PostingStep.id).is_(None)),
            or_(col(OutboxRow.addressee) == party, on_account_of(party)),
        )
        .order_by(case((col(PostingStep.state) == PostingState.CORRECTED, 1), else_=0), col(OutboxRow.id).desc())
        .limit(MOST_LISTED)
    )


def _its_newest() -> ColumnElement[bool]:
    """The newest line of an outbox row's posting."""
    others = aliased(PostingStep)
    newest = sa_select(func.max(others.id)).where(col(others.outbox_id) == OutboxRow.id).correlate(OutboxRow)
    return col(PostingStep.id) == newest.scalar_subquery()


def _rejections(session: Session, rows: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """Why and when each of these was rejected or disputed last; a person's ruling has no reason of its own."""
    query = select(PostingStep).where(col(PostingStep.outbox_id).in_(rows), col(PostingStep.state).in_(_WRONG))
    found: dict[int, tuple[str, datetime]] = {}
    for step in session.exec(query.order_by(col(PostingStep.id))):
        before = found.get(step.outbox_id)
        found[step.outbox_id] = before if before and step.reason == SETTLED else (step.reason, step.at)
    return found


def _now_known(session: Session, entries: Collection[int]) -> dict[int, PostingState]:
    """What is known of the newest posting of each of these entries."""
    query = (
        select(OutboxRow, PostingStep)
        .outerjoin(PostingStep, _its_newest())
        .where(OutboxRow.telling == Telling.POSTING, col(OutboxRow.entry_id).in_(entries))
        .order_by(col(OutboxRow.id))
    )
    return {
        needed(row.entry_id): state_now(step.state if step else None, row.standing) for row, step in session.exec(query)
    }
