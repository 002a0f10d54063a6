"""Turns an outbox row into a call to a partner's system, and acts on its acknowledgement."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from domain.ports.case_system import CaseSystem
from domain.ports.finance import FinanceSystem
from domain.ports.handover import HandoverDesk, Newcomer
from domain.ports.reservations import Reservation, ReservationDesk, Tenant
from domain.referrals.household import Identity
from domain.referrals.lifecycle import WITHDRAWABLE
from domain.subject import About
from storage.audit.events import write_event
from storage.books.ledger import Booking, LedgerEntry, posting_of
from storage.books.posted_before import was_posted_before
from storage.columns import needed
from storage.outbox import OutboxRow, Telling, put
from storage.parties.partners import partner_of
from storage.privacy import disclosures
from storage.referrals.flag_receipts import FlagReceipt, receipt_told
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer, OfferStanding
from storage.vacancies.vacancies import Vacancy
from storage.vault.entries import Door
from tasks.platform import Platform

Call = Callable[[], Awaitable[None]]

SYSTEM_FOR: dict[Telling, str] = {
    Telling.RECEIPT: "case_system",
    Telling.RESERVE: "reservations",
    Telling.RELEASE: "reservations",
    Telling.DISCLOSE: "reservations",
    Telling.RECALL: "reservations",
    Telling.HAND_OVER: "handover",
    Telling.TAKE_BACK: "handover",
    Telling.POSTING: "finance",
}


BINDING = (OfferStanding.LIVE, OfferStanding.TAKEN)


def prepared_call(platform: Platform, session: Session, row: OutboxRow) -> Call | None:
    """The call of an outbox row, ready to be made without a session; None when it has become moot.

    A disclosure opens the vault, and records the opening in the session.
    """
    kind = SYSTEM_FOR[row.telling]
    system = platform.connect(kind, partner_of(session, row.addressee).systems[kind])
    match row.telling:
        case Telling.RECEIPT:
            return _receipt(session, row, system)
        case Telling.POSTING:
            return _posting(session, row, system)
        case Telling.HAND_OVER | Telling.TAKE_BACK:
            return _handed_over(platform, session, row, system)
        case _:
            return _at_the_desk(platform, session, row, system)


def _receipt(session: Session, row: OutboxRow, system: CaseSystem) -> Call:
    receipt = receipt_told(session, session.get_one(FlagReceipt, row.receipt_id))
    return lambda: system.acknowledge(receipt, key=row.key)


def _posting(session: Session, row: OutboxRow, system: FinanceSystem) -> Call | None:
    entry = session.get_one(LedgerEntry, row.entry_id)
    posting = posting_of(session, session.get_one(Booking, entry.booking_id), entry)
    if was_posted_before(session, row.addressee, posting):
        # Posted before a backup was put back, perhaps on another day: a finance system may not go by the key alone.
        return None
    return lambda: system.post(posting, key=row.key)


def _at_the_desk(platform: Platform, session: Session, row: OutboxRow, desk: ReservationDesk) -> Call | None:
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


def _handed_over(platform: Platform, session: Session, row: OutboxRow, desk: HandoverDesk) -> Call | None:
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


_DEEDS: dict[Telling, str] = {
    Telling.DISCLOSE: "disclosed",
    Telling.HAND_OVER: "disclosed",
    Telling.RECALL: "deletion_confirmed",
    Telling.TAKE_BACK: "deletion_confirmed",
}


def hold_what_was_told(session: Session, rows: Iterable[OutboxRow]) -> None:
    """Hold what some rows have told of families, before it is noted that they have: in the order of locks."""
    if cases := [row.referral_id for row in rows if row.telling in _DEEDS and row.referral_id is not None]:
        disclosures.hold_disclosures(session, cases)


def acknowledged(session: Session, row: OutboxRow, *, now: datetime) -> None:
    """Record what a partner's acknowledgement means: told, or deleted.

    A recall or release that staff have retried may have hit something newer: a family that came back to the same party
    is known there by the same name. Then the party is told again.
    """
    if row.telling is Telling.RELEASE:
        _reserve_again(session, row, now=now)
    if row.telling not in _DEEDS:
        return
    disclosures.acknowledged(session, row.telling, needed(row.offer_id), row.addressee, now=now)
    case = needed(row.referral_id)
    write_event(session, _DEEDS[row.telling], actor=row.addressee, about=About.REFERRAL.of(case), at=now)
    if row.telling in (Telling.RECALL, Telling.TAKE_BACK):
        knew = [one for one in disclosures.still_told(session, case) if one.disclosed_at]
        disclosures.tell_again(session, [one for one in knew if one.to_party == row.addressee], now=now)


def _reserve_again(session: Session, row: OutboxRow, *, now: datetime) -> None:
    let_go = session.get_one(Offer, row.offer_id)
    same = (Offer.vacancy_id == let_go.vacancy_id, Offer.pseudonym == let_go.pseudonym)
    held = session.exec(select(Offer.id).where(*same, col(Offer.standing).in_(BINDING))).first()
    if held is not None:
        about = {"referral_id": row.referral_id, "offer_id": held}
        put(session, Telling.RESERVE, to=row.addressee, lane=row.lane, now=now, **about)
