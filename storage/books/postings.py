"""Bookings that are posted: each side goes to the finance system of the party that keeps its account."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from domain.books.accounts import posted_at
from domain.books.booking import Entry
from domain.books.charges import ChargeKey
from domain.parties import party
from domain.ports.finance import LedgerPosting
from domain.told_once import booking_name, posting_key
from domain.working_days import day_of
from storage.books.ledger import Booking, LedgerEntry, Made, NewBooking, book_all
from storage.outbox import Telling, put_once
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling


def book_and_post(
    session: Session, booking: Booking | NewBooking, entries: Iterable[Entry], *, told_key: bytes
) -> None:
    """Book, and post each side: a municipality's in its own system, the department's in the receiving municipality's.

    `told_key` is the vault's: the idempotency keys made from it keep any side from being posted twice.
    """
    book_and_post_all(session, [(booking, tuple(entries))], told_key=told_key)


def book_and_post_all(session: Session, made: Sequence[Made], *, told_key: bytes) -> None:
    """The same for several bookings of one offer."""
    if not made:
        return
    first, _ = made[0]
    offer = session.get_one(Offer, first.offer_id)
    receiver = party.municipality(dwelling(session, offer.vacancy_id).municipality)
    reference = session.get_one(Referral, first.referral_id).reference
    numbers, counted = _counted(session, first.referral_id), list[int]()
    for booking, _ in made:
        numbers[booking.key] += 1
        counted.append(numbers[booking.key])
        booking.name = booking_name(reference, _told_kind(booking), counted[-1])
    for (booking, sides), number, entry_ids in zip(made, counted, book_all(session, made), strict=True):
        for side, entry_id in zip(sides, entry_ids, strict=True):
            payee = posted_at(side.account, receiver=receiver)
            names = {"referral_id": booking.referral_id, "entry_id": entry_id}
            key = posting_key(told_key, posting_of(session, booking, side), number=number)
            put_once(session, Telling.POSTING, key=key, to=payee, lane=payee, now=booking.booked_at, **names)


_KEY = (col(Booking.kind), col(Booking.rule), col(Booking.period))
_COUNTED = sa_select(*_KEY, func.count()).where(col(Booking.referral_id) == bindparam("of")).group_by(*_KEY)


def _counted(session: Session, referral_id: int) -> Counter[ChargeKey]:
    """How many bookings of each kind, rule and period a case has."""
    found = session.connection().execute(_COUNTED, {"of": referral_id})
    return Counter({(kind, rule, period): count for kind, rule, period, count in found})


def posting_of(
    session: Session, booking: Booking | NewBooking, entry: LedgerEntry | Entry, *, account_string: str = ""
) -> LedgerPosting:
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


def _told_kind(booking: Booking | NewBooking) -> str:
    """A booking's kind as a finance system is told it, with its rule, and its month where there is one."""
    told = f"{booking.kind}/{booking.rule}" if booking.rule else str(booking.kind)
    return f"{told}/{booking.period}" if booking.period else told
