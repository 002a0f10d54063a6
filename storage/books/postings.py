"""Bookings that are posted: each side goes to the finance system of the party that keeps its account."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func
from sqlmodel import Session, select

from domain.books.accounts import posted_at
from domain.books.booking import Entry
from domain.parties import party
from domain.ports.finance import LedgerPosting
from domain.told_once import booking_name, posting_key
from domain.working_days import day_of
from storage.books.ledger import Booking, LedgerEntry, book
from storage.outbox import Telling, put_once
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling


def book_and_post(session: Session, booking: Booking, entries: Iterable[Entry], *, told_key: bytes) -> None:
    """Book, and post each side: a municipality's in its own system, the department's in the receiving municipality's.

    `told_key` is the vault's: the idempotency keys made from it keep any side from being posted twice.
    """
    offer = session.get_one(Offer, booking.offer_id)
    receiver = party.municipality(dwelling(session, offer.vacancy_id).municipality)
    number = _number_of_next(session, booking)
    booking.name = booking_name(session.get_one(Referral, booking.referral_id).reference, _told_kind(booking), number)
    for row in book(session, booking, entries):
        payee = posted_at(row.account, receiver=receiver)
        names = {"referral_id": booking.referral_id, "entry_id": row.id}
        key = posting_key(told_key, posting_of(session, booking, row), number=number)
        put_once(session, Telling.POSTING, key=key, to=payee, lane=payee, now=booking.booked_at, **names)


_OF_KIND = select(func.count()).where(
    Booking.referral_id == bindparam("of"),
    *(getattr(Booking, name) == bindparam(name) for name in ("kind", "rule", "period")),
)


def _number_of_next(session: Session, booking: Booking) -> int:
    """The next booking's number among those of its kind, rule and period in its case."""
    of = {"of": booking.referral_id, "kind": booking.kind, "rule": booking.rule, "period": booking.period}
    return int(session.connection().execute(_OF_KIND, of).scalar_one()) + 1


def posting_of(session: Session, booking: Booking, entry: LedgerEntry, *, account_string: str = "") -> LedgerPosting:
    """One side of a booking as a finance system receives it."""
    return LedgerPosting(
        booking=booking.name or str(booking.id),
        reference=session.get_one(Referral, booking.referral_id).reference,
        account=entry.account,
        amount_ore=entry.amount_ore,
        booked_on=day_of(booking.booked_at),
        kind=_told_kind(booking),
        account_string=account_string,
    )


def _told_kind(booking: Booking) -> str:
    """A booking's kind as a finance system is told it, with its rule, and its month where there is one."""
    told = f"{booking.kind}/{booking.rule}" if booking.rule else str(booking.kind)
    return f"{told}/{booking.period}" if booking.period else told
