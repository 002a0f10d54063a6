"""The work of the books, and the bare statements with which it is compared."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from datetime import time as hour
from typing import NamedTuple

from sqlmodel import select

from domain.books.charges import Charge, MovedIn, planned
from domain.books.months import last_day_of_month, months_later
from domain.parties.agreement import Agreement
from domain.told_once import booking_name
from domain.working_days import COPENHAGEN
from storage.books.ledger import NewBooking, book_all
from storage.books.move_ins import book_move_in
from storage.books.settlements import SettledPayment, settle_month
from storage.database import Database
from storage.referrals.referrals import lock
from storage.vacancies.offers import binding_offer
from tests.benchmarks.bare_statements import Plain, Value
from tests.benchmarks.denmark import AGREEMENT, Placement
from tests.world.new_world import KEY

# The tables in which a move-in leaves rows, each with its key, in the order in which rows may name one another.
TABLES = {
    "move_in": "id",
    "booking": "id",
    "ledger_entry": "id",
    "complete_booking": "booking_id",
    "outbox": "id",
    "chained_states": "id",
}
OF_THE_BOOKS = ("booking", "ledger_entry", "complete_booking")
BOOKINGS_AT_ONCE = 500
Row = tuple[str, dict[str, Value]]
Rows = dict[str, list[dict[str, Value]]]


def timed(deed: Callable[[], object]) -> float:
    """The seconds that a deed takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def move_in(database: Database, some: Iterable[Placement]) -> None:
    """Book and post some move-ins, each in a transaction of its own, as the path does."""
    for one in some:
        with database.writing() as session:
            referral, offer = lock(session, one.number), binding_offer(session, one.number)
            if referral is None or offer is None:
                raise LookupError("a family without a home")
            book_move_in(session, referral, offer, told_key=KEY, now=one.moment)


def ends(plain: Plain) -> dict[str, int]:
    """The last key of each table."""
    found = {}
    for table, key in TABLES.items():
        plain.cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")  # noqa: S608  # our own names
        found[table] = int((plain.cursor.fetchone() or (0,))[0])
    return found


def rows_since(plain: Plain, since: dict[str, int], tables: Iterable[str] = TABLES) -> Rows:
    """Every row that came to some tables since, as the driver reads it."""
    found = {}
    for table in tables:
        key = TABLES[table]
        plain.cursor.execute(f"SELECT * FROM {table} WHERE {key} > {since[table]} ORDER BY {key}")  # noqa: S608  # the same
        names = [column[0] for column in plain.cursor.description or ()]
        found[table] = [dict(zip(names, map(_plain, row), strict=True)) for row in plain.cursor.fetchall()]
    return found


def _plain(value: Value) -> Value:
    return json.dumps(value) if isinstance(value, dict) else value


def by_move_in(rows: Rows) -> list[list[Row]]:
    """The rows of each move-in's transaction. A case, its offer and its home have one number."""
    of_booking = {row["id"]: row["offer_id"] for row in rows["booking"]}
    found: dict[Value, list[Row]] = defaultdict(list)
    for table in ("move_in", *OF_THE_BOOKS, "outbox"):
        for row in rows[table]:
            of = of_booking[row["booking_id"]] if "booking_id" in row else row.get("offer_id") or row["referral_id"]
            found[of].append((table, row))
    for some, states in zip(found.values(), rows["chained_states"], strict=True):
        some.append(("chained_states", states))
    return list(found.values())


def by_number(rows: Rows) -> list[list[Row]]:
    """The rows of the books, as many bookings in a transaction as ours."""
    place = {row["id"]: nth // BOOKINGS_AT_ONCE for nth, row in enumerate(rows["booking"])}
    found: dict[int, list[Row]] = defaultdict(list)
    for table in OF_THE_BOOKS:
        for row in rows[table]:
            found[place[row["booking_id"] if "booking_id" in row else row["id"]]].append((table, row))
    return list(found.values())


def bare_inserts(plain: Plain, transactions: Iterable[Iterable[Row]]) -> None:
    """Insert rows, one statement each."""
    for rows in transactions:
        with plain.transaction():
            for table, row in rows:
                plain.insert(table, **row)


class Charged(NamedTuple):
    """A charge of a placement."""

    charge: Charge
    of: Placement


def charged(terms: Agreement, those: Iterable[Placement]) -> list[Charged]:
    """Every charge of some placements, by the agreement's rules, in the order of days."""
    found = [Charged(charge, one) for one in those for charge in planned(terms.compensation, _moved_in(one))]
    return sorted(found, key=lambda one: (one.charge.value_date, one.of.number))


def _moved_in(one: Placement) -> MovedIn:
    return MovedIn(
        agreement=AGREEMENT,
        sender=one.sender,
        receiver=one.receiver,
        association="havblik",
        department=f"Afdeling {one.number % 40}",
        on=one.on,
        reserved_on=date.fromordinal(one.on.toordinal() - 20),
        rent_monthly_ore=632_000 + one.number % 1_000,
        children=one.number % 4,
    )


def book(database: Database, those: Sequence[Charged]) -> None:
    """Book charges on their days, many in a transaction."""
    for first in range(0, len(those), BOOKINGS_AT_ONCE):
        with database.writing() as session:
            book_all(session, [(_booking(one), one.charge.entries) for one in those[first : first + BOOKINGS_AT_ONCE]])


def _booking(one: Charged) -> NewBooking:
    charge, reference = one.charge, f"TF-{one.of.on.year}-{one.of.number:05}"
    told = f"{charge.kind}/{charge.rule}" + (f"/{charge.period}" if charge.period else "")
    return NewBooking(
        referral_id=one.of.number,
        offer_id=one.of.number,
        kind=charge.kind,
        rule=charge.rule,
        period=charge.period,
        name=booking_name(reference, told, 1),
        booked_at=datetime.combine(charge.value_date, hour(9), COPENHAGEN),
        value_date=charge.value_date,
        agreement_version_id=1,
    )


class Month(NamedTuple):
    """A month that was settled: its bookings, the seconds of booking and of settling them, and its netted payments."""

    bookings: int
    booked_s: float
    settled_s: float
    payments: int


def years(database: Database, every: Iterable[Charged], *, months: int, first: date) -> list[Month]:
    """Book and settle one month after the other."""
    of_month: dict[date, list[Charged]] = defaultdict(list)
    for one in every:
        of_month[last_day_of_month(one.charge.value_date)].append(one)
    found = []
    for number in range(months):
        last_day = last_day_of_month(months_later(first, number))
        those = of_month[last_day]
        booked_s = timed(lambda these=those: book(database, these))
        settled_s = timed(lambda day=last_day: settle(database, day))
        with database.reading() as session:
            netted = select(SettledPayment.id).where(SettledPayment.settlement_id == number + 1, SettledPayment.netted)
            found.append(Month(len(those), booked_s, settled_s, len(session.exec(netted).all())))
    return found


def settle(database: Database, last_day: date) -> None:
    """Close a month and settle it, the day after it ended."""
    now = datetime.combine(months_later(last_day, 1), hour(9), COPENHAGEN)
    with database.writing() as session:
        settle_month(session, last_day, by="regnskab", now=now)
