"""A month is settled once, from what was booked in it, and the next one takes up where it ended."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from domain.books.months import last_day_of_month
from domain.errors import Invalid
from domain.working_days import day_of
from storage.books.settlements import SettledPayment, Settlement, settle_month, statements_of
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tests.storage.books.model import two_housed_families
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)
NYBORG, ODENSE, HAVBLIK = "municipality:0450", "municipality:0461", "association:havblik"


def month_of(world: World) -> date:
    return last_day_of_month(day_of(world.clock.now()))


def settled(world: World, last_day: date) -> bool:
    with world.platform.database.writing() as session:
        return settle_month(session, last_day, by="regnskab", now=world.clock.now())


def payments(world: World) -> list[tuple[bool, str, str, int]]:
    rows = world.rows(select(SettledPayment).order_by(col(SettledPayment.id)))
    return [(row.netted, row.payer, row.payee, row.amount_ore) for row in rows]


def totals(world: World, last_day: date) -> dict[str, int]:
    with world.platform.database.reading() as session:
        return {party: one.total_ore for party, one in statements_of(session, last_day).items()}


def test_a_month_is_settled_once_and_everybody_is_paid_what_its_statement_says(world: World):
    last_day = month_of(world)
    with pytest.raises(Invalid, match="not over yet"):
        settled(world, last_day)
    world.clock.move_on(timedelta(days=40))

    assert settled(world, last_day)
    assert not settled(world, last_day)

    owed = totals(world, last_day)
    assert payments(world) == [(True, ODENSE, HAVBLIK, owed[HAVBLIK]), (True, ODENSE, NYBORG, owed[NYBORG])]
    assert owed[ODENSE] == -owed[HAVBLIK] - owed[NYBORG]


def test_what_is_booked_later_is_settled_with_its_own_month(world: World):
    first = month_of(world)
    world.clock.move_on(timedelta(days=40))
    settled(world, first)
    world.settle()
    second = month_of(world)
    before = totals(world, first)
    world.clock.move_on(timedelta(days=40))

    assert settled(world, second)

    assert totals(world, first) == before
    assert totals(world, second) == {NYBORG: 1_600_000, ODENSE: -1_600_000}
    with pytest.raises(Invalid, match="a later one is settled"):
        settled(world, first - timedelta(days=first.day))
    assert len(world.rows(select(Settlement))) == 2


def test_who_opted_out_is_settled_gross(world: World):
    with world.platform.database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.version == 2)).one()
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=3, settled_gross=("0450",))
        remember_agreement(session, agreement, now=world.clock.now())
    last_day = month_of(world)
    world.clock.move_on(timedelta(days=40))

    settled(world, last_day)

    assert [row[:3] for row in payments(world)] == [(True, ODENSE, HAVBLIK), (False, ODENSE, NYBORG)]
