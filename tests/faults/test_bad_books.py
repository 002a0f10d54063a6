"""Bad input and faults of the books: each with what is expected of it, here or in the test that is named."""

import ast
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import select

from domain.books.booking import BookingKind, Entry
from domain.books.months import last_day_of_month
from domain.books.netting import MOST_ORE, net_positions
from domain.errors import Invalid
from domain.parties.compensation.model import CompensationTerms
from domain.working_days import day_of
from storage.books.ledger import Booking, book, sum_ore
from storage.books.settlements import Settlement, settle_month
from storage.books.verdict import book_differences
from storage.columns import id_of
from tests.storage.books.random_books import Books
from tests.storage.books.written_books import is_reversal
from tests.world.world import World

HERE = Path(__file__).parents[2]
TERMS = CompensationTerms(
    receiving_municipality_ore=4_500_000, housing_department_ore=1_200_000, reversed_within_days=180
)
# What may go wrong, and the test that has what is expected then; moments and amounts are below.
HELD_BY = {
    "two agreements for the same municipalities on the same days": (
        "tests/domain/parties/agreements/test_dates.py::test_a_pair_is_in_one_agreement_on_a_day"
    ),
    "parts whose dates overlap, shares that do not sum to one, negative amounts": (
        "tests/domain/parties/test_compensation_rules.py::test_a_model_that_cannot_be_booked_says_why"
    ),
    "plain amounts below zero or beyond 64 bits": (
        "tests/domain/parties/test_compensation_rules.py::test_terms_that_cannot_be_booked_say_why"
    ),
    "unknown parties, a missing legal basis": (
        "tests/deployments/parties/test_faults_with_lines.py::test_a_fault_names_file_line_and_reason_and_nothing_is_imported"
    ),
    "ceilings below what is already used": (
        "tests/deployments/cli/test_ceilings.py::test_a_ceiling_below_what_is_used_must_be_confirmed"
    ),
    "months of another length, and leap days in a plan": (
        "tests/domain/books/test_charges.py::test_a_month_that_is_shorter_has_its_last_day"
    ),
    "a month that is not over, or no month": (
        "tests/storage/books/test_move_ins.py::test_what_is_no_month_that_is_over_is_not_closed"
    ),
    "positions and payments beyond 64 bits": (
        "tests/domain/books/test_netting.py::test_what_is_no_claim_or_does_not_fit_is_refused_by_field_and_reason"
    ),
    "other entries under the same key": (
        "tests/storage/books/test_move_ins.py"
        "::test_the_same_charge_with_other_entries_is_refused_and_nothing_more_is_booked_until_it_is_put_right"
    ),
    "100 processes that book the same move-in": (
        "tests/faults/test_booked_at_once.py::test_a_hundred_processes_book_a_move_in_once"
    ),
    "a kill between any two statements": (
        "tests/faults/test_booked_at_once.py::test_whoever_is_killed_before_any_statement_leaves_nothing_or_all"
    ),
    "a kill at any moment of the path": (
        "tests/faults/test_killed_worker.py::test_a_worker_killed_twenty_times_loses_nothing_and_doubles_nothing"
    ),
    "an insider with SQL": "tests/storage/books/test_books.py::test_no_entry_is_added_to_an_old_booking",
    "a file on a bank holiday, a weekend or a night of another clock": (
        "tests/domain/books/test_posting_run.py::test_a_closed_day_is_moved_to_the_next_banking_day"
    ),
    "a finance system that is down at month's end": (
        "tests/tasks/books/test_months.py::test_a_silent_finance_system_delays_neither_the_settlement_nor_the_letters"
    ),
    "a month that ends on a holiday, and when it is settled": (
        "tests/tasks/books/test_months.py::test_the_month_before_is_settled_when_its_day_has_come"
    ),
    "answered twice, late, or with another amount": (
        "tests/domain/books/test_posting_life.py::test_what_is_known_after_an_answer"
    ),
    "never answered, and late": (
        "tests/tasks/books/test_postings.py"
        "::test_what_is_never_answered_is_a_persons_and_leaves_the_list_when_it_is_answered_late"
    ),
    "answered with another amount": ("tests/tasks/books/test_postings.py::test_another_amount_is_settled_by_a_person"),
    "reported back twice, never, late, or with another amount": (
        "tests/domain/books/test_reconciliation.py::test_what_stands_in_which_list"
    ),
}


