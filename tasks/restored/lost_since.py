"""What the parties hold that this database lacks or knows otherwise: what was lost when a backup was put back."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from sqlmodel import Session, col, select

from domain.books.booking import BookingKind
from domain.parties.party import party_id, party_kind
from domain.ports.case_system import AnsweredFlags
from domain.ports.finance import HeldPosting, LedgerPosting
from domain.subject import About, Subject
from storage.books.posted_before import booked_as, was_told
from storage.privacy.disclosures import Disclosure
from storage.referrals.flag_receipts import receipt_for
from storage.referrals.referrals import Referral, referral_by_reference
from tasks.restored.claims import Claim, Settled, settled
from tasks.restored.findings import CASE, IDENTITY, PARTY, POSTING, UNPROVEN, Lost, ToSettle, together
from tasks.restored.held_elsewhere import HeldElsewhere
from tasks.restored.lost_homes import homes_to_settle, may_be_there
from tasks.restored.proofs import Proof


def lost_since(
    session: Session, held: HeldElsewhere, proof: Proof, *, pseudonym_key: bytes, may_be_ours: Callable[[str], bool]
) -> Lost:
    """Compare what the parties said with this database. `may_be_ours` says whether a case number may be ours."""
    found, claims = Lost(), list[Claim]()
    unproven: dict[str, list[str]] = defaultdict(list)
    for of, answered in held.flags.items():
        claims += _flags(session, _Party(of, proof, unproven[of]), answered, found)
    far = [one for one in claims if not may_be_ours(one.reference)]
    for one in far:
        unproven[one.of].append(f"{one.family.flag_id}: {one.reference}: too far from our own numbers")
    for number in settled(one for one in claims if one not in far):
        _settle(number, found)
    known = {reference for _, _, reference in found.families}
    for of, postings in held.postings.items():
        _postings(session, _Party(of, proof, unproven[of]), postings, known, found)
    for of, references in held.newcomers.items():
        found.to_settle += _newcomers(session, _Party(of, proof, unproven[of]), references, known)
    for of, homes in held.homes.items():
        found.to_settle += homes_to_settle(session, of, homes, pseudonym_key)
    found.to_settle += [ToSettle(_system_of(one.party, one.system), PARTY, one.why) for one in held.not_asked]
    found.to_settle += [ToSettle(Subject.read(of), UNPROVEN, together(some)) for of, some in unproven.items() if some]
    return found


def _system_of(party: str, system: str) -> Subject:
    return About(party_kind(party)).of(party_id(party), system)


class _Party(NamedTuple):
    """A party, what can prove that we told it something, and its claims without proof."""

    name: str
    proof: Proof
    unproven: list[str]

    @property
    def is_believed(self) -> bool:
        return self.name in self.proof.believed


def _flags(session: Session, of: _Party, answered: AnsweredFlags, found: Lost) -> Iterator[Claim]:
    """A municipality's receipts; refusals and withdrawals concern only its own families, and need no proof."""
    families = {family.flag_id: family for family in answered.flags.families}
    withdrawals = {stop.withdrawal_id: stop for stop in answered.flags.withdrawals}
    for held in answered.receipts:
        told, code = held.receipt, party_id(of.name)
        if receipt_for(session, code, told.flag_id) is not None:
            continue
        family, stop = families.get(told.flag_id), withdrawals.get(told.flag_id)
        is_proven = of.proof.of_receipt(of.name, held)
        if not told.accepted:
            found.refusals.append((of.name, told))
        elif stop is not None:
            found.withdrawals.append((of.name, stop, told.reference or ""))
        elif not is_proven and not of.is_believed:
            of.unproven.append(f"{told.flag_id}: {told.reference}")
        elif family is None or told.reference is None:
            detail = f"{told.flag_id}: {told.reference}: not listed"
            found.to_settle.append(ToSettle(Subject.read(of.name), CASE, detail, told.reference))
        elif referral_by_reference(session, told.reference) is not None:
            detail = f"{told.flag_id}: its number is another case's"
            found.to_settle.append(ToSettle(About.REFERRAL.of(told.reference), CASE, detail, told.reference))
        else:
            yield Claim(of.name, family, told.reference, is_proven, of.is_believed)


def _settle(number: Settled, found: Lost) -> None:
    """Take in the case that gets a number; a person settles the other claims, and a number that nobody gets."""
    if (claim := number.has_it) is not None:
        found.families.append((claim.of, claim.family, claim.reference))
        for other in number.others:
            detail = f"{other.family.flag_id}: not taken in again: {number.reference} is another family's"
            found.to_settle.append(ToSettle(Subject.read(other.of), CASE, detail, number.reference))
        return
    detail = f"no claim decides, of {', '.join(map(str, number.others))}"
    found.to_settle.append(ToSettle(About.REFERRAL.of(number.reference), CASE, detail, number.reference))


def _is_a_case(session: Session, reference: str, again: Collection[str]) -> bool:
    """Whether a case is one of ours: it exists, or will be taken in again."""
    return reference in again or referral_by_reference(session, reference) is not None


def _counts(session: Session, of: _Party, held: HeldPosting, again: Collection[str]) -> bool:
    """Whether a posting counts. Without our key it counts for a case of ours, because money must not move twice.

    A municipality that invents such a posting only keeps one out of its own finance system, which it could do anyway.
    """
    if of.is_believed or of.proof.of_posting(held):
        return True
    kind, _, _ = booked_as(held.posting)
    return kind in tuple(BookingKind) and _is_a_case(session, held.posting.reference, again)


def _postings(session: Session, of: _Party, postings: list[HeldPosting], again: Collection[str], found: Lost) -> None:
    times = Counter(_sides(held.posting) for held in postings)
    for held in {_sides(one.posting): one for one in postings}.values():
        posting, subject = held.posting, About.BOOKING.of(held.posting.reference, held.posting.kind)
        if not _counts(session, of, held, again):
            of.unproven.append(f"{posting.reference}/{posting.kind}")
            continue
        if not was_told(session, of.name, posting):
            found.postings.append((of.name, posting))
            found.to_settle.append(ToSettle(subject, POSTING, f"{of.name}: {posting.booking}", posting.reference))
        if (count := times[_sides(posting)]) > 1:
            detail = f"{of.name}: {posting.booking}: {count} times"
            found.to_settle.append(ToSettle(subject, POSTING, detail, posting.reference))


def _sides(posting: LedgerPosting) -> tuple[str, str, str, int]:
    return posting.reference, posting.kind, posting.account, posting.amount_ore


def _newcomers(session: Session, of: _Party, references: list[str], again: Collection[str]) -> Iterator[ToSettle]:
    for reference in references:
        if not _is_a_case(session, reference, again):
            of.unproven.append(f"{reference}: who moves in")
            continue
        known = select(Disclosure).join(Referral, col(Referral.id) == Disclosure.referral_id)
        query = known.where(Referral.reference == reference, Disclosure.to_party == of.name)
        if not any(may_be_there(one) for one in session.exec(query)):
            yield ToSettle(About.REFERRAL.of(reference), IDENTITY, of.name, reference)
