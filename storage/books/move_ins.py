"""Move-ins as they are booked: from which facts, which charges, and what a move-out corrects."""

from datetime import date, datetime

from sqlalchemy import bindparam, func
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.books.booking import BookingKind, reversal_entries
from domain.books.charges import Charge, MovedIn, planned
from domain.books.moving_out import corrections
from domain.parties.compensation.model import Compensation, CompensationModel, CompensationTerms
from domain.parties.compensation.parts import Staircase
from domain.working_days import day_of
from storage.books.claims import accepted_charges
from storage.books.ledger import Booking, bookings_of, entries_of
from storage.books.postings import book_and_post
from storage.columns import id_of
from storage.locks import hold_ceiling
from storage.parties.agreements import AgreementVersion, agreement_of
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy, dwelling


class MoveIn(SQLModel, table=True):
    """What a move-in is booked from beside its agreement and its case: facts of the home, and of the year. Append-only.

    They stand here because a home's rent changes, and because a year's count is another the day after.
    """

    __tablename__ = "move_in"
    __table_args__ = (UniqueConstraint("offer_id"), {"info": {"chained_as": "move_in"}})

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offer.id")
    moved_in_on: date
    reserved_on: date
    rent_monthly_ore: int
    received_before: int
    sent_before: int


def book_move_in(session: Session, referral: Referral, offer: Offer, *, told_key: bytes, now: datetime) -> date | None:
    """Book and post what a move-in brings at once; the day on which more is due, None when nothing is.

    The case must be held.
    """
    terms = agreement_of(session, referral.agreement_version_id).compensation
    if not isinstance(terms, CompensationTerms):
        _record(session, referral, offer, now=now)
    return book_due(session, referral, offer, moved_in_on=day_of(now), told_key=told_key, now=now)


def book_due(
    session: Session, referral: Referral, offer: Offer, *, moved_in_on: date, told_key: bytes, now: datetime
) -> date | None:
    """Book and post what is due by now and not booked yet; the day on which more is due, None when nothing is.

    Asked again and again it books nothing twice. The case must be held.
    """
    plan = plan_of(session, referral, offer, moved_in_on=moved_in_on)
    booked = {one.key for one in bookings_of(session, id_of(offer))}
    today = day_of(now)
    for charge in plan:
        if charge.value_date <= today and charge.key not in booked:
            book_charge(session, referral, offer, charge, told_key=told_key, now=now)
    return min((charge.value_date for charge in plan if charge.value_date > today), default=None)


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
    """What is known of a move-in. Where nothing was written down, as with the plainest terms, as the home is now."""
    home = dwelling(session, offer.vacancy_id)
    row = session.exec(select(MoveIn).where(MoveIn.offer_id == offer.id)).one_or_none()
    return MovedIn(
        agreement=agreement_of(session, referral.agreement_version_id).id,
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
    session: Session, referral: Referral, offer: Offer, *, moved_out_on: date, told_key: bytes, now: datetime
) -> None:
    """Book and post what a move-out on a day corrects, once, however often it is asked for. The case must be held."""
    booked = bookings_of(session, id_of(offer))
    first = next((one for one in booked if one.kind is BookingKind.MOVE_IN), None)
    if first is None:
        return
    by_key = {one.key: one for one in booked}
    reversed_ids = {one.reverses_id for one in booked}
    moved_in_on = day_of(first.booked_at)
    plan = plan_of(session, referral, offer, moved_in_on=moved_in_on)
    claimed = claims_accepted(session, referral, offer, moved_in_on=moved_in_on)
    terms = agreement_of(session, referral.agreement_version_id).compensation
    found = corrections(
        [charge for charge in (*plan, *claimed) if charge.key in by_key],
        moved_in_on=moved_in_on,
        moved_out_on=moved_out_on,
        guarantee_days=terms.guarantee_days,
    )
    for one in found:
        wrong = by_key[one.charge.key]
        if wrong.id in reversed_ids:
            continue
        _reverse(session, wrong, told_key=told_key, now=now)
        if one.earned is not None:
            book_charge(session, referral, offer, one.earned, told_key=told_key, now=now)


def _reverse(session: Session, booked: Booking, *, told_key: bytes, now: datetime) -> None:
    reversal = Booking(
        **booked.model_dump(
            include={"referral_id", "offer_id", "rule", "period", "value_date", "agreement_version_id"}
        ),
        kind=BookingKind.REVERSAL,
        reverses_id=booked.id,
        booked_at=now,
    )
    book_and_post(session, reversal, reversal_entries(entries_of(session, id_of(booked))), told_key=told_key)


def book_charge(
    session: Session, referral: Referral, offer: Offer, charge: Charge, *, told_key: bytes, now: datetime
) -> None:
    """Book and post a charge, which must not be booked yet. The case must be held."""
    booking = Booking(
        referral_id=id_of(referral),
        offer_id=id_of(offer),
        kind=charge.kind,
        rule=charge.rule,
        period=charge.period,
        booked_at=now,
        value_date=charge.value_date,
        agreement_version_id=referral.agreement_version_id,
    )
    book_and_post(session, booking, charge.entries, told_key=told_key)


_HOUSED = (
    select(func.count())
    .select_from(MoveIn)
    .join(Offer, col(Offer.id) == MoveIn.offer_id)
    .join(Vacancy, col(Vacancy.id) == Offer.vacancy_id)
    .join(Referral, col(Referral.id) == Offer.referral_id)
    .join(AgreementVersion, col(AgreementVersion.id) == Referral.agreement_version_id)
    .where(
        col(AgreementVersion.agreement_id) == bindparam("agreement"),
        col(MoveIn.moved_in_on).between(bindparam("first"), bindparam("last")),
    )
)
_RECEIVED = _HOUSED.where(col(Vacancy.municipality) == bindparam("code"))
_SENT = _HOUSED.where(col(Referral.sending_municipality) == bindparam("code"))


def _record(session: Session, referral: Referral, offer: Offer, *, now: datetime) -> None:
    """Write down what a move-in is booked from. Counted are families that moved in in the same calendar year."""
    home, agreement = dwelling(session, offer.vacancy_id), agreement_of(session, referral.agreement_version_id)
    received = sent = 0
    if _has_a_staircase(agreement.compensation):
        hold_ceiling(session, agreement.id)
        housed = {"agreement": agreement.id, "first": date(day_of(now).year, 1, 1), "last": day_of(now)}
        connection = session.connection()
        received = connection.execute(_RECEIVED, housed | {"code": home.municipality}).scalar_one()
        sent = connection.execute(_SENT, housed | {"code": referral.sending_municipality}).scalar_one()
    session.add(
        MoveIn(
            offer_id=id_of(offer),
            moved_in_on=day_of(now),
            reserved_on=day_of(offer.made_at),
            rent_monthly_ore=home.rent_monthly_ore,
            received_before=received,
            sent_before=sent,
        )
    )
    session.flush()


def _has_a_staircase(terms: Compensation) -> bool:
    return isinstance(terms, CompensationModel) and any(isinstance(one, Staircase) for one in terms.parts)
