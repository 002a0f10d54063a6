"""What a party reads of its own books beside its statements: its settled months, its claims, and what was refused."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from domain.books.accounts import holder
from domain.books.booking import BookingKind
from domain.books.months import MONTHS_A_YEAR
from domain.books.netting import Payment
from domain.parties.party import PartyKind, is_a
from storage.books.ledger import Booking, LedgerEntry, entries_by_booking
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import id_of
from storage.outbox import OutboxRow, OutboxStanding, Telling
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
class Approval:
    """A person at a party who has approved a month."""

    party: str
    name: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class PartyClaim:
    """A claim that is booked on a party's accounts, in øre; negative when the party pays it."""

    reference: str
    rule: str
    value_date: date
    amount_ore: int


@dataclass(frozen=True, slots=True)
class RefusedPosting:
    """A side of a booking that a party's finance system has refused; `why` is the code of the reason."""

    reference: str
    kind: BookingKind
    rule: str
    amount_ore: int
    why: str
    refused_at: datetime


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


def approvals_of(session: Session, party: str, last_day: date) -> Sequence[Approval]:  # noqa: ARG001  # a place for them
    """Who has approved a month in which a party has a statement. Nobody is asked yet."""
    return ()


def claims_of(session: Session, party: str) -> list[PartyClaim]:
    """The claims that are booked on a party's accounts, newest first. An association knows a case by its pseudonym."""
    query = (
        select(Booking, Referral.reference, Offer.pseudonym)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .join(Offer, col(Offer.id) == Booking.offer_id)
        .where(Booking.kind == BookingKind.CLAIM)
        .order_by(col(Booking.id).desc())
    )
    rows = session.exec(query).all()
    entries = entries_by_booking(session, [id_of(booking) for booking, *_ in rows])
    of_association = is_a(party, PartyKind.ASSOCIATION)
    found = []
    for booking, reference, pseudonym in rows:
        ore = sum(one.amount_ore for one in entries[id_of(booking)] if holder(one.account) == party)
        if ore and booking.value_date:
            known = pseudonym if of_association else reference
            found.append(PartyClaim(known, booking.rule, booking.value_date, ore))
    return found[:MOST_LISTED]


def refused_postings(session: Session, party: str) -> list[RefusedPosting]:
    """What a party's finance system has refused and not taken since, newest first."""
    query = (
        select(OutboxRow, LedgerEntry.amount_ore, Booking, Referral.reference)
        .join(LedgerEntry, col(LedgerEntry.id) == OutboxRow.entry_id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .where(
            OutboxRow.telling == Telling.POSTING,
            OutboxRow.addressee == party,
            OutboxRow.standing == OutboxStanding.REFUSED,
        )
        .order_by(col(OutboxRow.id).desc())
        .limit(MOST_LISTED)
    )
    return [
        RefusedPosting(
            reference=reference,
            kind=booking.kind,
            rule=booking.rule,
            amount_ore=amount_ore,
            why=row.last_error or "",
            refused_at=row.ended_at or row.created_at,
        )
        for row, amount_ore, booking, reference in session.exec(query)
    ]
