"""The books on the command line: checked, closed, and handed to somebody with a program of their own."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import realization
from sqlmodel import select

from domain.books.booking import BookingKind, Entry
from domain.books.journal import account_name
from domain.working_days import COPENHAGEN, day_of
from storage.books.ledger import Booking, book
from tests.storage.books.model import two_housed_families
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def days_pass(world: World, days: int) -> None:
    world.clock.move_on(timedelta(days=days))
    world.settle()


def test_beancount_accepts_the_journal_and_comes_to_the_same_balances(world: World, tilflyt: CommandLine):
    days_pass(world, 40)

    said = json.loads(tilflyt("ledger", "export", "books.beancount", "--json"))
    entries, errors, _ = loader.load_file(str(tilflyt.folder / "books.beancount"))

    assert errors == []
    assert said["bookings"] == 9
    theirs = realization.realize(entries)
    for one in json.loads(tilflyt("ledger", "balances", "--json")):
        found = realization.get(theirs, account_name(one["account"], one["rule"]))
        assert found.balance.get_currency_units("DKK").number == Decimal(one["ore"]) / 100
    assert "Opdigtet" not in (tilflyt.folder / "books.beancount").read_text()


def test_balances_are_those_of_the_day_that_is_asked_for(world: World, tilflyt: CommandLine):
    before = day_of(world.clock.now())
    days_pass(world, 40)

    then = json.loads(tilflyt("ledger", "balances", "--as-of", str(before), "--json"))
    now = json.loads(tilflyt("ledger", "balances", "--json"))

    work = {"account": "municipality:0450", "rule": "social_work"}
    assert work | {"ore": 1_600_000} in then
    assert work | {"ore": 3_200_000} in now
    assert sum(one["ore"] for one in then) == 0 == sum(one["ore"] for one in now)


def test_a_day_ends_before_the_midnight_of_the_next_one_also_the_calendars_last(world: World, tilflyt: CommandLine):
    (first,) = {one.booked_at for one in world.rows(select(Booking).where(Booking.id == 1))}
    midnight = datetime.combine(day_of(first) + timedelta(days=1), time.min, COPENHAGEN)
    with world.platform.database.writing() as session:
        claimed = Booking(referral_id=1, offer_id=1, kind=BookingKind.CLAIM, rule="late", booked_at=midnight)
        book(session, claimed, [Entry("municipality:0461", -7), Entry("municipality:0450", 7)])

    def rules(day: date) -> set[str]:
        return {one["rule"] for one in json.loads(tilflyt("ledger", "balances", "--as-of", str(day), "--json"))}

    assert "late" not in rules(day_of(first))
    assert "late" in rules(day_of(midnight)) & rules(date.max)
    assert rules(date.min) == set()


def test_books_that_are_right_are_said_to_be(tilflyt: CommandLine):
    assert "Every booking is what its agreement says" in tilflyt("ledger", "verify")


def test_a_booking_that_the_agreement_does_not_say_is_named(world: World, tilflyt: CommandLine):
    with world.platform.database.writing() as session:
        case = session.get_one(type(world.referral()), world.referral().id)
        case.children = 3
        session.add(case)

    told = json.loads(tilflyt("ledger", "verify", "--json", code=1))

    assert told["holds"] is False
    assert told["differences"] == [
        {"case": "TF-2026-00001", "difference": "other_amounts", "kind": "move_in", "rule": "reception", "month": 0}
    ]


def test_a_month_is_closed_once_and_not_before_it_is_over(world: World, tilflyt: CommandLine):
    month = f"{world.clock.now():%Y-%m}"
    assert "is not over yet" in tilflyt("ledger", "close", month, "--by", "Regnskab", code=1)
    days_pass(world, 40)

    assert "Closed up to" in tilflyt("ledger", "close", month, "--by", "Regnskab")
    assert "It was closed before" in tilflyt("ledger", "close", month, "--by", "Regnskab")
    assert "must be written as 2026-03" in tilflyt("ledger", "close", "marts", code=1)


def test_a_month_is_settled_and_each_party_reads_why(world: World, tilflyt: CommandLine):
    month, nyborg = f"{world.clock.now():%Y-%m}", ("--party", "municipality:0450")
    days_pass(world, 40)

    told = json.loads(tilflyt("settlement", "make", month, "--by", "Regnskab", "--json"))
    again = tilflyt("settlement", "make", month)
    one = json.loads(tilflyt("settlement", "show", month, *nyborg, "--csv", "nyborg.csv", "--json"))

    assert (told["newly"], told["settled"]) == (True, True)
    assert "it was settled before" in again
    assert [line["rule"] for line in one["statements"][0]["lines"]].count("social_work") == 2
    first, *rows = (tilflyt.folder / "nyborg.csv").read_text(encoding="utf-8-sig").splitlines()
    assert first == "Part;Sag;Regel;Aftale;Bilag;Valør;Beløb;Postering;Tæller"
    assert rows[0].startswith("municipality:0450;TF-2026-00001;reception;fyn/2;TF-2026-00001/move_in/reception;")
    assert rows[0].endswith(";22500,00;Godkendt på begge sider;22500,00")
    assert len(rows) == len(one["statements"][0]["lines"])
    assert "has no line" in tilflyt("settlement", "show", month, "--party", "municipality:0101", code=1)
