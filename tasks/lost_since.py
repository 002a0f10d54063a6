"""What the parties hold that this database does not know, or knows otherwise: what was lost with a backup put back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from domain.anonymity import period_of, pseudonym
from domain.household import FlaggedFamily, FlaggedWithdrawal
from domain.lifecycle import Status
from domain.ports import AnsweredFlags, HeldHome, HeldPosting, LedgerPosting, Receipt
from storage.disclosures import Disclosure
from storage.intake import receipt_for
from storage.ledger import Booking, LedgerEntry
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.referrals import Referral, referral_by_reference
from storage.vacancies import Offer, OfferStanding, Vacancy
from tasks.held_elsewhere import HeldElsewhere

HOME, IDENTITY, POSTING, CASE, PARTY = (
    "restored_home",
    "restored_identity",
    "restored_posting",
    "restored_case",
    "restored_party",
)
BINDING = (OfferStanding.LIVE, OfferStanding.TAKEN)


@dataclass(frozen=True, slots=True)
class ToSettle:
    """Something that a person must settle: what about, an attention code, and codes that say more, never people."""

    subject: str
    code: str
    detail: str
    reference: str | None = None


@dataclass(slots=True)
class Lost:
    """What can be taken in again by itself, by party; and what a person must settle."""

    families: list[tuple[str, FlaggedFamily, str]] = field(default_factory=list)
    refusals: list[tuple[str, Receipt]] = field(default_factory=list)
    withdrawals: list[tuple[str, FlaggedWithdrawal, str]] = field(default_factory=list)
    postings: list[tuple[str, LedgerPosting]] = field(default_factory=list)
    to_settle: list[ToSettle] = field(default_factory=list)


def lost_since(session: Session, held: HeldElsewhere, *, pseudonym_key: bytes) -> Lost:
    """Hold what the parties told against this database."""
    found = Lost()
    for of, answered in held.flags.items():
        _flags(session, of, answered, found)
    for of, postings in held.postings.items():
        _postings(session, of, postings, found)
    for of, references in held.newcomers.items():
        found.to_settle += _newcomers(session, of, references)
    for of, homes in held.homes.items():
        found.to_settle += _homes(session, of, homes, pseudonym_key)
    found.to_settle += [ToSettle(f"{one.party}/{one.system}", PARTY, one.why) for one in held.not_asked]
    return found


def _flags(session: Session, of: str, answered: AnsweredFlags, found: Lost) -> None:
    families = {family.flag_id: family for family in answered.flags.families}
    withdrawals = {stop.withdrawal_id: stop for stop in answered.flags.withdrawals}
    for held in answered.receipts:
        told, code = held.receipt, of.partition(":")[2]
        if receipt_for(session, code, told.flag_id) is not None:
            continue
        family, stop = families.get(told.flag_id), withdrawals.get(told.flag_id)
        if not told.accepted:
            found.refusals.append((of, told))
        elif stop is not None:
            found.withdrawals.append((of, stop, told.reference or ""))
        elif family is None or told.reference is None:
            found.to_settle.append(ToSettle(of, CASE, f"{told.flag_id}: {told.reference}: not listed", told.reference))
        elif referral_by_reference(session, told.reference) is not None:
            detail = f"{told.flag_id}: its number is another case's"
            found.to_settle.append(ToSettle(f"referral:{told.reference}", CASE, detail, told.reference))
        else:
            found.families.append((of, family, told.reference))


def _postings(session: Session, of: str, postings: list[HeldPosting], found: Lost) -> None:
    times = Counter(_sides(held.posting) for held in postings)
    for held in {_sides(one.posting): one for one in postings}.values():
        posting, subject = held.posting, f"booking:{held.posting.reference}/{held.posting.kind}"
        if not _is_booked(session, posting):
            found.postings.append((of, posting))
            found.to_settle.append(ToSettle(subject, POSTING, f"{of}: {posting.booking}", posting.reference))
        if (count := times[_sides(posting)]) > 1:
            detail = f"{of}: {posting.booking}: {count} times"
            found.to_settle.append(ToSettle(subject, POSTING, detail, posting.reference))


def _sides(posting: LedgerPosting) -> tuple[str, str, str, int]:
    return posting.reference, posting.kind, posting.account, posting.amount_ore


def _is_booked(session: Session, posting: LedgerPosting) -> bool:
    query = (
        select(LedgerEntry.id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .where(
            Referral.reference == posting.reference,
            Booking.kind == posting.kind,
            LedgerEntry.account == posting.account,
            LedgerEntry.amount_ore == posting.amount_ore,
        )
    )
    return session.exec(query).first() is not None


def _newcomers(session: Session, of: str, references: list[str]) -> Iterator[ToSettle]:
    for reference in references:
        known = select(Disclosure).join(Referral, col(Referral.id) == Disclosure.referral_id)
        query = known.where(Referral.reference == reference, Disclosure.to_party == of)
        if not any(_may_be_there(one) for one in session.exec(query)):
            yield ToSettle(f"referral:{reference}", IDENTITY, of, reference)


def _may_be_there(told: Disclosure) -> bool:
    """Whether who a family is may lie with a party still: it was told, and has not confirmed that it has deleted it."""
    return told.deletion_confirmed_at is None


def _homes(session: Session, of: str, homes: list[HeldHome], pseudonym_key: bytes) -> Iterator[ToSettle]:
    association = of.partition(":")[2]
    theirs = select(Offer, Vacancy.external_id).join(Vacancy, col(Vacancy.id) == Offer.vacancy_id)
    offers: dict[tuple[str, str], list[Offer]] = {}
    for offer, unit in session.exec(theirs.where(Vacancy.association == association)):
        offers.setdefault((unit, offer.pseudonym), []).append(offer)
    names = _names(session, association, pseudonym_key) if homes else {}
    for home in homes:
        ours = offers.get((home.external_id, home.pseudonym), [])
        reference = names.get(home.pseudonym)
        subject = f"home:{association}/{home.external_id}"
        about = f"{home.pseudonym}: {reference or 'no case here'}"
        if home.is_held and not any(_may_be_held(session, offer) for offer in ours):
            yield ToSettle(subject, HOME, about, reference)
        if home.is_known and not any(_is_known(session, offer, of) for offer in ours):
            yield ToSettle(subject, IDENTITY, about, reference)
    held = {(home.external_id, home.pseudonym) for home in homes if home.is_held}
    for (unit, name), some in offers.items():
        binds = any(one.standing is OfferStanding.LIVE and _was_told(session, one, Telling.RESERVE) for one in some)
        if binds and (unit, name) not in held:
            yield ToSettle(f"home:{association}/{unit}", HOME, f"{name}: {names.get(name)}: not held", names.get(name))


def _names(session: Session, association: str, pseudonym_key: bytes) -> dict[str, str]:
    """Every case's reference, by the name under which an association knows it."""
    query = select(Referral.reference, Referral.case_key, Referral.received_at)
    return {
        pseudonym(
            pseudonym_key, recipient=association, period=period_of(received_at.date()), case_key=case_key
        ): reference
        for reference, case_key, received_at in session.exec(query)
    }


def _may_be_held(session: Session, offer: Offer) -> bool:
    """Whether a home may rightly be held: it binds, its guarantee has ended, or the association is about to be told."""
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
    return any(_may_be_there(one) for one in session.exec(query))
