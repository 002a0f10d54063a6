"""Move-ins as they are booked: from which facts, which charges, and what a move-out corrects."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, select

from domain.books.booking import BookingKind, reversal_entries
from domain.books.charges import Charge, MovedIn, charges, planned
from domain.books.moving_out import corrections
from domain.homes.dwelling import Dwelling
from domain.parties.compensation.model import CompensationTerms
from domain.working_days import day_of
from storage.books.claims import accepted_charges
from storage.books.ledger import Booking, Made, NewBooking, booked_as_before, bookings_of, entries_by_booking
from storage.books.postings import book_and_post_all
from storage.columns import id_of
from storage.parties.agreements import agreement_of
from storage.referrals.referrals import Referral
from storage.vacancies.housed_families import housed_this_year
from storage.vacancies.offers import Offer, home_as_offered
from storage.vacancies.vacancies import dwelling


class MoveIn(SQLModel, table=True):
    """What a move-in is booked from beside its agreement and its case: facts of the home, and of the year. Append-only.

    They stand here because a home's rent changes, and because a year's count is another the day after.
    """

    __tablename__ = "move_in"
    __table_args__ = (UniqueConstraint("offer_id"), {"info": {"chained_as": "move_in"}})

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offer.id")
    moved_in_on: date = Field(index=True)
    reserved_on: date
    rent_monthly_ore: int
    received_before: int
    sent_before: int


def book_move_in(session: Session, referral: Referral, offer: Offer, *, told_key: bytes, now: datetime) -> date | None:
    """Book and post what a move-in brings at once; the day on which more is due, None when nothing is.

    The case must be held.
    """
    home, agreement = dwelling(session, offer.vacancy_id), agreement_of(session, referral.agreement_version_id)
    plainest = isinstance(agreement.compensation, CompensationTerms)
    row = None if plainest else _record(session, referral, offer, home, now=now)
    facts = _facts(referral, offer, home, row, agreement=agreement.id, moved_in_on=day_of(now))
    return _book_due(session, referral, offer, facts, until=day_of(now), told_key=told_key, now=now)


def book_due(
    session: Session,
    referral: Referral,
    offer: Offer,
    *,
    moved_in_on: date,
    told_key: bytes,
    now: datetime,
    until: date | None = None,
) -> date | None:
    """Book and post what is due and not booked yet; the day on which more is due, None when nothing is.

    Due is what has its day up to now, or up to `until`.

    Asked again and again it books nothing twice. The case must be held. `BookedOtherwise` when a charge is booked with
    other entries than it has now.
    """
    facts = facts_of(session, referral, offer, moved_in_on=moved_in_on)
    return _book_due(session, referral, offer, facts, until=until or day_of(now), told_key=told_key, now=now)


def _book_due(
    session: Session, referral: Referral, offer: Offer, facts: MovedIn, *, until: date, told_key: bytes, now: datetime
) -> date | None:
    terms = agreement_of(session, referral.agreement_version_id).compensation
    due, more_on = list[Charge](), None
    # In the order of their days: those of later days are not worked out.
    for charge in charges(terms, facts):
        if charge.value_date > until:
            more_on = charge.value_date
            break
        due.append(charge)
    booked = booked_as_before(session, id_of(offer), due)
    made = [_booking_of(referral, offer, charge, now=now) for charge in due if charge.key not in booked]
    book_and_post_all(session, made, told_key=told_key)
    return more_on


def plan_of(session: Session, referral: Referral, offer: Offer, *, moved_in_on: date) -> tuple[Charge, ...]:
    """Every charge that a move-in brings by the version of the agreement that its case began on."""
    agreement = agreement_of(session, referral.agreement_version_id)
    return planned(agreement.compensation, facts_of(session, referral, offer, moved_in_on=moved_in_on))


def claims_accepted(session: Session, referral: Referral, offer: Offer, *, moved_in_on: date) -> tuple[Charge, ...]:
    """What the accepted claims for a case's family book."""
    terms = agreement_of(session, referral.agreement_version_id).compensation
    facts = facts_of(session, referral, offer, moved_in_on=moved_in_on)
    return accepted_charges(session, id_of(referral), terms, facts)


def facts_of(session: Session, referral: Referral, offer: Offer, *, moved_in_on: date) -> MovedIn:
    """What is known of a move-in. Where nothing was written down, as with the plainest terms, as it was offered."""
    row = session.exec(select(MoveIn).where(MoveIn.offer_id == offer.id)).one_or_none()
    home, agreement = home_as_offered(session, offer), agreement_of(session, referral.agreement_version_id)
    return _facts(referral, offer, home, row, agreement=agreement.id, moved_in_on=moved_in_on)


