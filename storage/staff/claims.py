"""Claims under an agreement's guarantees: made, withdrawn, and booked once two persons have accepted them."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.books.claims import (
    ClaimAnswer,
    ClaimNo,
    ClaimRefused,
    ClaimStanding,
    GuaranteeClaim,
    faults_of_claim,
)
from domain.errors import Invalid, NotAllowed, Unknown
from domain.parties.compensation.parts import MoveOut
from domain.questions.addressee import Addressee
from domain.subject import About
from domain.working_days import day_of
from storage.books.claims import (
    Claim,
    claim_with_key,
    claims_of,
    counted_claims,
    standing_of_claim,
    write_answer,
)
from storage.books.guarantees import claim_called, guaranteed, guaranteed_by
from storage.books.move_ins import book_charge, claims_accepted, correct
from storage.columns import id_of
from storage.locks import hold_case, hold_subject
from storage.questions.claims import recall_question
from storage.staff.families.cases import case_called, case_held


def make_claim(
    session: Session, reference: str, claimed: GuaranteeClaim, *, by: str, now: datetime
) -> tuple[Claim, bool]:
    """Make a claim for a family; False when the claimant made the very same one before, under the same key.

    `ClaimRefused` with everything that is wrong with it; of two that together are above the cap, one is refused.
    """
    referral = case_held(session, reference)
    before = claim_with_key(session, claimed.claimant, claimed.key)
    if before is not None:
        if before.referral_id != referral.id or before.claimed != claimed:
            raise Invalid("key", "was used for another claim")
        return before, False
    found = guaranteed(session, referral)
    if found is None:
        raise Invalid("reference", "no family of this case has moved in")
    counted = counted_claims(session, id_of(referral))
    if faults := faults_of_claim(claimed, found.terms, found.moved_in, counted=counted, today=day_of(now)):
        raise ClaimRefused(faults)
    claim = Claim(
        referral_id=id_of(referral),
        offer_id=id_of(found.offer),
        agreement_version_id=referral.agreement_version_id,
        claimant=claimed.claimant,
        key=claimed.key,
        rule=claimed.rule,
        number=1 + sum(one.rule == claimed.rule for one in claims_of(session, id_of(referral))),
        amount_ore=claimed.amount_ore,
        evidence_number=claimed.evidence.number,
        evidence_digest=claimed.evidence.digest,
        evidence_on=claimed.evidence.on,
        claimed_at=now,
        claimed_by=by,
    )
    session.add(claim)
    try:
        session.flush()
    except IntegrityError:
        # At the same moment, for another case.
        raise Invalid("key", "was used for another claim") from None
    return claim, True


def all_claims(session: Session, reference: str | None = None) -> list[Claim]:
    """Every claim, or those of one case, in the order in which they were made."""
    if reference is not None:
        return claims_of(session, id_of(case_called(session, reference)))
    return list(session.exec(select(Claim).order_by(col(Claim.id))))


def withdraw_claim(session: Session, name: str, *, by: str, now: datetime) -> bool:
    """Withdraw a claim that nobody has answered yet; False when it was withdrawn before."""
    claim = _held(session, name)
    standing = standing_of_claim(session, claim)
    if standing is ClaimStanding.WITHDRAWN:
        return False
    about = About.CLAIM.of(name)
    hold_subject(session, str(about))
    if standing is not ClaimStanding.MADE or not recall_question(session, about, now=now):
        raise NotAllowed(f"{name} is withdrawn only until the paying municipality has answered")
    write_answer(session, claim, ClaimAnswer.WITHDRAWN, by=by, now=now)
    return True


def decide(
    session: Session,
    claim: Claim,
    answer: ClaimAnswer,
    reason: ClaimNo | None,
    *,
    by: Addressee,
    told_key: bytes,
    now: datetime,
) -> ClaimStanding:
    """Write an answer to a claim whose case is held, and book the claim once its second yes is said."""
    write_answer(session, claim, answer, reason=reason, by=str(by), now=now)
    standing = standing_of_claim(session, claim)
    if standing is ClaimStanding.ACCEPTED:
        _book(session, claim, told_key=told_key, now=now)
    return standing


def _book(session: Session, claim: Claim, *, told_key: bytes, now: datetime) -> None:
    """Book an accepted claim; what its part does not keep at a move-out is turned back when that was before."""
    found = guaranteed_by(session, claim)
    referral, offer, moved_in_on = found.referral, found.offer, found.moved_in.on
    accepted = claims_accepted(session, referral, offer, moved_in_on=moved_in_on)
    (charge,) = (one for one in accepted if (one.rule, one.period) == (claim.rule, claim.number))
    book_charge(session, referral, offer, charge, told_key=told_key, now=now)
    if referral.moved_out_at is not None and charge.move_out is not MoveOut.KEPT:
        correct(
            session,
            referral,
            offer,
            moved_in_on=moved_in_on,
            moved_out_on=day_of(referral.moved_out_at),
            told_key=told_key,
            now=now,
        )


def _held(session: Session, name: str) -> Claim:
    """A claim by its name, while its case is held."""
    claim = claim_called(session, name)
    if claim is None:
        raise Unknown("no such claim")
    hold_case(session, claim.referral_id)
    return claim
