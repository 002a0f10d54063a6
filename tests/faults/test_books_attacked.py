"""Books as somebody tries them who wants them to be wrong: each deed, and what the books say after it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from domain.books.booking import BookingKind, Entry
from domain.books.compensation import guarantee_ends
from domain.books.months import last_day_of_month
from domain.parties.compensation.model import Compensation, CompensationModel, CompensationTerms
from domain.parties.compensation.parts import (
    ArrearsGuarantee,
    DepositLoan,
    MonthlyStep,
    MoveOut,
    Reception,
    SocialWork,
    Stair,
    Staircase,
)
from domain.referrals.lifecycle import Status
from domain.working_days import day_of
from storage.books.ledger import Booking, book
from storage.books.move_ins import MoveIn
from storage.books.settlements import SettledPayment, settle_month, statements_of
from storage.books.verdict import book_differences
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.referrals.history import HistoryLine
from tests.storage.books.random_books import Books
from tests.world.world import World

TERMS = CompensationTerms(4_500_000, 1_200_000, 180)
BY_THE_DAY = Reception(per_family_ore=4_000_001, per_child_ore=3, move_out=MoveOut.EARNED_BY_DAY)
MONTHLY = SocialWork(steps=(MonthlyStep(2, 800_001), MonthlyStep(1, 1)))
LOAN = DepositLoan(amount_ore=1, repaid_after_months=1)


def model(*parts: object) -> CompensationModel:
    return CompensationModel(365, parts, fund_held_by="0461")  # type: ignore[arg-type]  # any part


def moved_in(world: World, terms: Compensation, moment: str = "2026-03-02T09:00:00+00:00") -> Books:
    books = Books(world.platform.database, now=datetime.fromisoformat(moment))
    books.agree("fyn", terms, frozenset())
    moves_in(books)
    return books


def moves_in(books: Books, agreement: str = "fyn") -> None:
    books.move_in(agreement, into=0, children=2, reserved_days=5, rent_ore=700_000)


def wrong(books: Books) -> list[str]:
    with books.database.reading() as session:
        found = [one.difference for one in book_differences(session, now=books.now)]
    return [f"{one.fault} {one.kind} {one.rule}" for one in found]


def stands(books: Books) -> list[tuple[str, str, int]]:
    return [(one.kind.value, one.rule, one.period) for one in books.written()]


# Each with what a move-out after 40 days leaves, where nothing but the move-in was booked before it was recorded.
LEFT: dict[str, tuple[Compensation, list[tuple[str, str, int]]]] = {
    "what is earned by the day": (
        model(BY_THE_DAY),
        [("move_in", "reception", 0), ("reversal", "reception", 0), ("earned", "reception", 0)],
    ),
    "a month that was due while the family lived there and not booked": (
        model(MONTHLY),
        [("month", "social_work", 1), ("month", "social_work", 2)],
    ),
    "a loan that had come back by then": (
        model(LOAN),
        [("move_in", "deposit_loan", 0), ("repayment", "deposit_loan", 1)],
    ),
    "nothing but a guarantee that nobody called on": (model(ArrearsGuarantee(cap_ore=1)), []),
    "amounts of nothing": (CompensationTerms(0, 0, 180), []),
    "a part of later days": (model(replace(BY_THE_DAY, first_day=date(2027, 1, 1))), []),
    "a staircase on which nobody stands": (model(Staircase(receiving_share={"0430": 9}, sending_share={})), []),
    "the plainest terms": (TERMS, [("move_in", "", 0), ("reversal", "", 0)]),
}


@pytest.mark.parametrize(("terms", "left"), LEFT.values(), ids=LEFT.keys())
def test_a_move_out_that_nobody_booked_ahead_of_comes_to_the_same(
    sqlite_world: World, terms: Compensation, left: list[tuple[str, str, int]]
):
    books = moved_in(sqlite_world, terms)
    books.now += timedelta(days=50)

    books.move_out(books.families[0], days_ago=10)

    assert stands(books) == left
    assert wrong(books) == []


def test_a_home_that_somebody_moved_out_of_on_the_day_of_the_move_in_earns_nothing(sqlite_world: World):
    books = moved_in(sqlite_world, model(BY_THE_DAY))

    books.move_out(books.families[0], days_ago=0)

    assert stands(books) == [("move_in", "reception", 0), ("reversal", "reception", 0)]
    assert {one.ore for one in books.balances(books.now)} == {0}
    assert wrong(books) == []


# A moment of moving in, and the guarantee's last day in Copenhagen after 180 days.
LAST_DAYS = {
    "a quarter past midnight in summer": ("2026-06-30T22:15:00+00:00", date(2026, 12, 28)),
    "half past eleven in the evening in winter": ("2026-01-10T22:30:00+00:00", date(2026, 7, 9)),
    "noon": ("2026-03-02T11:00:00+00:00", date(2026, 8, 29)),
    "a leap day": ("2028-02-29T12:00:00+00:00", date(2028, 8, 27)),
    "an hour that is left out 180 days later": ("2026-09-30T00:30:00+00:00", date(2027, 3, 29)),
}


@pytest.mark.parametrize(("moment", "last_day"), LAST_DAYS.values(), ids=LAST_DAYS.keys())
def test_the_guarantee_ends_on_the_same_day_whatever_the_clock_does_meanwhile(moment: str, last_day: date):
    moved_in_at = datetime.fromisoformat(moment)

    assert day_of(guarantee_ends(moved_in_at, TERMS)) == last_day == day_of(moved_in_at) + timedelta(days=180)


# The last second of a month in UTC, with the clock put forward or back in that month, and a second later.
ENDS = {
    "March, in which the clock was put forward": "2026-03-31T21:59:59+00:00",
    "October, in which it was put back": "2026-10-31T22:59:59+00:00",
    "March that ends as it is put forward": "2030-03-31T21:59:59+00:00",
    "February with a leap day": "2028-02-29T22:59:59+00:00",
    "a year": "2026-12-31T22:59:59+00:00",
}


@pytest.mark.parametrize("moment", ENDS.values(), ids=ENDS.keys())
def test_what_is_booked_in_the_last_second_of_a_month_is_settled_with_it_and_a_second_later_with_the_next(
    sqlite_world: World, moment: str
):
    books = moved_in(sqlite_world, TERMS, moment)
    last_day = day_of(books.now)
    assert last_day == last_day_of_month(last_day)
    books.now += timedelta(seconds=1)
    # The month may be closed as soon as it is over, and takes nothing more.
    with books.database.writing() as session:
        assert settle_month(session, last_day, by="regnskab", now=books.now)
    moves_in(books)
    books.now += timedelta(days=33)
    next_one = last_day_of_month(last_day + timedelta(days=1))
    with books.database.writing() as session:
        assert settle_month(session, next_one, by="regnskab", now=books.now)

    with books.database.reading() as session:
        lines = [statements_of(session, month)["municipality:0461"].lines for month in (last_day, next_one)]
    assert [[line.reference for line in of_month] for of_month in lines] == [["TF-2026-00001"], ["TF-2026-00002"]]
    assert wrong(books) == []


def test_the_stairs_count_the_families_of_the_year_under_earlier_terms_too(sqlite_world: World):
    books = moved_in(sqlite_world, TERMS, "2026-12-31T22:59:59+00:00")
    books.now += timedelta(seconds=1)
    moves_in(books)
    stairs = Staircase(receiving_share={"0430": 1}, received=(Stair(100, 10_000),), sent=())
    books.agree("fyn", model(stairs), frozenset())
    moves_in(books)

    assert stands(books) == [("move_in", "", 0), ("move_in", "", 0), ("move_in", "staircase_received", 0)]
    (row,) = sqlite_world.rows(select(MoveIn))
    assert (row.received_before, row.sent_before) == (1, 1), "of the new year alone"
    assert wrong(books) == []


def test_who_opts_out_from_a_later_day_is_netted_until_then(sqlite_world: World):
    books = moved_in(sqlite_world, TERMS)
    with books.database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.version == 2)).one()
        later = replace(AGREEMENTS.validate_json(kept.document), version=3, valid_from=date(2026, 4, 1))
        remember_agreement(session, replace(later, settled_gross=("0430",)), now=books.now)
    books.now += timedelta(days=30)
    moves_in(books)
    books.now += timedelta(days=35)
    for last_day in (date(2026, 3, 31), date(2026, 4, 30)):
        with books.database.writing() as session:
            assert settle_month(session, last_day, by="regnskab", now=books.now)

    paid = sqlite_world.rows(select(SettledPayment).where(SettledPayment.payee == "municipality:0430"))
    assert [one.netted for one in paid] == [True, False]


def unlike(**changes: object) -> Callable[[Session, Books], None]:
    def attack(session: Session, books: Books) -> None:
        facts = books.written()[0].facts | {"booked_at": books.now} | changes
        book(session, Booking(**facts), [Entry("municipality:0461", -1), Entry("municipality:0430", 1)])

    return attack


def by_hand(column: str, value: str) -> Callable[[Session, Books], None]:
    def attack(session: Session, books: Books) -> None:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER booking_no_update")
        connection.exec_driver_sql(f"UPDATE booking SET {column} = ?", (value,))  # noqa: S608  # our own names

    return attack


FOUND: dict[str, tuple[Callable[[Session, Books], None], str]] = {
    "a claim that nobody made": (unlike(kind=BookingKind.CLAIM, rule="repairs"), "unexpected claim repairs"),
    "what was earned without a move-out": (unlike(kind=BookingKind.EARNED), "unexpected earned "),
    "one more month": (unlike(kind=BookingKind.MONTH, period=1), "unexpected month "),
    "another day for which it is due": (by_hand("value_date", "2026-03-03"), "other_day move_in "),
    "another version of the agreement": (by_hand("agreement_version_id", "1"), "other_version move_in "),
}


@pytest.mark.parametrize(("attack", "said"), FOUND.values(), ids=FOUND.keys())
def test_a_booking_that_no_agreement_says_is_found(
    sqlite_world: World, attack: Callable[[Session, Books], None], said: str
):
    books = moved_in(sqlite_world, TERMS)
    with books.database.writing() as session:
        attack(session, books)

    assert wrong(books) == [said]


def test_a_booking_for_a_family_that_has_not_moved_in_is_found(sqlite_world: World):
    books = moved_in(sqlite_world, TERMS)
    with books.database.writing() as session:
        session.connection().exec_driver_sql("DROP TRIGGER history_line_no_update")
        for line in session.exec(select(HistoryLine).where(HistoryLine.to_status == Status.HOUSED)):
            line.to_status = Status.ACCEPTED
            session.add(line)

    assert wrong(books) == ["unexpected move_in "]