def _facts(
    referral: Referral, offer: Offer, home: Dwelling, row: MoveIn | None, *, agreement: str, moved_in_on: date
) -> MovedIn:
    return MovedIn(
        agreement=agreement,
        sender=referral.sending_municipality,
        receiver=home.municipality,
        association=home.association,
        department=home.department,
        on=row.moved_in_on if row else moved_in_on,
        reserved_on=row.reserved_on if row else day_of(offer.made_at),
        rent_monthly_ore=row.rent_monthly_ore if row else home.rent_monthly_ore,
        children=referral.children,
        received_before=row.received_before if row else 0,
        sent_before=row.sent_before if row else 0,
    )


def correct(
    session: Session,
    referral: Referral,
    offer: Offer,
    *,
    moved_in_on: date,
    moved_out_on: date,
    told_key: bytes,
    now: datetime,
) -> None:
    """Book and post what a move-out on a day corrects, once, however often it is asked for. The case must be held."""
    booked, made = bookings_of(session, id_of(offer)), list[Made]()
    by_key = {one.key: one for one in booked}
    reversed_ids = {one.reverses_id for one in booked}
    plan = plan_of(session, referral, offer, moved_in_on=moved_in_on)
    claimed = claims_accepted(session, referral, offer, moved_in_on=moved_in_on)
    terms = agreement_of(session, referral.agreement_version_id).compensation
    found = corrections(
        [charge for charge in (*plan, *claimed) if charge.key in by_key],
        moved_in_on=moved_in_on,
        moved_out_on=moved_out_on,
        guarantee_days=terms.guarantee_days,
    )
    wrong = [one for one in found if by_key[one.charge.key].id not in reversed_ids]
    entries = entries_by_booking(session, [id_of(by_key[one.charge.key]) for one in wrong])
    for one in wrong:
        reversed_ = by_key[one.charge.key]
        made.append((_reversal_of(reversed_, now=now), reversal_entries(entries[id_of(reversed_)])))
        if one.earned is not None:
            made.append(_booking_of(referral, offer, one.earned, now=now))
    book_and_post_all(session, made, told_key=told_key)


def book_charge(
    session: Session, referral: Referral, offer: Offer, charge: Charge, *, told_key: bytes, now: datetime
) -> None:
    """Book and post a charge, once, however often it is asked for. The case must be held.

    `BookedOtherwise` when it is booked with other entries than it has now.
    """
    if charge.key not in booked_as_before(session, id_of(offer), (charge,)):
        book_and_post_all(session, [_booking_of(referral, offer, charge, now=now)], told_key=told_key)


def _reversal_of(booked: Booking, *, now: datetime) -> NewBooking:
    return NewBooking(
        referral_id=booked.referral_id,
        offer_id=booked.offer_id,
        kind=BookingKind.REVERSAL,
        rule=booked.rule,
        period=booked.period,
        booked_at=now,
        value_date=booked.value_date,
        agreement_version_id=booked.agreement_version_id,
        reverses_id=booked.id,
    )


def _booking_of(referral: Referral, offer: Offer, charge: Charge, *, now: datetime) -> Made:
    booking = NewBooking(
        referral_id=id_of(referral),
        offer_id=id_of(offer),
        kind=charge.kind,
        rule=charge.rule,
        period=charge.period,
        booked_at=now,
        value_date=charge.value_date,
        agreement_version_id=referral.agreement_version_id,
    )
    return booking, charge.entries


def _record(session: Session, referral: Referral, offer: Offer, home: Dwelling, *, now: datetime) -> MoveIn:
    """Write down what a move-in is booked from. Counted are families that moved in in the same calendar year."""
    agreement = agreement_of(session, referral.agreement_version_id)
    received = sent = 0
    if agreement.compensation.has_a_staircase:
        received, sent = housed_this_year(
            session, agreement.id, receiver=home.municipality, sender=referral.sending_municipality, now=now
        )
    row = MoveIn(
        offer_id=id_of(offer),
        moved_in_on=day_of(now),
        reserved_on=day_of(offer.made_at),
        rent_monthly_ore=home.rent_monthly_ore,
        received_before=received,
        sent_before=sent,
    )
    session.add(row)
    session.flush()
    return row
