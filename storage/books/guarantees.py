"""What the guarantees of a case's agreement still hold for its family, and which claim is called what."""

from dataclasses import dataclass

from sqlmodel import Session, select

from domain.books.charges import MovedIn
from domain.books.claims import GuaranteeClaim, Room, guarantee_called, paying_municipality, room_of
from domain.parties.compensation.model import Compensation, CompensationModel
from domain.parties.compensation.parts import Guarantee
from domain.working_days import day_of
from storage.books.claims import Claim, counted_claims
from storage.books.move_ins import facts_of
from storage.columns import id_of
from storage.parties.agreements import agreement_of
from storage.referrals.history import housed_at
from storage.referrals.referrals import Referral, referral_by_reference
from storage.vacancies.offers import Offer, offer_moved_in_by

MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Guaranteed:
    """A family that has moved in: its case, the offer by which it did, its agreement's terms, and what is known."""

    referral: Referral
    offer: Offer
    terms: Compensation
    moved_in: MovedIn

    def part_of(self, claim: GuaranteeClaim) -> tuple[Guarantee, CompensationModel]:
        """The guarantee of a claim that was made, and the model in which it stands."""
        part = guarantee_called(self.terms, claim.rule, moved_in_on=self.moved_in.on)
        if part is None or not isinstance(self.terms, CompensationModel):
            raise ValueError("a claim under no guarantee")
        return part, self.terms

    def payer_of(self, claim: GuaranteeClaim) -> str:
        """The party that answers a claim."""
        return paying_municipality(*self.part_of(claim), self.moved_in.sender)


def guaranteed(session: Session, referral: Referral) -> Guaranteed | None:
    """What is known of a case's move-in, also long after it; None when no family of the case has moved in."""
    moved_in_at = housed_at(session, id_of(referral))
    if moved_in_at is None:
        return None
    offer = offer_moved_in_by(session, id_of(referral))
    terms = agreement_of(session, referral.agreement_version_id).compensation
    return Guaranteed(referral, offer, terms, facts_of(session, referral, offer, moved_in_on=day_of(moved_in_at)))


def guaranteed_by(session: Session, claim: Claim) -> Guaranteed:
    """What is known of the move-in for which a claim was made."""
    found = guaranteed(session, session.get_one(Referral, claim.referral_id))
    if found is None:
        raise ValueError("a claim for a family that has not moved in")
    return found


def room_for(session: Session, claim: Claim) -> Room:
    """The cap of a claim's guarantee, and what other claims for the same family leave of it."""
    found = guaranteed_by(session, claim)
    others = [one for one in counted_claims(session, claim.referral_id) if one != claim.claimed]
    part, model = found.part_of(claim.claimed)
    return room_of(part, model, found.moved_in, counted=others, on=claim.evidence_on)


def claim_name(session: Session, claim: Claim) -> str:
    """`TF-2026-00042/refurbishment_guarantee/1`: the case's reference, the rule, and the number among those of both."""
    reference = session.get_one(Referral, claim.referral_id).reference
    return f"{reference}/{claim.rule}/{claim.number}"


def claim_called(session: Session, name: str) -> Claim | None:
    """The claim with a name; None when there is none."""
    reference, _, rest = name.partition("/")
    rule, _, number = rest.rpartition("/")
    referral = referral_by_reference(session, reference)
    if referral is None or not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        return None
    query = select(Claim).where(Claim.referral_id == id_of(referral), Claim.rule == rule, Claim.number == int(number))
    return session.exec(query).one_or_none()
