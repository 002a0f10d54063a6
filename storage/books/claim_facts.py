"""A claim as a letter or a page describes it."""

from sqlmodel import Session

from domain.questions.claim_facts import ClaimFacts
from domain.subject import Subject
from storage.books.guarantees import claim_called, room_for
from storage.parties.partners import partner_of


def claim_facts(session: Session, about: Subject) -> ClaimFacts:
    """A claim as a letter or page describes it; `LookupError` when the subject names none."""
    claim = claim_called(session, about.name or "")
    if claim is None:
        raise LookupError("a question about no claim")
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
