"""Vacancies that an association sends itself: taken in once, answered with their errors, applied by the worker."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier

import pytest
from sqlmodel import select

from domain.feeds.load import LoadStanding
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow, RowStanding
from storage.feeds.staging import StagedVacancy
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.ready_loads import apply_ready
from tests.world.feed_nights import ROW, feed, homes
from tests.world.pushed_vacancies import TOKEN, body, sent
from tests.world.served import browsing, serving


@pytest.fixture(autouse=True)
def havblik_may_send(monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", TOKEN)


def standings(world):
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def test_a_home_is_on_the_market_as_soon_as_it_is_sent_and_off_it_as_soon_as_it_is_let(world):
    with serving(world) as origin, browsing(origin) as http:
        told = sent(http, body(ROW))
        assert told.status_code == HTTPStatus.ACCEPTED
        assert told.json().items() >= {"outcome": "ready", "rows": 1, "good": 1, "wrong": []}.items()
        assert standings(world) == {}, "the endpoint writes staging alone"
        apply_ready(world.platform)
        assert standings(world) == {"havblik-1": VacancyStanding.AVAILABLE}

        world.clock.move_on(timedelta(hours=1))
        sent(http, body(ROW | {"status": "let"}), key="k2")
        apply_ready(world.platform)
        assert standings(world) == {"havblik-1": VacancyStanding.WITHDRAWN}


def test_a_night_that_was_begun_before_does_not_undo_what_was_sent(world):
    feed(world, *homes(2))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    with serving(world) as origin, browsing(origin) as http:
        sent(http, body(ROW | {"rent_monthly_ore": 650_000}))
    apply_ready(world.platform)
    asyncio.run(syncing.sync(world.platform, "havblik"))

    rents = dict(world.rows(select(Vacancy.external_id, Vacancy.rent_monthly_ore)))
    assert rents == {"havblik-1": 650_000, "havblik-2": 700_000}


def test_of_two_pushes_that_wait_the_later_one_counts(world):
    feed(world, *homes(2))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    world.clock.move_on(timedelta(hours=1))
    with serving(world) as origin, browsing(origin) as http:
        new = ROW | {"external_id": "new"}
        sent(http, body(new, ROW | {"rooms": 4}))
        sent(http, body(new | {"status": "let"}, ROW | {"rooms": 5}), key="k2")
    world.clock.move_on(timedelta(seconds=5))
    apply_ready(world.platform)

    assert standings(world)["new"] is VacancyStanding.WITHDRAWN
    assert world.rows(select(Vacancy.rooms).where(Vacancy.external_id == "havblik-1")) == [5]


def test_what_is_sent_while_a_night_is_on_its_way_stops_neither(world):
    feed(world, *homes(3, rent_monthly_ore=800_000))
    with serving(world) as origin, browsing(origin) as http:

        def meanwhile(_rows):
            world.clock.move_on(timedelta(seconds=1))
            assert sent(http, body(ROW | {"rent_monthly_ore": 650_000})).status_code == HTTPStatus.ACCEPTED
            apply_ready(world.platform)

        night = asyncio.run(syncing.sync(world.platform, "havblik", rows_seen=meanwhile))

    assert night.outcome is LoadStanding.APPLIED
    rents = dict(world.rows(select(Vacancy.external_id, Vacancy.rent_monthly_ore)))
    assert rents == {"havblik-1": 650_000, "havblik-2": 800_000, "havblik-3": 800_000}


def test_the_same_sent_again_is_told_the_same_and_done_once(sqlite_world, http):
    first, again = sent(http, body(ROW, {"rooms": 3})), sent(http, body(ROW, {"rooms": 3}))
    assert (first.status_code, first.json()) == (again.status_code, again.json())

    apply_ready(sqlite_world.platform)
    assert sent(http, body(ROW, {"rooms": 3})).json() == first.json() | {"outcome": "applied"}
    assert len(sqlite_world.rows(select(FeedLoad))) == 1


def test_another_body_under_the_same_key_is_refused(sqlite_world, http):
    sent(http, body(ROW))
    refused = sent(http, body(ROW | {"rooms": 4}))
    assert (refused.status_code, refused.json()["field"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "Idempotency-Key")


def test_the_same_sent_ten_times_at_the_same_instant_is_taken_in_once(world):
    gate = Barrier(10)
    with serving(world) as origin:

        def send(_):
            with browsing(origin) as http:
                gate.wait()
                return sent(http, body(ROW)).status_code

        with ThreadPoolExecutor(10) as threads:
            found = list(threads.map(send, range(10)))
    assert set(found) <= {HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}
    assert HTTPStatus.ACCEPTED in found
    assert len(world.rows(select(FeedLoad))) == 1
    assert len(world.rows(select(StagedVacancy))) == 1


def test_a_wrong_row_is_told_at_once_with_every_reason_and_the_others_go_on(sqlite_world, http):
    wrong = ROW | {"external_id": "havblik-2", "rooms": 0, "department": "Hr. Hemmelig Jensen+=\x00"}
    told = sent(http, body(ROW, wrong, "no row", ROW)).json()

    assert (told["rows"], told["good"]) == (4, 1)
    assert [one["row"] for one in told["wrong"]] == [2, 3, 4]
    assert [reason.partition(":")[0] for reason in told["wrong"][0]["reasons"]] == ["department", "rooms"]
    assert "Hemmelig" not in json.dumps(told)
    apply_ready(sqlite_world.platform)
    assert list(standings(sqlite_world)) == ["havblik-1"]

    sqlite_world.clock.move_on(timedelta(minutes=1))
    sent(http, body(ROW | {"external_id": "havblik-2"}), key="k2")
    apply_ready(sqlite_world.platform)
    kept = {row.external_id: row.standing for row in sqlite_world.rows(select(QuarantinedRow))}
    assert kept["havblik-2"] is RowStanding.CAME_RIGHT


def test_where_every_row_is_wrong_nothing_waits(sqlite_world, http):
    assert sent(http, body({"rooms": 3})).json()["outcome"] == LoadStanding.REFUSED
    assert apply_ready(sqlite_world.platform) == []


def test_sending_cannot_empty_the_market(world):
    feed(world, *homes(20))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    with serving(world) as origin, browsing(origin) as http:
        refused = sent(http, body(*homes(5, status="withdrawn")))

    assert (refused.status_code, refused.json()["why"]) == (HTTPStatus.CONFLICT, "vanishing")
    assert apply_ready(world.platform) == []
    assert set(standings(world).values()) == {VacancyStanding.AVAILABLE}
    with world.platform.database.reading() as session:
        assert [(item.subject, item.code) for item in open_items(session)] == [("push:havblik", "too_much_at_once")]


def test_sending_cannot_empty_the_market_home_by_home_either(world):
    feed(world, *homes(20))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    told = []
    with serving(world) as origin, browsing(origin) as http:
        for number, home in enumerate(homes(10, status="let")):
            world.clock.move_on(timedelta(minutes=1))
            told.append(sent(http, body(home), key=f"k{number}").status_code)
            if number % 2:  # Some wait for the worker and some are applied.
                apply_ready(world.platform)
    apply_ready(world.platform)

    assert told == [HTTPStatus.ACCEPTED] * 4 + [HTTPStatus.CONFLICT] * 6
    assert sorted(standings(world).values()).count(VacancyStanding.WITHDRAWN) == 4

    world.clock.move_on(timedelta(days=1))
    with serving(world) as origin, browsing(origin) as http:
        assert sent(http, body(ROW | {"external_id": "havblik-9", "status": "let"}), key="next-day").is_success


def test_a_refused_push_is_told_until_somebody_has_seen_it(world):
    feed(world, *homes(20))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    with serving(world) as origin, browsing(origin) as http:
        sent(http, body(*homes(5, status="withdrawn")))
    world.clock.move_on(timedelta(hours=1))
    asyncio.run(syncing.sync(world.platform, "havblik"))
    with world.platform.database.reading() as session:
        assert [item.subject for item in open_items(session)] == ["push:havblik"]


def test_a_row_that_cannot_be_written_down_costs_no_other(world):
    deep = {"rooms": 3}
    for _ in range(400):
        deep = {"x": deep}
    with serving(world) as origin, browsing(origin) as http:
        told = sent(http, body(ROW, deep, ROW | {"external_id": "a\x00b"}))
    assert (told.status_code, told.json()["good"]) == (HTTPStatus.ACCEPTED, 1)
