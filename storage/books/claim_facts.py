"""A claim as a letter or a page describes it."""

from sqlmodel import Session

from domain.parties.party import PartyKind, is_a
from domain.questions.claim_facts import ClaimFacts
from domain.subject import Subject
from storage.books.claims import Claim
from storage.books.guarantees import claim_called, room_for
from storage.parties.partners import partner_of
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer


def claim_facts(session: Session, about: Subject) -> ClaimFacts:
    """A claim as a letter or page describes it; `LookupError` when the subject names none."""
    claim = _claim(session, about)
    room = room_for(session, claim)
    return ClaimFacts(
        claimant=partner_of(session, claim.claimant).name,
        rule=claim.rule,
        number=claim.number,
        amount_ore=claim.amount_ore,
        cap_ore=room.cap_ore,
        left_ore=room.left_ore,
        evidence_number=claim.evidence_number,
        evidence_digest=claim.evidence_digest,
        evidence_on=claim.evidence_on,
    )


def known_to_claimant_as(session: Session, about: Subject) -> str:
    """By what the claimant knows the case of a claim: an association by its own pseudonym."""
    claim = _claim(session, about)
    if is_a(claim.claimant, PartyKind.ASSOCIATION):
        return session.get_one(Offer, claim.offer_id).pseudonym
    return session.get_one(Referral, claim.referral_id).reference


def _claim(session: Session, about: Subject) -> Claim:
    claim = claim_called(session, about.name or "")
    if claim is None:
        raise LookupError("a question about no claim")
    return claim
