"""A family that moves in under a compensation model: what is booked on which day, and what a move-out corrects."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from domain.books.booking import BookingKind
from domain.errors import Invalid
from domain.referrals.lifecycle import Status
from domain.working_days import day_of
from storage.attention import AttentionItem
from storage.books.ledger import Booking, LedgerEntry, sum_ore
from storage.books.move_ins import MoveIn
from storage.books.periods import close_period, closed_until
from storage.books.verdict import book_differences
from storage.parties.agreements import AgreementVersion
from storage.referrals.referrals import Referral
from storage.staff.families.move_outs import record_move_out
from storage.vacancies.vacancies import Vacancy
from tests.storage.books.model import two_housed_families
from tests.world.feed_nights import feed, homes, night
from tests.world.kept import world_after
from tests.world.new_world import KEY
from tests.world.world import World

world = world_after(two_housed_families)


def booked(world: World, reference: str = "TF-2026-00001") -> list[tuple[str, str, int]]:
    case = world.referral(reference)
    rows = world.rows(select(Booking).where(Booking.referral_id == case.id).order_by(col(Booking.id)))
    return [(row.kind.value, row.rule, row.period) for row in rows]


def account(world: World, name: str, rule: str) -> int:
    query = select(LedgerEntry.amount_ore).join(Booking, col(Booking.id) == LedgerEntry.booking_id)
    return sum(world.rows(query.where(LedgerEntry.account == name, Booking.rule == rule)))


def differences(world: World) -> list[object]:
    with world.platform.database.reading() as session:
        return list(book_differences(session, now=world.clock.now()))


def days_pass(world: World, days: int) -> None:
    world.clock.move_on(timedelta(days=days))
    world.settle()


AT_ONCE = [("move_in", "reception", 0), ("month", "social_work", 1), ("move_in", "deposit_loan", 0)]


def test_a_move_in_books_each_part_by_its_rule_and_the_version_it_rests_on(world: World):
    assert booked(world) == AT_ONCE
    assert booked(world, "TF-2026-00002") == [*AT_ONCE, ("move_in", "staircase_received", 0)]
    assert account(world, "municipality:0450", "reception") == 2_250_000 + 2_500_000
    assert account(world, "rounding:0461", "reception") == 2
    assert account(world, "fund:0461/fyn", "social_work") == -2 * 400_000
    (version,) = world.rows(select(AgreementVersion.id).where(AgreementVersion.version == 2))
    assert {row.agreement_version_id for row in world.rows(select(Booking))} == {version}
    assert [(row.received_before, row.sent_before) for row in world.rows(select(MoveIn))] == [(0, 0), (1, 1)]
    assert differences(world) == []


def test_months_are_booked_on_their_day_each_once_and_the_loan_comes_back(world: World):
    days_pass(world, 31)
    days_pass(world, 1)
    assert booked(world) == [*AT_ONCE, ("month", "social_work", 2)]
    days_pass(world, 60)
    assert booked(world)[len(AT_ONCE) :] == [("month", "social_work", 2), ("month", "social_work", 3)]
    assert differences(world) == []
    days_pass(world, 250)
    assert booked(world)[-1] == ("repayment", "deposit_loan", 1)
    days_pass(world, 30)

    assert world.referral().status is Status.CLOSED
    assert account(world, "municipality:0461", "deposit_loan") == 0
    assert differences(world) == []
    posted = [posting for system in world.finance() for posting in system.postings.values()]
    assert (len(posted), sum(one.amount_ore for one in posted)) == (len(world.rows(select(LedgerEntry))), 0)
    assert len({(one.booking, one.account) for one in posted}) == len(posted)


def test_a_move_out_turns_back_what_is_not_earned_and_what_was_booked_for_later_days(world: World):
    moved_in_on = day_of(world.referral().status_since)
    days_pass(world, 64)
    with world.platform.database.writing() as session:
        told = {"told_key": KEY, "by": "maria", "now": world.clock.now()}
        case = world.referral()
        record_move_out(session, case.id or 0, on=moved_in_on + timedelta(days=40), **told)
    world.settle()

    assert booked(world) == [
        *AT_ONCE,
        ("month", "social_work", 2),
        ("month", "social_work", 3),
        ("reversal", "reception", 0),
        ("earned", "reception", 0),
        ("reversal", "deposit_loan", 0),
        ("reversal", "social_work", 3),
    ]
    assert world.referral().status is Status.CLOSED
    assert differences(world) == []
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
    days_pass(world, 100)
    assert len(booked(world)) == 9, "nothing more is due"


def test_a_closed_month_takes_no_booking_and_the_next_one_does(world: World):
    today = day_of(world.clock.now())
    days_pass(world, 40)
    last_day = today.replace(day=1) + timedelta(days=32)
    last_day = last_day.replace(day=1) - timedelta(days=1)
    with world.platform.database.writing() as session:
        assert close_period(session, last_day, by="regnskab", now=world.clock.now())
        assert not close_period(session, last_day, by="regnskab", now=world.clock.now())
        assert closed_until(session) == last_day
    first = world.rows(select(Booking).order_by(col(Booking.id)))[0]
    wrong = first.model_dump() | {"id": None, "kind": BookingKind.CLAIM, "entry_date": last_day}
    with pytest.raises(DBAPIError, match="not closed"), world.platform.database.writing() as session:
        session.add(Booking(**wrong))
        session.flush()

    days_pass(world, 30)
    assert differences(world) == []


@pytest.mark.parametrize(
    ("last_day", "why"), [(date(2026, 3, 30), "not the last day of its month"), (date(2030, 1, 31), "not over yet")]
)
def test_what_is_no_month_that_is_over_is_not_closed(world: World, last_day: date, why: str):
    with pytest.raises(Invalid, match=why), world.platform.database.writing() as session:
        close_period(session, last_day, by="regnskab", now=world.clock.now())


def children(world: World, count: int) -> None:
    with world.platform.database.writing() as session:
        case = session.get_one(Referral, world.referral().id)
        case.children = count
        session.add(case)


def test_the_same_charge_with_other_entries_is_refused_and_nothing_more_is_booked_until_it_is_put_right(world: World):
    days_pass(world, 1)
    children(world, 3)
    before = booked(world)
    days_pass(world, 31)

    assert booked(world) == before
    (item,) = world.rows(select(AttentionItem).where(AttentionItem.code == "booked_otherwise"))
    assert item.closed_at is None

    children(world, 1)
    days_pass(world, 1)
    assert booked(world) == [*before, ("month", "social_work", 2)]
    assert differences(world) == []


def test_what_a_feed_says_of_the_home_later_changes_nothing_that_was_booked(world: World):
    feed(world, *homes(2, department="Afdeling 12", rent_monthly_ore=900_000))
    night(world)
    feed(world, *homes(2, department="Afdeling 13"))
    night(world)
    assert {one.department for one in world.rows(select(Vacancy))} == {"Afdeling 13"}

    days_pass(world, 31)
    assert booked(world)[-1] == ("month", "social_work", 2)
    with world.platform.database.writing() as session:
        on = day_of(world.clock.now())
        record_move_out(session, world.referral().id or 0, on=on, told_key=KEY, by="maria", now=world.clock.now())

    departments = {one.account for one in world.rows(select(LedgerEntry)) if one.account.startswith("department:")}
    assert departments == {"department:havblik/Strandvænget"}
    assert differences(world) == []


def test_a_difference_is_found(world: World):
    days_pass(world, 70)
    children(world, 3)

    assert [str(one.difference.fault) for one in differences(world)] == ["other_amounts"]
