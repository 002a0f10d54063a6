"""What stands on each account, as of any moment; and the books booking by booking, for whoever checks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, bindparam, func, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.books.accounts import accounts_held_by
from domain.books.journal import Booked
from domain.working_days import day_of
from storage.books.ledger import Booking, LedgerEntry, entries_by_booking
from storage.columns import UtcDateTime, id_of
from storage.parties.agreements import AgreementVersion
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer

READ_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account for a purpose, in øre; `rule` is empty for the plainest terms."""

    account: str
    rule: str
    ore: int


_BALANCES = (
    select(LedgerEntry.account, Booking.rule, func.sum(LedgerEntry.amount_ore))
    .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
    .where(col(Booking.booked_at) <= bindparam("as_of", type_=UtcDateTime()))
    .group_by(LedgerEntry.account, Booking.rule)
    .order_by(LedgerEntry.account, Booking.rule)
)


def balances(session: Session, *, as_of: datetime) -> list[Balance]:
    """Every balance at a moment: what was booked later is left out."""
    return [Balance(account, rule, int(ore)) for account, rule, ore in session.exec(_BALANCES, params={"as_of": as_of})]


_PERIOD = or_(
    col(Booking.entry_date).is_(None) & bindparam("first", type_=Date()).is_(None),
    col(Booking.entry_date).between(
        func.coalesce(bindparam("first", type_=Date()), date.min),
        func.coalesce(bindparam("last", type_=Date()), date.max),
    ),
)
_BOOKINGS = (
    sa_select(
        Booking,
        col(Referral.reference),
        col(Offer.pseudonym),
        col(AgreementVersion.agreement_id),
        col(AgreementVersion.version),
    )
    .join(Referral, col(Referral.id) == Booking.referral_id)
    .join(Offer, col(Offer.id) == Booking.offer_id)
    .join(
        AgreementVersion,
        col(AgreementVersion.id) == func.coalesce(Booking.agreement_version_id, Referral.agreement_version_id),
    )
    .where(col(Booking.id) > bindparam("after"), _PERIOD)
    .order_by(col(Booking.id))
    .limit(READ_AT_ONCE)
)


def all_booked(
    session: Session, *, after: date | None = None, until: date | None = None, held_by: str | None = None
) -> Iterator[Booked]:
    """Every booking in the order in which they were made, a part of them in memory at a time.

    Those alone that were booked after one day and until another, the second included, and that touch an account of one
    party. A booking of an earlier version that does not say its day comes before every period.
    """
    query = _BOOKINGS if held_by is None else _BOOKINGS.where(_touches(held_by))
    period = _period(after, until)
    last = 0
    while rows := session.execute(query, {"after": last, **period}).all():
        entries = entries_by_booking(session, [id_of(booking) for booking, *_ in rows])
        for booking, reference, pseudonym, agreement, version in rows:
            entry_date = booking.entry_date or day_of(booking.booked_at)
            yield Booked(
                name=booking.name or str(booking.id),
                reference=reference,
                kind=booking.kind,
                rule=booking.rule,
                agreement=f"{agreement}/{version}",
                entry_date=entry_date,
                value_date=booking.value_date or entry_date,
                entries=entries.get(id_of(booking), ()),
                pseudonym=pseudonym,
            )
        last = id_of(rows[-1][0])


def accounts_booked(session: Session, *, after: date | None, until: date) -> set[str]:
    """The accounts on which something was booked after one day and until another, the second included."""
    joined = select(LedgerEntry.account).join(Booking, col(Booking.id) == LedgerEntry.booking_id)
    return set(session.exec(joined.where(_PERIOD).distinct(), params=_period(after, until)))


def is_reversed(session: Session, party: str, *, since: datetime, after: date | None, until: date) -> bool:
    """Whether a booking of a period on an account of a party was reversed after a moment."""
    reversal = aliased(Booking)
    reversed_ids = select(reversal.reverses_id).where(
        reversal.booked_at > since, col(reversal.reverses_id).is_not(None)
    )
    found = select(Booking.id).where(col(Booking.id).in_(reversed_ids), _PERIOD, _touches(party)).limit(1)
    return session.exec(found, params=_period(after, until)).first() is not None


def _period(after: date | None, until: date | None) -> dict[str, date | None]:
    return {"first": after + timedelta(days=1) if after else None, "last": until}


def _touches(party: str) -> ColumnElement[bool]:
    """The bookings with an entry on an account of a party."""
    account = col(LedgerEntry.account)
    begins = (account.startswith(start, autoescape=True) for start in accounts_held_by(party))
    of_party = or_(account == party, *begins)
    return col(Booking.id).in_(select(LedgerEntry.booking_id).where(of_party))
