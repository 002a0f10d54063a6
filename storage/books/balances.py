"""What stands on each account, as of any moment; and the books booking by booking, for whoever checks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Executable, Integer, bindparam, func, or_, tuple_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.books.accounts import accounts_held_by
from domain.books.journal import Booked
from domain.working_days import day_of
from storage.books.ledger import Booking, LedgerEntry, entries_by_booking
from storage.columns import UtcDateTime
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


_BOOKINGS = (
    sa_select(
        *(col(Booking.id), col(Booking.name), col(Referral.reference), col(Booking.kind), col(Booking.rule)),
        *(col(Offer.pseudonym), col(AgreementVersion.agreement_id), col(AgreementVersion.version)),
        *(col(Booking.booked_at), col(Booking.entry_date), col(Booking.value_date)),
    )
    .join(Referral, col(Referral.id) == Booking.referral_id)
    .join(Offer, col(Offer.id) == Booking.offer_id)
    .join(
        AgreementVersion,
        col(AgreementVersion.id) == func.coalesce(Booking.agreement_version_id, Referral.agreement_version_id),
    )
    .limit(READ_AT_ONCE)
)
_UNDATED = _BOOKINGS.where(col(Booking.entry_date).is_(None), col(Booking.id) > bindparam("id")).order_by(
    col(Booking.id)
)
_day = bindparam("entry_date", type_=Date())
# The first condition is in the second one: by it the days that were read before are passed over in the index.
_DATED = _BOOKINGS.where(
    col(Booking.entry_date) >= _day,
    tuple_(col(Booking.entry_date), col(Booking.id)) > tuple_(_day, bindparam("id", type_=Integer())),
    col(Booking.entry_date) <= bindparam("until", type_=Date()),
).order_by(col(Booking.entry_date), col(Booking.id))


def all_booked(
    session: Session, *, after: date | None = None, until: date | None = None, held_by: str | None = None
) -> Iterator[Booked]:
    """Every booking by its day and then in the order in which they were made, a part of them in memory at a time.

    Those alone that were booked after one day and until another, the second included, and that touch an account of one
    party. A booking of an earlier version that does not say its day comes before every period.
    """
    theirs = () if held_by is None else (touches(held_by),)
    if after is None:
        yield from _pages(session, _UNDATED.where(*theirs), {"id": 0})
    first = after + timedelta(days=1) if after else date.min
    yield from _pages(session, _DATED.where(*theirs), {"entry_date": first, "id": 0, "until": until or date.max})


def _pages(session: Session, query: Executable, begin: dict[str, Any]) -> Iterator[Booked]:
    """What a query finds, page by page: each begins behind the last row of the page before it."""
    page = begin
    while rows := session.connection().execute(query, page).all():
        entries = entries_by_booking(session, [row.id for row in rows])
        for row in rows:
            entry_date = row.entry_date or day_of(row.booked_at)
            yield Booked(
                name=row.name or str(row.id),
                reference=row.reference,
                kind=row.kind,
                rule=row.rule,
                agreement=f"{row.agreement_id}/{row.version}",
                entry_date=entry_date,
                value_date=row.value_date or entry_date,
                entries=entries.get(row.id, ()),
                pseudonym=row.pseudonym,
            )
        page = page | {name: getattr(rows[-1], name) for name in ("entry_date", "id") if name in page}


_PERIOD = or_(
    col(Booking.entry_date).is_(None) & bindparam("first", type_=Date()).is_(None),
    col(Booking.entry_date).between(
        func.coalesce(bindparam("first", type_=Date()), date.min),
        func.coalesce(bindparam("last", type_=Date()), date.max),
    ),
)


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
    found = select(Booking.id).where(col(Booking.id).in_(reversed_ids), _PERIOD, touches(party)).limit(1)
    return session.exec(found, params=_period(after, until)).first() is not None


def _period(after: date | None, until: date | None) -> dict[str, date | None]:
    return {"first": after + timedelta(days=1) if after else None, "last": until}


def booked_in(after: date | None, until: date) -> ColumnElement[bool]:
    """The bookings that `all_booked` reads: after one day and until another, the second included."""
    if after is None:
        return or_(col(Booking.entry_date).is_(None), col(Booking.entry_date) <= until)
    return col(Booking.entry_date).between(after + timedelta(days=1), until)


def on_account_of(party: str) -> ColumnElement[bool]:
    """The entries on the accounts of a party."""
    account = col(LedgerEntry.account)
    begins = (account.startswith(start, autoescape=True) for start in accounts_held_by(party))
    return or_(account == party, *begins)


def touches(party: str) -> ColumnElement[bool]:
    """The bookings with an entry on an account of a party."""
    return col(Booking.id).in_(select(LedgerEntry.booking_id).where(on_account_of(party)))
