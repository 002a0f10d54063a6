"""An insider with SQL can add, replace or reverse nothing in the books, on both databases."""

import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from domain.books.booking import BookingKind, Entry
from domain.working_days import day_of
from storage.books.ledger import Booking, CompleteBooking, LedgerEntry, book, entries_of, sum_ore
from storage.books.move_ins import correct
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from tests.world.families import family
from tests.world.kept import file_of, world_after
from tests.world.new_world import KEY
from tests.world.world import World

ADD = "INSERT INTO ledger_entry (booking_id, account, amount_ore) VALUES ({booking}, 'municipality:0450', {ore})"
BOOK = (
    "INSERT INTO booking (referral_id, offer_id, kind, reverses_id, booked_at, entry_date)"
    " VALUES ({case}, {offer}, 'reversal', {reverses}, '2026-03-02 09:00:00+00:00', '2026-03-02')"
)


def two_housed_families(world: World) -> None:
    world.home()
    world.home()
    world.flag(family(1), family(2))
    world.housed()


world = world_after(two_housed_families)


def kept(world: World) -> tuple[list[object], list[object]]:
    return (
        [row.model_dump() for row in world.rows(select(Booking).order_by(col(Booking.id)))],
        [row.model_dump() for row in world.rows(select(LedgerEntry).order_by(col(LedgerEntry.id)))],
    )


def reversed_first(world: World) -> Booking:
    with world.platform.database.writing() as session:
        first = session.get_one(Booking, 1)
        referral, offer = session.get_one(Referral, first.referral_id), session.get_one(Offer, first.offer_id)
        day, later = day_of(world.clock.now()), world.clock.now() + timedelta(days=1)
        correct(session, referral, offer, moved_in_on=day, moved_out_on=day, told_key=KEY, now=later)
    return world.rows(select(Booking).where(Booking.kind == BookingKind.REVERSAL))[0]


def attacked(world: World, *statements: str) -> None:
    """Run an insider's statements in one transaction; nothing of it may stay."""
    before = kept(world)
    with pytest.raises(DBAPIError), world.platform.database.writing() as session:
        for statement in statements:
            session.execute(text(statement))
    assert kept(world) == before


def test_every_booking_of_ours_is_complete_and_sums_to_zero(world: World):
    reversed_first(world)

    assert world.rows(select(CompleteBooking.booking_id)) == [1, 2, 3]
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
        assert sum(entry.amount_ore for entry in entries_of(session, 3)) == 0


def test_no_entry_is_added_to_an_old_booking(world: World):
    attacked(world, ADD.format(booking=1, ore=5))
    # Nor a pair of entries with the sum 0.
    attacked(world, ADD.format(booking=1, ore=5), ADD.format(booking=1, ore=-5))
    attacked(world, ADD.format(booking=99, ore=5))


def test_a_booking_cannot_be_left_open_for_later(world: World):
    case, offer = world.rows(select(Booking))[0].referral_id, world.rows(select(Booking))[0].offer_id
    attacked(world, BOOK.format(case=case, offer=offer, reverses=1))


def test_a_booking_that_does_not_sum_to_zero_is_not_complete(world: World):
    first = world.rows(select(Booking).order_by(col(Booking.id)))[0]
    booked = BOOK.format(case=first.referral_id, offer=first.offer_id, reverses=first.id)
    attacked(world, booked, ADD.format(booking=3, ore=5), "INSERT INTO complete_booking VALUES (3)")


def test_a_reversal_books_what_was_booked_and_nothing_else(world: World):
    first = world.rows(select(Booking).order_by(col(Booking.id)))[0]
    with pytest.raises(DBAPIError, match="undo its booking"), world.platform.database.writing() as session:
        twice = [Entry(side.account, -2 * side.amount_ore) for side in entries_of(session, 1)]
        wrong = first.model_dump() | {"id": None, "kind": BookingKind.REVERSAL, "reverses_id": first.id}
        book(session, Booking(**wrong), twice)
    assert len(world.rows(select(Booking))) == 2


