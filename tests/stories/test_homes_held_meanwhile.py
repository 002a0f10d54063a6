"""What a nightly sync and a push do to a home that is held for a family."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from domain.feeds.contract import FeedMode
from domain.ports.vacancy_feed import FeedMark
from domain.questions.question import Answer, QuestionKind
from storage.feeds import takeover
from storage.vacancies.vacancies import Vacancy, VacancyChange, reserve
from tasks.feeds import night as syncing
from tasks.feeds import ready_loads as applying
from tests.stories.crossing_nights import LET, VACANT, V, sends
from tests.world.families import family
from tests.world.feed_nights import OTHER, ROW, feed, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


@pytest.mark.parametrize("mode", [FeedMode.FULL, FeedMode.DELTA, None])
def test_a_home_that_is_told_let_while_a_family_holds_it_is_offered_to_nobody_else(sqlite_world: World, mode):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    if mode is None:
        sends(world, ROW | LET)
        applying.apply_ready(world.platform)
    else:
        feed(world, ROW | LET, mode=mode)
        night(world)
    assert standings(world)["havblik-1"] is V.RESERVED

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()

    assert standings(world)["havblik-1"] is V.WITHDRAWN


def test_a_home_that_was_told_let_by_mistake_and_then_vacant_again_is_let_go_as_ever(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    for row in (ROW | LET, ROW | VACANT):
        feed(world, row)
        night(world)

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()

    assert standings(world)["havblik-1"] is V.AVAILABLE


def test_what_changed_while_a_home_was_held_arrives_once_it_is_let_go(sqlite_world: World):
    world = sqlite_world
    feed(world, ROW)
    night(world)
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    feed(world, ROW | {"rent_monthly_ore": 800_000}, mark=FeedMark(etag='"7"'))
    night(world)

    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()
    night(world)

    assert world.rows(select(Vacancy.rent_monthly_ore)) == [800_000]


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("meanwhile", ["reserved", "let go"])
def test_history_and_change_agree_whatever_happens_between_them(world: World, monkeypatch, meanwhile: str):
    """On PostgreSQL only: on SQLite nobody else can write during a transaction."""
    feed(world, ROW, OTHER)
    night(world)
    (home,) = world.rows(select(Vacancy.id).where(Vacancy.external_id == "havblik-1"))
    if meanwhile == "let go":
        with world.platform.database.writing() as session:
            assert reserve(session, home or 0, until=world.clock.now() + timedelta(days=90))
    written = takeover._write_history

    def something_else() -> None:
        with world.platform.database.writing() as session:
            # A wait longer than this is a wait for this transaction, which would never end.
            session.execute(text("SET LOCAL lock_timeout = '500ms'"))
            if meanwhile == "reserved":
                reserve(session, home or 0, until=world.clock.now() + timedelta(days=5))
            else:
                session.execute(text("UPDATE vacancy SET standing = 'available', reserved_until = NULL"))

    def and_then(*given: object) -> int:
        found = written(*given)
        other = threading.Thread(target=quietly, args=(something_else,))
        other.start()
        other.join()
        return found

    monkeypatch.setattr(takeover, "_write_history", and_then)
    feed(world, ROW | {"rent_monthly_ore": 800_000}, OTHER | {"rent_monthly_ore": 810_000})
    night(world)

    (changed,) = world.rows(select(Vacancy.rent_monthly_ore).where(Vacancy.id == home))
    lines = world.rows(select(VacancyChange.field).where(VacancyChange.vacancy_id == home))
    assert (changed == 800_000) == bool(lines)


def quietly(deed: Callable[[], None]) -> None:
    """Do it; that the lock is refused is no error."""
    try:
        deed()
    except Exception as error:
        assert "lock timeout" in str(error)
