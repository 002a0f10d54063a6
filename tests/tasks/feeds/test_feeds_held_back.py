"""Feeds that are held back, and the loads that replace them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from domain.feeds.load import LoadStanding
from domain.ports.vacancy_feed import FeedMark
from storage.feeds.feeds import FeedLoad, feed_of
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import VacancyStanding
from tasks.feeds import night as syncing
from tests.world.clock import START
from tests.world.feed_nights import ROW, attention, feed, homes, night, standings
from tests.world.world import World


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def test_a_feed_that_shrinks_is_held_back_and_the_last_good_snapshot_stands(world: World):
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5))
    held = night(world)

    assert (held.outcome, held.why) == (LoadStanding.HELD, ("shrunk", "strangers"))
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    assert attention(world) == [("feed:havblik", "shrunk"), ("feed:havblik", "strangers")]
    with world.platform.database.reading() as session:
        assert feed_of(session, "havblik").last_good_at == START + timedelta(days=1)


def test_what_was_held_back_makes_room_for_the_next_night(world: World):
    for count in (20, 5, 5, 20):
        feed(world, *homes(count))
        night(world)

    assert [load.standing for load in world.rows(select(FeedLoad).order_by(FeedLoad.id))] == [
        LoadStanding.APPLIED,
        LoadStanding.SUPERSEDED,
        LoadStanding.SUPERSEDED,
        LoadStanding.APPLIED,
    ]
    assert world.rows(select(StagedVacancy)) == []
    assert attention(world) == []


def test_a_feed_whose_own_stamp_stands_still_for_days_asks_for_a_person(sqlite_world: World):
    written = FeedMark(generated_at=datetime(2026, 3, 3, 1, tzinfo=UTC))
    outcomes = []
    for _ in range(6):
        feed(sqlite_world, ROW, mark=written)
        outcomes.append(night(sqlite_world).why)
    assert outcomes == [(), (), (), (), ("standing_still",), ("standing_still",)]
