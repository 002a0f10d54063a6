"""Whether the books are what the history and the agreements say, recomputed for every family that was housed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from domain.books.verdict import BookedCharge, Difference, Stay, differences
from domain.referrals.lifecycle import Status
from domain.working_days import day_of
from storage.books.ledger import Booking, entries_by_booking
from storage.books.move_ins import claims_accepted, plan_of
from storage.columns import id_of
from storage.parties.agreements import agreement_of
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.offers import offer_moved_in_by


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """A difference in the books of a case."""

    reference: str
    difference: Difference


def book_differences(session: Session, *, now: datetime) -> Iterator[CaseDifference]:
    """Every difference, case by case, for every family that has moved in by the history."""
    for referral, housed_at in housed(session):
        for one in _of_case(session, referral, moved_in_on=day_of(housed_at), on=day_of(now)):
            yield CaseDifference(referral.reference, one)


def housed(session: Session) -> Iterator[tuple[Referral, datetime]]:
    """Every case whose family has moved in, with the moment, in the order in which they did."""
    query = select(HistoryLine.referral_id, HistoryLine.at).where(HistoryLine.to_status == Status.HOUSED)
    for referral_id, at in session.exec(query.order_by(col(HistoryLine.at), col(HistoryLine.id))).all():
        yield session.get_one(Referral, referral_id), at


def _of_case(session: Session, referral: Referral, *, moved_in_on: date, on: date) -> Iterator[Difference]:
    booked = session.exec(select(Booking).where(Booking.referral_id == referral.id).order_by(col(Booking.id))).all()
    terms = agreement_of(session, referral.agreement_version_id).compensation
    moved_out_on = day_of(referral.moved_out_at) if referral.moved_out_at else None
    offer = offer_moved_in_by(session, id_of(referral))
    plan = plan_of(session, referral, offer, moved_in_on=moved_in_on)
    entries = entries_by_booking(session, [id_of(one) for one in booked])
    yield from differences(
        plan,
        [BookedCharge(one.key, entries.get(id_of(one), ())) for one in booked],
        Stay(moved_in_on, moved_out_on, terms.guarantee_days),
        on=on,
        claimed=claims_accepted(session, referral, offer, moved_in_on=moved_in_on),
    )