def test_a_reversal_is_not_reversed(world: World):
    reversal = reversed_first(world)
    other = world.rows(select(Booking).where(Booking.referral_id != reversal.referral_id))[0]

    done = "INSERT INTO complete_booking SELECT MAX(id) FROM booking"
    attacked(world, BOOK.format(case=other.referral_id, offer=other.offer_id, reverses=reversal.id), done)
    attacked(world, BOOK.format(case=reversal.referral_id, offer=reversal.offer_id, reverses=reversal.id), done)


def test_a_reversal_is_of_the_same_offer_and_a_booking_of_its_own_case(world: World):
    one, other = world.rows(select(Booking).order_by(col(Booking.id)))

    with (
        pytest.raises(DBAPIError, match="reverses one of its bookings alone"),
        world.platform.database.writing() as session,
    ):
        session.execute(text(BOOK.format(case=one.referral_id, offer=one.offer_id, reverses=other.id)))
    with pytest.raises(DBAPIError, match="the case of its offer"), world.platform.database.writing() as session:
        session.execute(text(BOOK.format(case=other.referral_id, offer=one.offer_id, reverses=one.id)))


def test_whoever_waits_beside_an_open_transaction_adds_nothing_to_its_booking(world: World):
    """On PostgreSQL a statement may begin before a booking is seen, and end after."""
    if world.platform.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    slow = (
        "WITH added AS (INSERT INTO ledger_entry (booking_id, account, amount_ore)"
        " VALUES (3, 'municipality:0450', 5), (3, 'municipality:0450', -5) RETURNING id)"
        " SELECT pg_sleep(2) FROM (SELECT COUNT(*) FROM added) AS all_of_them"
    )
    refused: list[DBAPIError] = []

    def insider() -> None:
        try:
            with world.platform.database.writing() as session:
                session.execute(text(slow))
        except DBAPIError as error:
            refused.append(error)

    waiting = threading.Thread(target=insider)
    waiting.start()
    time.sleep(0.5)  # The rows are written by then, while the statement goes on.
    reversal = reversed_first(world)
    waiting.join()

    assert reversal.id == 3
    assert len(refused) == 1
    assert len(world.rows(select(LedgerEntry).where(LedgerEntry.booking_id == 3))) == 3


def test_a_temporary_table_of_the_same_name_fools_nobody(world: World):
    attacked(world, "CREATE TEMPORARY TABLE complete_booking (booking_id INTEGER)", _into_the_books(world, 5))


def _into_the_books(world: World, ore: int) -> str:
    schema = "main" if world.platform.database.is_sqlite else "public"
    return ADD.format(booking=1, ore=ore).replace("INTO ledger_entry", f"INTO {schema}.ledger_entry")


REPLACED = ("booking", "ledger_entry", "complete_booking", "history_line", "vault_opening", "release", "audit_event")


@pytest.mark.parametrize("table", REPLACED)
def test_sqlite_replaces_nothing_that_was_written(sqlite_world: World, table: str):
    """INSERT OR REPLACE deletes conflicting rows without firing delete triggers."""
    two_housed_families(sqlite_world)
    # An insider with the file can leave the foreign keys off.
    with closing(sqlite3.connect(file_of(sqlite_world))) as insider:
        before = insider.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # names from above
        assert before
        for change in ("INSERT OR REPLACE INTO {0} SELECT * FROM {0}", "REPLACE INTO {0} SELECT * FROM {0} LIMIT 1"):
            with pytest.raises(sqlite3.IntegrityError, match=r"append-only|no more entries"):
                insider.execute(change.format(table))
        insider.rollback()
        assert insider.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608  # names from above


def test_sqlite_replaces_nothing_by_another_key_either(sqlite_world: World):
    two_housed_families(sqlite_world)
    with (
        closing(sqlite3.connect(file_of(sqlite_world))) as insider,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        insider.execute(
            "REPLACE INTO booking (referral_id, offer_id, kind, reverses_id, booked_at, entry_date)"
            " SELECT referral_id, offer_id, kind, reverses_id, '2020-01-01', '2020-01-01' FROM booking"
        )


def test_sqlite_without_foreign_keys_takes_no_entry_for_a_booking_that_is_yet_to_come(sqlite_world: World):
    two_housed_families(sqlite_world)
    with (
        closing(sqlite3.connect(file_of(sqlite_world))) as insider,
        pytest.raises(sqlite3.IntegrityError, match="no more"),
    ):
        insider.execute(ADD.format(booking=3, ore=5))
