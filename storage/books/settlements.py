"""Settlements: what the parties pay each other for the bookings of a closed period."""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from domain.books.accounts import holder
from domain.books.months import last_day_of_month
from domain.books.netting import Payment, settle
from domain.books.netting import Settlement as Settled
from domain.books.statement import Statement, claims_in, statements
from domain.errors import Invalid
from domain.parties.party import municipality
from storage.books.balances import accounts_booked, all_booked, booked_in, is_reversed, touches
from storage.books.bookkeeping.accepted import sides_of_bookings
from storage.books.periods import close_period
from storage.columns import UtcDateTime, id_of
from storage.parties.agreements import in_force


class Settlement(SQLModel, table=True):
    """A period that is settled, up to its last day; it begins where the one before ended. Append-only."""

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("last_day"), {"info": {"chained_as": "settlement"}})

    id: int | None = Field(default=None, primary_key=True)
    last_day: date
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


class SettledPayment(SQLModel, table=True):
    """What a party pays another by a settlement, in øre; netted among all, or gross between the two. Append-only."""

    __tablename__ = "settled_payment"
    __table_args__ = (
        UniqueConstraint("settlement_id", "netted", "payer", "payee"),
        {"info": {"chained_as": "settled_payment"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    settlement_id: int = Field(foreign_key="settlement.id")
    netted: bool
    payer: str
    payee: str
    amount_ore: int = Field(sa_type=BigInteger)


def settle_month(session: Session, last_day: date, *, by: str, now: datetime) -> bool:
    """Close a month, and settle what was booked up to its last day and not settled before; False when that was done.

    `Invalid` when the month is not over, or a later one is settled already.
    """
    close_period(session, last_day, by=by, now=now)
    before = session.exec(select(func.max(Settlement.last_day))).one()
    if before is not None and before >= last_day:
        if session.exec(select(Settlement).where(Settlement.last_day == last_day)).first() is None:
            raise Invalid("month", f"a later one is settled already, up to {before}")
        return False
    found = settle(
        (claim for one in all_booked(session, after=before, until=last_day) for claim in claims_in(one.entries)),
        opted_out=_opted_out(session, on=last_day),
    )
    row = Settlement(last_day=last_day, made_at=now, made_by=by)
    session.add(row)
    session.flush()
    for netted, payments in ((True, found.netted), (False, found.gross)):
        session.add_all(
            SettledPayment(
                settlement_id=id_of(row), netted=netted, payer=one.payer, payee=one.payee, amount_ore=one.amount_ore
            )
            for one in payments
        )
    return True


def statements_of(session: Session, last_day: date) -> dict[str, Statement]:
    """Every party's statement of a settled month; before it is settled, as it stands so far and without payments.

    `Invalid` when it is not a month's last day.
    """
    if last_day != last_day_of_month(last_day):
        raise Invalid("month", f"{last_day} is not the last day of its month")
    before = _settled_before(session, last_day)
    booked, sides = all_booked(session, after=before, until=last_day), booked_in(before, last_day)
    return statements(booked, _payments(session, last_day), sides_of_bookings(session, sides))


def statement_of(session: Session, last_day: date, party: str) -> Statement:
    """A party's statement of a settled month; one without lines when it has none."""
    before = _settled_before(session, last_day)
    booked = all_booked(session, after=before, until=last_day, held_by=party)
    sides = sides_of_bookings(session, booked_in(before, last_day), touches(party))
    return statements(booked, _payments(session, last_day), sides).get(party) or Statement(party, (), ())


def parties_of_month(session: Session, last_day: date) -> set[str]:
    """The parties on whose accounts something was booked in a settled month, and those that a payment names."""
    accounts = accounts_booked(session, after=_settled_before(session, last_day), until=last_day)
    paid = _payments(session, last_day)
    named = {party for one in (*paid.netted, *paid.gross) for party in (one.payer, one.payee)}
    return {holder(account) for account in accounts} | named


def is_corrected(session: Session, last_day: date, party: str, *, since: datetime) -> bool:
    """Whether a booking of a settled month, on an account of a party, was reversed after a moment."""
    return is_reversed(session, party, since=since, after=_settled_before(session, last_day), until=last_day)


def settled_months(session: Session) -> list[date]:
    """The last day of every settled month, oldest first."""
    return [row.last_day for row in session.exec(select(Settlement).order_by(col(Settlement.last_day)))]


def is_settled(session: Session, last_day: date) -> bool:
    """Whether a month is settled."""
    return session.exec(select(Settlement.id).where(Settlement.last_day == last_day)).first() is not None


def _settled_before(session: Session, last_day: date) -> date | None:
    """The last day of the settlement before a month's; None when there is none."""
    return session.exec(select(func.max(Settlement.last_day)).where(Settlement.last_day < last_day)).one()


def _payments(session: Session, last_day: date) -> Settled:
    query = (
        select(SettledPayment)
        .join(Settlement, col(Settlement.id) == SettledPayment.settlement_id)
        .where(Settlement.last_day == last_day)
        .order_by(col(SettledPayment.id))
    )
    rows = session.exec(query).all()
    return Settled(
        *(
            tuple(Payment(row.payer, row.payee, row.amount_ore) for row in rows if row.netted is netted)
            for netted in (True, False)
        )
    )


def _opted_out(session: Session, *, on: date) -> frozenset[str]:
    """The municipalities whom an agreement, in the version that holds on a day, has settled gross."""
    return frozenset(municipality(code) for one in in_force(session, on=on).values() for code in one.settled_gross)