@pytest.mark.parametrize("held", HELD_BY.values(), ids=HELD_BY.keys())
def test_what_holds_it_exists(held: str):
    file, _, name = held.partition("::")
    tree = ast.parse((HERE / file).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


# Each moment of a move-in, and the day of its entries in Copenhagen.
MOMENTS = {
    "the last second of a month": ("2026-03-31T21:59:59", date(2026, 3, 31)),
    "the first second of the next, while it is the old one in London": ("2026-03-31T22:00:00", date(2026, 4, 1)),
    "the last second of a year": ("2026-12-31T22:59:59", date(2026, 12, 31)),
    "the first second of the next": ("2026-12-31T23:00:00", date(2027, 1, 1)),
    "the hour before the clock is put forward": ("2026-03-29T00:30:00", date(2026, 3, 29)),
    "the hour after it": ("2026-03-29T01:30:00", date(2026, 3, 29)),
    "the hour that comes twice, at first": ("2026-10-25T00:30:00", date(2026, 10, 25)),
    "the hour that comes twice, once more": ("2026-10-25T01:30:00", date(2026, 10, 25)),
    "a leap day": ("2028-02-29T12:00:00", date(2028, 2, 29)),
    "the last hour of a leap day": ("2028-02-29T22:59:59", date(2028, 2, 29)),
    "a month that ends on a Sunday": ("2026-05-31T10:00:00", date(2026, 5, 31)),
    "a month that ends on Easter Sunday, as the clock is put forward": ("2030-03-31T00:30:00", date(2030, 3, 31)),
}


@pytest.mark.parametrize(("moment", "day"), MOMENTS.values(), ids=MOMENTS.keys())
def test_a_booking_is_of_its_day_in_copenhagen_and_its_correction_of_a_month_that_is_open(
    world: World, moment: str, day: date
):
    books = moved_in(world, f"{moment}+00:00")
    assert {one.entry_date for one in books.written()} == {day}

    closed = last_day_of_month(day)
    books.now += timedelta(days=32)
    settled(books, closed)
    (family,) = books.may_move_out()
    books.move_out(family, days_ago=30)

    reversal = next(filter(is_reversal, books.written()))
    assert (reversal.value_date, reversal.entry_date) == (day, day_of(books.now))
    assert reversal.entry_date > closed
    books.now += timedelta(days=32)
    settled(books, last_day_of_month(reversal.entry_date))
    (_, paid), (_, paid_back) = books.settled()
    assert [(one.payee, one.payer, one.amount_ore) for one in paid] == [
        (one.payer, one.payee, one.amount_ore) for one in sorted(paid_back, key=lambda one: one.payer)
    ]
    assert net_positions([*paid, *paid_back]) == {}
    with books.database.reading() as session:
        assert list(book_differences(session, now=books.now)) == []


def moved_in(world: World, moment: str) -> Books:
    books = Books(world.platform.database, now=datetime.fromisoformat(moment))
    books.agree("fyn", TERMS, frozenset())
    books.move_in("fyn", into=0, children=0, reserved_days=5, rent_ore=700_000)
    return books


def settled(books: Books, last_day: date) -> None:
    with books.database.writing() as session:
        assert settle_month(session, last_day, by="regnskab", now=books.now)


FITS, TOO_LARGE = True, False
AMOUNTS = {
    "the largest": (MOST_ORE, FITS),
    "one more": (MOST_ORE + 1, TOO_LARGE),
    "twice as much": (2 * MOST_ORE, TOO_LARGE),
    "what a float does not hold": (2**53 + 1, FITS),
}


@pytest.mark.parametrize(("ore", "fits"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_an_amount_is_held_to_the_ore_or_refused(world: World, ore: int, *, fits: bool):
    books = moved_in(world, "2026-03-02T09:00:00+00:00")
    before = books.written()
    if fits:
        claim(books, ore)
        assert books.written()[-1].entries == (Entry("municipality:0461", -ore), Entry("municipality:0430", ore))
        assert ore in {one.ore for one in books.balances(books.now)}
    else:
        with pytest.raises((DBAPIError, StatementError, OverflowError)):
            claim(books, ore)
        assert books.written() == before
    with books.database.reading() as session:
        assert sum_ore(session) == 0


def claim(books: Books, ore: int, rule: str = "claimed") -> None:
    with books.database.writing() as session:
        row = Booking(referral_id=1, offer_id=1, kind=BookingKind.CLAIM, rule=rule, booked_at=books.now)
        book(session, row, [Entry("municipality:0461", -ore), Entry("municipality:0430", ore)])
        assert id_of(row)


def test_a_month_whose_payments_do_not_fit_is_not_settled_and_nothing_of_it_stays(world: World):
    books = moved_in(world, "2026-03-02T09:00:00+00:00")
    claim(books, MOST_ORE)
    books.now += timedelta(days=40)

    with pytest.raises(Invalid, match="64 bits"):
        settled(books, date(2026, 3, 31))

    assert world.rows(select(Settlement)) == []
