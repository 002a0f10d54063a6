"""Claims (krav) under an agreement's guarantees: who may claim what, by which evidence, and what an accepted one books.

The document itself stays at the claimant: its number there and its digest are enough to find and to check it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.books.booking import BookingKind
from domain.books.charges import Charge, MovedIn, entries_of_part, indexed, planned
from domain.errors import Invalid, TilflytError
from domain.parties.compensation.model import Compensation, CompensationModel
from domain.parties.compensation.parts import DepositLoan, Guarantee, Payee, Payer
from domain.parties.compensation.rules import LARGEST_ORE
from domain.parties.party import association, municipality
from domain.text.screening import holds_cpr_number

# A document's number, never a sentence or a name: no spaces, and at least one digit.
_NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9./_-]{0,39}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ClaimAnswer(StrEnum):
    """What was said to a claim: by the paying municipality, or by its claimant who withdraws it."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class ClaimNo(StrEnum):
    """Why a claim is declined."""

    EVIDENCE_MISSING = "evidence_missing"
    NOT_COVERED = "not_covered"
    AMOUNT_TOO_HIGH = "amount_too_high"


class ClaimStanding(StrEnum):
    """Where a claim rests. A CONFIRMED one has one yes, and waits for a second person."""

    MADE = "made"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# These are held against the cap: what is declined or withdrawn leaves room for others.
