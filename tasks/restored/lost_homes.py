"""The homes that associations hold, and who they know moves in, against this database."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from domain.anonymity.request import period_of, pseudonym
from domain.parties.party import party_id
from domain.ports.reservations import HeldHome
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.privacy.disclosures import Disclosure
from storage.referrals.referrals import Referral
from storage.vacancies.offers import BINDING, Offer, OfferStanding
from storage.vacancies.vacancies import Vacancy
from tasks.restored.findings import HOME, IDENTITY, ToSettle


def may_be_there(told: Disclosure) -> bool:
    """Whether a party may still have who a family is: it was told, and has not confirmed that it deleted it."""
    return told.deletion_confirmed_at is None


def homes_to_settle(session: Session, of: str, homes: list[HeldHome], pseudonym_key: bytes) -> Iterator[ToSettle]:
    """What a person must settle of the homes that an association holds for us, or that we hold there."""
    association = party_id(of)
    theirs = select(Offer, Vacancy.external_id).join(Vacancy, col(Vacancy.id) == Offer.vacancy_id)
    offers: dict[tuple[str, str], list[Offer]] = {}
    for offer, unit in session.exec(theirs.where(Vacancy.association == association)):
        offers.setdefault((unit, offer.pseudonym), []).append(offer)
    names = _names(session, association, pseudonym_key) if homes else {}
    for home in homes:
        ours = offers.get((home.external_id, home.pseudonym), [])
        reference = names.get(home.pseudonym)
        subject = About.HOME.of(association, home.external_id)
        about = f"{home.pseudonym}: {reference or 'no case here'}"
        if home.is_held and not any(_may_be_held(session, offer) for offer in ours):
            yield ToSettle(subject, HOME, about, reference)
        if home.is_known and not any(_is_known(session, offer, of) for offer in ours):
            yield ToSettle(subject, IDENTITY, about, reference)
    held = {(home.external_id, home.pseudonym) for home in homes if home.is_held}
    for (unit, name), some in offers.items():
        binds = any(one.standing is OfferStanding.LIVE and _was_told(session, one, Telling.RESERVE) for one in some)
        if binds and (unit, name) not in held:
            yield ToSettle(
                About.HOME.of(association, unit), HOME, f"{name}: {names.get(name)}: not held", names.get(name)
            )


def _names(session: Session, association: str, pseudonym_key: bytes) -> dict[str, str]:
    """Every case's reference, by the association's pseudonym for it."""
    query = select(Referral.reference, Referral.case_key, Referral.received_at)
    return {
        pseudonym(
            pseudonym_key, recipient=association, period=period_of(received_at.date()), case_key=case_key
        ): reference
        for reference, case_key, received_at in session.exec(query)
    }


def _may_be_held(session: Session, offer: Offer) -> bool:
    """Whether a home may rightly be held: its offer binds, its case is closed, or the release was not yet told."""
    if offer.standing in BINDING or session.get_one(Referral, offer.referral_id).status is Status.CLOSED:
        return True
    return not _was_told(session, offer, Telling.RELEASE)


def _was_told(session: Session, offer: Offer, telling: Telling) -> bool:
    query = select(OutboxRow.id).where(
        OutboxRow.referral_id == offer.referral_id,
        OutboxRow.offer_id == offer.id,
        OutboxRow.telling == telling,
        OutboxRow.standing == OutboxStanding.DELIVERED,
    )
    return session.exec(query).first() is not None


def _is_known(session: Session, offer: Offer, of: str) -> bool:
    query = select(Disclosure).where(Disclosure.offer_id == offer.id, Disclosure.to_party == of)
    return any(may_be_there(one) for one in session.exec(query))
