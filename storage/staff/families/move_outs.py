"""Staff record that a family has moved out of its new home again, and the compensation for the move is reversed."""

from datetime import date, datetime, time

from sqlmodel import Session

from domain.books.compensation import why_not_reversed
from domain.errors import Invalid
from domain.referrals.lifecycle import Status
from domain.working_days import COPENHAGEN, day_of
from storage.attention import close_subject
from storage.books.move_ins import book_due, correct
from storage.parties.agreements import agreement_of
from storage.referrals.history import housed_at, write_history
from storage.referrals.referrals import Referral, lock
from storage.vacancies.offers import Offer, offer_moved_in_by, read_whole_again
from storage.vacancies.vacancies import announced

MOVED_OUT = "moved_out"


def record_move_out(session: Session, referral_id: int, *, on: date, told_key: bytes, by: str, now: datetime) -> bool:
    """Record the day on which a family moved out, and book the reversal; False when that was done before.

    The path closes a housed case at once. A closed case, whose guarantee ended before anybody heard of the move, stays
    closed. `Invalid` when no family of the case has moved in, or the day reverses nothing.
    """
    # Locked: of two people who record the same, the later finds it done.
    referral = lock(session, referral_id)
    moved_in_at = housed_at(session, referral_id)
    if referral is None or moved_in_at is None:
        raise Invalid("reference", "no family of this case has moved in")
    if referral.moved_out_at is not None:
        recorded = day_of(referral.moved_out_at)
        if recorded != on:
            raise Invalid("on", f"another day is recorded already, {recorded}")
        return False
    terms = agreement_of(session, referral.agreement_version_id).compensation
    today = day_of(now)
    if why := why_not_reversed(on, moved_in_at=moved_in_at, terms=terms, today=today):
        raise Invalid("on", f"{on} {why}")
    offer, moved_in_on = offer_moved_in_by(session, referral_id), day_of(moved_in_at)
    _record(session, referral, offer, on=on, now=now)
    if referral.status is Status.HOUSED:
        # What was due while the family lived there and is not booked yet: no more is booked once the move is recorded.
        book_due(session, referral, offer, moved_in_on=moved_in_on, until=on, told_key=told_key, now=now)
    correct(session, referral, offer, moved_in_on=moved_in_on, moved_out_on=on, told_key=told_key, now=now)
    close_subject(session, announced(offer.vacancy_id), now=now, by=by)
    write_history(session, referral_id, at=now, actor=by, deed=MOVED_OUT, reason=on.isoformat())
    return True


def _record(session: Session, referral: Referral, offer: Offer, *, on: date, now: datetime) -> None:
    referral.moved_out_at = datetime.combine(on, time(), COPENHAGEN)
    if referral.status is Status.HOUSED:
        referral.due_at = now
    else:
        # The feed is read whole again: what it said of the home was ignored while the family was thought there.
        read_whole_again(session, offer)
    session.add(referral)