COUNTED = frozenset({ClaimStanding.MADE, ClaimStanding.CONFIRMED, ClaimStanding.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that shows a cost: its number at the claimant, its SHA-256 in hexadecimal digits, and its day."""

    number: str
    digest: str
    on: date


@dataclass(frozen=True, slots=True)
class GuaranteeClaim:
    """What a party claims under a guarantee for one family, in øre. The claimant's `key` makes it one claim."""

    claimant: str
    rule: str
    amount_ore: int
    evidence: Evidence
    key: str


@dataclass(frozen=True, slots=True)
class Room:
    """The cap of a guarantee in the prices of a day, and what is left of it, in øre."""

    cap_ore: int
    left_ore: int


class ClaimRefused(TilflytError):
    """A claim that breaks rules: all of them, each with its field."""

    code = "claim_refused"

    def __init__(self, faults: Sequence[Invalid]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


def guarantee_called(terms: Compensation, rule: str, *, moved_in_on: date) -> Guarantee | None:
    """The guarantee of a name that holds for a family that moved in on a day; None when there is none."""
    parts = terms.parts_on(moved_in_on) if isinstance(terms, CompensationModel) else ()
    return next((one for one in parts if isinstance(one, Guarantee) and one.rule == rule), None)


def faults_of_claim(
    claim: GuaranteeClaim, terms: Compensation, moved_in: MovedIn, *, counted: Sequence[GuaranteeClaim], today: date
) -> list[Invalid]:
    """Everything for which a claim is refused, each with its field; empty when it can be put to who pays.

    `counted` are the claims for the same family that are accepted or may still be.
    """
    found = [*_faults_as_written(claim, counted)]
    part = guarantee_called(terms, claim.rule, moved_in_on=moved_in.on)
    if part is None or not isinstance(terms, CompensationModel):
        return [*found, Invalid("rule", "is no guarantee that the agreement of the case has for this family")]
    if claim.claimant not in claimants(part, moved_in):
        found.append(Invalid("claimant", "is not whom this guarantee pays"))
    elif claim.claimant == paying_municipality(part, terms, moved_in.sender):
        found.append(Invalid("claimant", "pays this guarantee itself, and would answer its own claim"))
    last_day = moved_in.on + timedelta(days=part.claimed_within_days)
    if not moved_in.on <= claim.evidence.on <= last_day:
        found.append(Invalid("evidence_on", f"must lie between {moved_in.on} and {last_day}"))
    if claim.evidence.on > today:
        found.append(Invalid("evidence_on", "is in the future"))
    if claim.amount_ore > 0 and not entries_of_part(part, claim.amount_ore, model=terms, moved_in=moved_in):
        found.append(Invalid("amount_ore", "is rounded away where it is shared: nobody would pay or receive it"))
    left = room_of(part, terms, moved_in, counted=counted, on=claim.evidence.on).left_ore
    if claim.amount_ore > left:
        found.append(Invalid("amount_ore", f"only {left} øre are left of the guarantee"))
    return found


def _faults_as_written(claim: GuaranteeClaim, counted: Sequence[GuaranteeClaim]) -> Iterator[Invalid]:
    for field, number in (("evidence_number", claim.evidence.number), ("key", claim.key)):
        if not is_document_number(number):
            yield Invalid(field, "a number of at most 40 letters A to Z, digits and . / _ -, without spaces")
        elif holds_cpr_number(number):
            yield Invalid(field, "holds what may be a CPR number")
    if not is_digest(claim.evidence.digest):
        yield Invalid("evidence_digest", "the document's SHA-256 as 64 digits 0 to 9 and a to f")
    elif any(one.rule == claim.rule and one.evidence.digest == claim.evidence.digest for one in counted):
        yield Invalid("evidence_digest", "this document was claimed before")
    if not 1 <= claim.amount_ore <= LARGEST_ORE:
        yield Invalid("amount_ore", f"whole øre, from 1 to {LARGEST_ORE}")


def is_document_number(text: str) -> bool:
    """Whether a text has the form of a document's number: at most 40 signs without spaces, one of them a digit."""
    return _NUMBER.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether a text has the form of a SHA-256: 64 digits 0 to 9 and a to f."""
    return _DIGEST.fullmatch(text) is not None


def claimants(part: Guarantee, moved_in: MovedIn) -> frozenset[str]:
    """The parties whom a guarantee pays for a family: a housing department claims through its association."""
    parties = {
        Payee.RECEIVING_MUNICIPALITY: municipality(moved_in.receiver),
        Payee.HOUSING_DEPARTMENT: association(moved_in.association),
    }
    return frozenset(parties[one.who] for one in part.paid_to)


def paying_municipality(part: Guarantee, model: CompensationModel, sender: str) -> str:
    """The party that answers a claim: the sending municipality where it pays, else the keeper of the common fund."""
    pays_itself = any(one.who is Payer.SENDING_MUNICIPALITY for one in part.paid_by)
    return municipality(sender if pays_itself else model.fund_held_by or sender)


def room_of(
    part: Guarantee, model: CompensationModel, moved_in: MovedIn, *, counted: Sequence[GuaranteeClaim], on: date
) -> Room:
    """A guarantee's cap in the prices of a day, and what earlier claims leave of it and of the ceiling for a family.

    What the agreement has paid without any claim comes first under the ceiling, also what is not due yet.
    """
    cap = indexed(model, part.cap_ore, on)
    left = cap - sum(one.amount_ore for one in counted if one.rule == part.rule)
    if model.ceiling_ore is not None:
        loans = {one.rule for one in model.parts if isinstance(one, DepositLoan)}
        paid = sum(charge.amount_ore for charge in planned(model, moved_in) if charge.rule not in loans)
        left = min(left, model.ceiling_ore - paid - sum(one.amount_ore for one in counted))
    return Room(cap, max(left, 0))


def charge_of_claim(
    claim: GuaranteeClaim, number: int, terms: Compensation, moved_in: MovedIn, *, accepted_on: date
) -> Charge:
    """What an accepted claim books: its period is the claim's number among those of its case and rule."""
    part = guarantee_called(terms, claim.rule, moved_in_on=moved_in.on)
    if part is None or not isinstance(terms, CompensationModel):
        raise ValueError("a claim under no guarantee")
    entries = entries_of_part(part, claim.amount_ore, model=terms, moved_in=moved_in)
    return Charge(claim.rule, BookingKind.CLAIM, number, accepted_on, claim.amount_ore, entries, part.move_out)


def standing_of(answers: Sequence[ClaimAnswer]) -> ClaimStanding:
    """Where a claim rests after its answers, in their order."""
    match answers:
        case []:
            return ClaimStanding.MADE
        case [ClaimAnswer.WITHDRAWN]:
            return ClaimStanding.WITHDRAWN
        case [ClaimAnswer.YES]:
            return ClaimStanding.CONFIRMED
        case [ClaimAnswer.YES, ClaimAnswer.YES]:
            return ClaimStanding.ACCEPTED
        case _:
            return ClaimStanding.DECLINED
