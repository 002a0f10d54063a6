"""What follows what people of the municipality that pays answer to a claim."""

from domain.books.claims import ClaimAnswer, ClaimNo, ClaimStanding
from domain.parties.party import Partner, Role
from domain.questions.addressee import Addressee
from domain.questions.question import Answer
from storage.books.claims import Claim, standing_of_claim
from storage.books.guarantees import claim_called
from storage.outbox import Telling
from storage.parties.partners import partner_of
from storage.questions.questions import Question
from storage.staff.claims import decide
from tasks.books.claims import ASKED_BY_THEN
from tasks.matter import PartyMatter

# Whom a claimant's answer is written to: the first of these that it names.
TOLD = (Role.FINANCE, Role.COORDINATOR, Role.LETTING, Role.CHIEF)


def hear_claim(matter: PartyMatter, question: Question) -> None:
    """A person has answered: after a first yes a second one is asked, and after that the claimant is told."""
    session, claim = matter.session, claim_called(matter.session, matter.subject.name or "")
    if claim is None or ASKED_BY_THEN.get(standing_of_claim(session, claim)) is not question.kind:
        return  # It was withdrawn meanwhile.
    reason = ClaimNo(question.reason or "") if question.answer is Answer.NO else None
    told_key = matter.platform.vault.told_key(now=matter.now)
    answer = ClaimAnswer.YES if question.answer is Answer.YES else ClaimAnswer.NO
    standing = decide(session, claim, answer, reason, by=question.answerer, told_key=told_key, now=matter.now)
    matter.note(f"claim_{standing}", actor=str(question.answerer), reason=reason)
    if standing is not ClaimStanding.CONFIRMED:
        _tell_claimant(matter, claim, question)


def _tell_claimant(matter: PartyMatter, claim: Claim, question: Question) -> None:
    contact = _told(partner_of(matter.session, claim.claimant))
    if contact is not None:
        matter.write(Telling.CLAIM_ANSWERED, to=Addressee(claim.claimant, contact), question=question)


def _told(partner: Partner) -> str | None:
    """Who of a claimant is told; None for a party without people."""
    named = next(filter(None, map(partner.first, TOLD)), None) or partner.keeper
    return named.id if named else None
