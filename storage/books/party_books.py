"""What a party reads of its own books beside its statements: its settled months and its claims."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from domain.books.claims import ClaimStanding
from domain.books.months import MONTHS_A_YEAR
from domain.books.netting import Payment
from domain.parties.party import PartyKind, is_a
from storage.books.claims import Claim, standing_of_claim
from storage.books.guarantees import guaranteed_by
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import id_of
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


def claims_of(session: Session, party: str) -> list[PartyClaim]:
    """The claims that a party has made or has to pay, newest first. An association knows a case by its pseudonym."""
    query = (
        select(Claim, Referral.reference, Offer.pseudonym)
        .join(Referral, col(Referral.id) == Claim.referral_id)
        .join(Offer, col(Offer.id) == Claim.offer_id)
        .order_by(col(Claim.id).desc())
    )
    of_association = is_a(party, PartyKind.ASSOCIATION)
    if of_association:
        query = query.where(Claim.claimant == party)
    found = []
    for claim, reference, pseudonym in session.exec(query).all():
        pays = claim.claimant != party
        if pays and guaranteed_by(session, claim).payer_of(claim.claimed) != party:
            continue
        standing = standing_of_claim(session, claim)
        known, ore = pseudonym if of_association else reference, -claim.amount_ore if pays else claim.amount_ore
        found.append(PartyClaim(known, claim.rule, claim.evidence_on, ore, standing))
        if len(found) == MOST_LISTED:
            break
    return found
