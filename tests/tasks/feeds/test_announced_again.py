"""When a home that we let is announced again, staff are asked whether its family has moved out; until then it waits."""

from datetime import timedelta

import pytest
from sqlmodel import select

from storage.attention import open_items
from storage.columns import id_of
from storage.referrals.referrals import Referral
from storage.staff.attention import deal_with
from storage.vacancies.vacancies import VacancyStanding
from tasks.feeds.ready_loads import apply_ready
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.feed_nights import OTHER, ROW, feed, night, standings
from tests.world.pushed_vacancies import TOKEN, body, sent
from tests.world.served import browsing, serving
from tests.world.world import World

BESIDE = OTHER | {"letting": "ordinary"}


def lived_in(world: World) -> None:
    """A family has moved in, and its home is no longer in the feed."""
    feed(world, ROW, BESIDE)
    night(world)
    world.flag(family())
    world.housed()
    feed(world, BESIDE)
    night(world)


def asked(world: World) -> list[tuple[str, int | None]]:
    with world.platform.database.reading() as session:
        items = open_items(session)
    return [(item.subject.partition(":")[0], item.referral_id) for item in items if item.code == "announced_while_let"]


def test_somebody_is_asked_once_and_the_home_is_offered_to_nobody(world: World):
    lived_in(world)
    assert asked(world) == []
    feed(world, ROW, BESIDE)
    for _ in range(3):
        night(world)

    (case,) = world.rows(select(Referral.id))
    assert asked(world) == [("announced", case)]
    assert standings(world)["havblik-1"] is VacancyStanding.LET


def test_who_answers_that_the_family_lives_there_is_not_asked_again_until_it_is_announced_anew(sqlite_world: World):
    lived_in(sqlite_world)
    feed(sqlite_world, ROW, BESIDE)
    night(sqlite_world)
    with sqlite_world.platform.database.writing() as session:
        (item,) = [item for item in open_items(session) if item.code == "announced_while_let"]
        deal_with(session, id_of(item), again=False, by="a test", now=sqlite_world.clock.now())
    night(sqlite_world)
    assert asked(sqlite_world) == []

    feed(sqlite_world, BESIDE)
    night(sqlite_world)
    feed(sqlite_world, ROW, BESIDE)
    night(sqlite_world)
    assert len(asked(sqlite_world)) == 1


@pytest.mark.parametrize("gone", [[BESIDE], [ROW | {"status": "let"}, BESIDE]])
def test_the_question_goes_when_the_home_vanishes_again(world: World, gone):
    lived_in(world)
    feed(world, ROW, BESIDE)
    night(world)
    feed(world, *gone)
    night(world)
    assert asked(world) == []
    assert standings(world)["havblik-1"] is VacancyStanding.LET


def test_who_records_the_move_has_answered_and_the_home_comes_onto_the_market(
    sqlite_world: World, monkeypatch, capsys, tmp_path
):
    world = sqlite_world
    lived_in(world)
    feed(world, ROW, BESIDE)
    night(world)
    moved = (world.clock.now() - timedelta(days=1)).date()
    tilflyt = CommandLine(world, monkeypatch, capsys, tmp_path)
    tilflyt("referral", "moved-out", "TF-2026-00001", "--on", str(moved), "--by", "Maria Hansen")
    assert asked(world) == []

    world.settle()
    night(world)
    assert standings(world)["havblik-1"] is VacancyStanding.AVAILABLE
    assert asked(world) == []


def test_a_home_whose_case_is_closed_meanwhile_needs_no_answer(sqlite_world: World):
    lived_in(sqlite_world)
    feed(sqlite_world, ROW, BESIDE)
    night(sqlite_world)
    sqlite_world.clock.move_on(timedelta(days=3000))
    sqlite_world.settle()
    night(sqlite_world)
    assert standings(sqlite_world)["havblik-1"] is VacancyStanding.AVAILABLE
    assert asked(sqlite_world) == []


def test_a_home_that_still_stands_in_a_feed_when_it_is_let_is_no_news(sqlite_world: World):
    feed(sqlite_world, ROW, BESIDE)
    night(sqlite_world)
    sqlite_world.flag(family())
    sqlite_world.housed()
    night(sqlite_world)
    assert asked(sqlite_world) == []


def test_what_is_sent_counts_as_what_is_fetched(sqlite_world: World, monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", TOKEN)
    world = sqlite_world
    feed(world, ROW, BESIDE)
    night(world)
    world.flag(family())
    world.housed()
    with serving(world) as origin, browsing(origin) as http:
        for number, status in enumerate(("let", "vacant", "vacant")):
            world.clock.move_on(timedelta(hours=1))
            sent(http, body(ROW | {"status": status}), key=f"k{number}")
            apply_ready(world.platform)
    assert len(asked(world)) == 1
    assert standings(world)["havblik-1"] is VacancyStanding.LET
