"""What a party reads of its own books beside its statements: its settled months and its claims."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from domain.books.claims import ClaimStanding, guarantee_called, paying_municipality, standing_of
from domain.books.months import MONTHS_A_YEAR
from domain.books.netting import Payment
from domain.parties.compensation.model import CompensationModel
from domain.parties.party import PartyKind, is_a
from storage.books.claims import Claim, ClaimAnswered
from storage.books.move_ins import MoveIn
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import id_of
from storage.parties.agreements import agreement_of
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer

MOST_MONTHS = 10 * MONTHS_A_YEAR
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class SettledMonth:
    """A month that is settled, and what a party pays and receives for it."""

    last_day: date
    made_at: datetime
    party: str
    payments: tuple[Payment, ...] = ()

    @property
    def total_ore(self) -> int:
        """What the party receives more than it pays, in øre."""
        return sum(one.amount_ore if one.payee == self.party else -one.amount_ore for one in self.payments)


@dataclass(frozen=True, slots=True)
class PartyClaim:
    """A claim that a party has made, in øre; negative when the party is the one that pays it."""

    reference: str
    rule: str
    evidence_on: date
    amount_ore: int
    standing: ClaimStanding


def settled_months(session: Session, party: str) -> list[SettledMonth]:
    """The months that are settled, newest first, with what a party pays and receives for each."""
    newest = select(Settlement).order_by(col(Settlement.last_day).desc()).limit(MOST_MONTHS)
    found = session.exec(newest).all()
    theirs = select(SettledPayment).where(
        col(SettledPayment.settlement_id).in_([id_of(one) for one in found]),
        (col(SettledPayment.payer) == party) | (col(SettledPayment.payee) == party),
    )
    payments: dict[int, list[Payment]] = defaultdict(list)
    for row in session.exec(theirs.order_by(col(SettledPayment.id))):
        payments[row.settlement_id].append(Payment(row.payer, row.payee, row.amount_ore))
    return [SettledMonth(one.last_day, one.made_at, party, tuple(payments[id_of(one)])) for one in found]


def settled_with(session: Session, last_day: date) -> date | None:
    """The month, by its last day, with which a month is settled: itself or a later one; None when it is not settled."""
    return session.exec(select(func.min(Settlement.last_day)).where(Settlement.last_day >= last_day)).one()


def settled_at(session: Session, last_day: date) -> datetime | None:
    """When a month was settled by itself; None when it was not, or together with a later one."""
    return session.exec(select(Settlement.made_at).where(Settlement.last_day == last_day)).first()


# A row for each answer, and one for a claim without any. Each move-in under a guarantee stands in `move_in`.
_CLAIMS = (
    sa_select(
        col(Claim.id),
        col(Claim.claimant),
        col(Claim.agreement_version_id),
        col(Claim.rule),
        col(Claim.evidence_on),
        col(Claim.amount_ore),
        col(Referral.reference),
        col(Referral.sending_municipality),
        col(Offer.pseudonym),
        col(MoveIn.moved_in_on),
        col(ClaimAnswered.answer),
    )
    .select_from(Claim)
    .join(Referral, col(Referral.id) == Claim.referral_id)
    .join(Offer, col(Offer.id) == Claim.offer_id)
    .join(MoveIn, col(MoveIn.offer_id) == Claim.offer_id)
    .join(ClaimAnswered, col(ClaimAnswered.claim_id) == Claim.id, isouter=True)
    .order_by(col(Claim.id).desc(), col(ClaimAnswered.number))
)


def claims_of(session: Session, party: str) -> list[PartyClaim]:
    """The claims that a party has made or has to pay, newest first. An association knows a case by its pseudonym."""
    of_association = is_a(party, PartyKind.ASSOCIATION)
    query = _CLAIMS.where(col(Claim.claimant) == party) if of_association else _CLAIMS
    found = []
    for _, rows in groupby(session.connection().execute(query), key=attrgetter("id")):
        answered = list(rows)
        claim = answered[0]
        pays = claim.claimant != party
        about = (claim.agreement_version_id, claim.rule)
        if pays and party != _payer(session, *about, sender=claim.sending_municipality, on=claim.moved_in_on):
            continue
        standing = standing_of([row.answer for row in answered if row.answer is not None])
        known = claim.pseudonym if of_association else claim.reference
        ore = -claim.amount_ore if pays else claim.amount_ore
        found.append(PartyClaim(known, claim.rule, claim.evidence_on, ore, standing))
        if len(found) == MOST_LISTED:
            break
    return found


def _payer(session: Session, version_id: int, rule: str, *, sender: str, on: date) -> str:
    """The party that answers a claim for a family that moved in on a day."""
    terms = agreement_of(session, version_id).compensation
    part = guarantee_called(terms, rule, moved_in_on=on)
    if part is None or not isinstance(terms, CompensationModel):
        raise ValueError("a claim under no guarantee")
    return paying_municipality(part, terms, sender)
