"""What stands on each account, as of any moment; and the books booking by booking, for whoever checks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from domain.books.booking import Entry
from domain.books.journal import Booked
from domain.working_days import day_of
from storage.books.ledger import Booking, LedgerEntry
from storage.columns import UtcDateTime, id_of
from storage.parties.agreements import AgreementVersion
from storage.referrals.referrals import Referral

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
    return [Balance(*row) for row in session.exec(_BALANCES, params={"as_of": as_of})]


_BOOKINGS = (
    select(Booking, Referral.reference, AgreementVersion.agreement_id, AgreementVersion.version)
    .join(Referral, col(Referral.id) == Booking.referral_id)
    .join(
        AgreementVersion,
        col(AgreementVersion.id) == func.coalesce(Booking.agreement_version_id, Referral.agreement_version_id),
    )
    .where(col(Booking.id) > bindparam("after"))
    .order_by(col(Booking.id))
    .limit(READ_AT_ONCE)
)


def all_booked(session: Session) -> Iterator[Booked]:
    """Every booking in the order in which they were made, a part of them in memory at a time."""
    after = 0
    while rows := session.exec(_BOOKINGS, params={"after": after}).all():
        entries = _entries(session, [id_of(booking) for booking, *_ in rows])
        for booking, reference, agreement, version in rows:
            entry_date = booking.entry_date or day_of(booking.booked_at)
            yield Booked(
                name=booking.name or str(booking.id),
                reference=reference,
                kind=booking.kind,
                rule=booking.rule,
                agreement=f"{agreement}/{version}",
                entry_date=entry_date,
                value_date=booking.value_date or entry_date,
                entries=entries[id_of(booking)],
            )
        after = id_of(rows[-1][0])


def _entries(session: Session, booking_ids: list[int]) -> dict[int, tuple[Entry, ...]]:
    query = select(LedgerEntry).where(col(LedgerEntry.booking_id).in_(booking_ids)).order_by(col(LedgerEntry.id))
    found: dict[int, tuple[Entry, ...]] = {}
    for row in session.exec(query):
        found[row.booking_id] = (*found.get(row.booking_id, ()), Entry(row.account, row.amount_ore))
    return found
