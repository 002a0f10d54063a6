"""What staff decide on the pages about feeds, rows and words."""

from http import HTTPStatus

import pytest
from sqlmodel import select

from domain.feeds.load import LoadStanding
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FieldMapping
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.ready_loads import apply_ready
from tests.approval_api.drift.feeds_shown import kept
from tests.world.feed_nights import ROW, feed, homes, night
from tests.world.operators import act, hold_back, look, sitting
from tests.world.served import browsing, serving, words


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def standings(world):
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def test_a_feed_that_is_held_back_is_shown_with_its_difference_and_used_when_somebody_says_so(world):
    number = hold_back(world)
    cookie = sitting(world)
    with serving(world) as origin, browsing(origin) as http:
        said = words(look(http, "/drift/feeds/havblik", cookie))
        assert (
            "Den har 6 rækker, 1 af dem har fejl. Bruges den, kommer 0 boliger til, 0 ændres, og 15 forsvinder." in said
        )
        assert "Forsvinder havblik-20 Strandvænget" in said
        assert "rent_monthly_ore skal mindst være 50000" in said

        done = act(http, "/drift/feeds/havblik", cookie, deed="accept", number=number)
        assert (done.status_code, done.headers["location"]) == (
            HTTPStatus.SEE_OTHER,
            "/drift/feeds/havblik?done=accept",
        )
        assert "Listen bliver brugt om et øjeblik." in words(look(http, done.headers["location"], cookie))
        again = act(http, "/drift/feeds/havblik", cookie, deed="refuse", number=number)
        assert "En anden kom først" in words(again)

    load = world.rows(select(FeedLoad).where(FeedLoad.id == number))[0]
    assert (load.standing, load.decided_by) == (LoadStanding.READY, "operator:drift/vagt")
    assert [one.outcome for one in apply_ready(world.platform)] == [LoadStanding.APPLIED]
    with world.platform.database.reading() as session:
        assert open_items(session) == []


def test_a_feed_that_is_refused_leaves_what_was_known(sqlite_world, http):
    number = hold_back(sqlite_world)
    act(http, "/drift/feeds/havblik", sitting(sqlite_world), deed="refuse", number=number)
    apply_ready(sqlite_world.platform)
    assert set(standings(sqlite_world).values()) == {VacancyStanding.AVAILABLE}
    assert len(standings(sqlite_world)) == 20


def test_a_decision_about_a_feed_that_a_newer_night_replaced_is_not_taken(sqlite_world, http):
    number = hold_back(sqlite_world)
    night(sqlite_world)
    refused = act(http, "/drift/feeds/havblik", sitting(sqlite_world), deed="accept", number=number)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "en nyere nat har afløst det" in words(refused)


def test_a_word_is_mapped_its_rows_are_judged_again_and_the_home_is_on_the_market(sqlite_world, http):
    feed(sqlite_world, *homes(3), ROW | {"external_id": "stue", "floor": "stuen"})
    night(sqlite_world)
    cookie, here = sitting(sqlite_world), "/drift/feeds/havblik"
    row = kept(sqlite_world)[0].id

    assert "Rækken har stadig fejl" in words(act(http, here, cookie, deed="replay", number=row))
    act(http, here, cookie, deed="map", field="floor", written=" stuen ", meant="0")
    assert act(http, here, cookie, deed="replay", number=row).status_code == HTTPStatus.SEE_OTHER
    apply_ready(sqlite_world.platform)

    assert standings(sqlite_world)["stue"] is VacancyStanding.AVAILABLE
    assert kept(sqlite_world) == []
    mapping = sqlite_world.rows(select(FieldMapping))[0]
    assert (mapping.by, mapping.written) == ("operator:drift/vagt", "stuen")
    act(http, here, cookie, deed="forget", number=mapping.id)
    assert sqlite_world.rows(select(FieldMapping)) == []


def test_a_row_that_was_dropped_by_mistake_is_taken_back(sqlite_world, http):
    feed(sqlite_world, *homes(3), ROW | {"external_id": "stue", "floor": "stuen"})
    night(sqlite_world)
    cookie, here = sitting(sqlite_world), "/drift/feeds/havblik"
    row = kept(sqlite_world)[0].id
    act(http, here, cookie, deed="drop", number=row)
    assert kept(sqlite_world) == []
    assert "Fortryd" in words(look(http, here, cookie))
    act(http, here, cookie, deed="take_back", number=row)
    assert [one.id for one in kept(sqlite_world)] == [row]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Vælg, hvad der skal ske"),
        ({"deed": "explode"}, "Vælg, hvad der skal ske"),
        ({"deed": "accept"}, "En anden kom først"),
        ({"deed": "accept", "number": "9" * 30}, "En anden kom først"),
        ({"deed": "drop", "number": "١"}, "En anden kom først"),
        ({"deed": "drop", "number": "-1"}, "En anden kom først"),
        ({"deed": "take_back", "number": "1"}, "En anden kom først"),
        ({"deed": "forget", "number": "1"}, "En anden kom først"),
        ({"deed": "map", "field": "floor"}, "Skriv både"),
        ({"deed": "map", "field": "floor", "written": "x" * 121, "meant": "0"}, "Skriv både"),
        ({"deed": "map", "field": "external_id", "written": "a", "meant": "b"}, "Feltet kan ikke læses om"),
        ({"deed": "map", "field": "nothing", "written": "a", "meant": "b"}, "Feltet kan ikke læses om"),
    ],
)
def test_what_cannot_be_done_is_said(sqlite_world, http, form, said):
    answer = act(http, "/drift/feeds/havblik", sitting(sqlite_world), **form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in words(answer)


def test_a_row_is_decided_about_on_its_own_associations_page_alone(sqlite_world, http):
    feed(sqlite_world, ROW | {"floor": "stuen"})
    night(sqlite_world)
    row = kept(sqlite_world)[0].id
    for deed in ("drop", "replay"):
        refused = act(http, "/drift/feeds/kloeverlykken", sitting(sqlite_world), deed=deed, number=row)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert len(kept(sqlite_world)) == 1
