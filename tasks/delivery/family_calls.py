"""The calls about a family: hold its home or let it go; tell who the family is, or have that deleted."""

from sqlmodel import Session

from domain.ports.handover import HandoverDesk, Newcomer
from domain.ports.reservations import Reservation, ReservationDesk, Tenant
from domain.referrals.household import Identity
from domain.referrals.lifecycle import WITHDRAWABLE
from storage.columns import needed
from storage.outbox import OutboxRow, Telling
from storage.privacy import disclosures
from storage.referrals.referrals import Referral
from storage.vacancies.offers import BINDING, Offer
from storage.vacancies.vacancies import Vacancy
from storage.vault.entries import Door
from tasks.delivery.calls import Call
from tasks.platform import Platform


def desk_call(platform: Platform, session: Session, row: OutboxRow, desk: ReservationDesk) -> Call | None:
    """Have an association hold a home or let it go, or tell it who the family is or have that deleted."""
    offer = session.get_one(Offer, row.offer_id)
    home = session.get_one(Vacancy, offer.vacancy_id)
    unit, name = home.external_id, offer.pseudonym
    binds = offer.standing in BINDING
    match row.telling:
        case Telling.RELEASE:
            return lambda: desk.release(unit, name, key=row.key)
        case Telling.RECALL:
            return lambda: desk.recall(unit, name, key=row.key)
        case Telling.RESERVE if binds:
            reservation = Reservation(unit, name, offer.reserved_until)
            return lambda: desk.reserve(reservation, key=row.key)
        case Telling.DISCLOSE if _may_be_told(session, row):
            tenant = _tenant(platform, session, row, unit, name)
            return lambda: desk.disclose_tenant(tenant, key=row.key)
    return None


def _may_be_told(session: Session, row: OutboxRow) -> bool:
    """Whether a party may still be told who a family is: not after a recall, nor while the case is about to stop."""
    referral = session.get_one(Referral, row.referral_id)
    stops = referral.stop_requested is not None and referral.status in WITHDRAWABLE
    return not stops and disclosures.stands(session, needed(row.offer_id), row.addressee)


def _tenant(platform: Platform, session: Session, row: OutboxRow, unit: str, name: str) -> Tenant:
    referral = session.get_one(Referral, row.referral_id)
    identity = _disclosed(platform, session, referral, row)
    return Tenant(
        unit,
        name,
        name=identity.adult_name,
        email=identity.email,
        phone=identity.phone,
        address_protection=identity.address_protection,
    )


def _disclosed(platform: Platform, session: Session, referral: Referral, row: OutboxRow) -> Identity:
    """Who a family is, for the party that the row tells."""
    now = platform.now()
    return platform.vault.identity(session, referral, Door.DISCLOSURE, opened_for=row.addressee, now=now)


def handover_call(platform: Platform, session: Session, row: OutboxRow, desk: HandoverDesk) -> Call | None:
    """Hand a family's case over to the municipality that it moves to, or take it back."""
    referral, offer = session.get_one(Referral, row.referral_id), session.get_one(Offer, row.offer_id)
    if row.telling is Telling.TAKE_BACK:
        return lambda: desk.take_back(referral.reference, key=row.key)
    if not _may_be_told(session, row):
        return None
    home = session.get_one(Vacancy, offer.vacancy_id)
    identity = _disclosed(platform, session, referral, row)
    newcomer = Newcomer(
        reference=referral.reference,
        association=home.association,
        department=home.department,
        name=identity.adult_name,
        cpr=identity.cpr,
        email=identity.email,
        phone=identity.phone,
        address_protection=identity.address_protection,
    )
    return lambda: desk.hand_over(newcomer, key=row.key)
