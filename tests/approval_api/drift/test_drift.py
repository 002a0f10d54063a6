"""The operations page: who sees it, what it shows, and what is decided on it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import count

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from approval_api.drift.orders import DEEDS
from deployments.demo.world import SUBSTANTIAL
from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.party import Login
from domain.questions.question import QuestionKind
from storage.attention import open_items
from storage.feeds import quarantine
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FieldMapping
from storage.parties.partners import partner_of, remember_partner
from tasks.feeds import night as syncing
from tests.approval_api.drift.feeds_shown import kept
from tests.world.feed_nights import ROW, feed, homes, night
from tests.world.logging_in import SECRET, Hand, provider
from tests.world.operators import OPERATOR, act, hold_back, look, sitting
from tests.world.served import FORM, ask_all, browsing, serving, words

RUN = "5b0c1d6e-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def test_whoever_runs_the_platform_logs_in_and_sees_it(sqlite_world):
    with provider(vagt={}) as issuer:
        login = Login(issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,))
        with sqlite_world.platform.database.writing() as session:
            known = partner_of(session, OPERATOR)
            remember_partner(session, replace(known, login=login), now=sqlite_world.clock.now())
        with serving(sqlite_world) as origin, browsing(origin) as http:
            hand = Hand(http)
            first = hand.go("/drift")
            assert first.status_code == HTTPStatus.FORBIDDEN
            way = BeautifulSoup(first.text, "html.parser").select_one("main a")["href"]
            seen = hand.log_in(hand.go(way), "vagt")
            assert seen.url.path == "/drift"
            assert "Kræver et menneske" in words(seen)
            assert hand.go("/logout", form={}).url.path == "/mine"
            assert hand.go("/drift").status_code == HTTPStatus.FORBIDDEN


def test_how_many_wrong_rows_are_counted_and_not_kept_stands_beside_those_that_are(sqlite_world, http, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST_A_DAY", 3)
    feed(sqlite_world, *homes(10, rooms=0))
    night(sqlite_world)
    cookie = sitting(sqlite_world, OPERATOR, "vagt")

    assert "+ 7 ikke gemt" in words(look(http, "/drift", cookie))
    page = words(look(http, "/drift/feeds/havblik", cookie))
    assert "I karantæne: 3. 7 forkerte rækker mere i det seneste døgn er talt, men ikke gemt." in page

    sqlite_world.clock.move_on(timedelta(days=2))
    assert "ikke gemt" not in words(look(http, "/drift", cookie))


@pytest.mark.parametrize("path", ["/drift", "/drift/feeds/havblik", "/drift/feeds/nobody"])
@pytest.mark.parametrize("who", [None, ("municipality:0450", "anvisning-1"), (OPERATOR, "left-long-ago")])
def test_nobody_else_sees_anything_of_it(sqlite_world, http, path, who):
    hold_back(sqlite_world)
    cookie = sitting(sqlite_world, *who) if who else {}
    seen = look(http, path, cookie)
    assert seen.status_code == HTTPStatus.FORBIDDEN
    assert "Havblik" not in seen.text
    assert look(http, "/drift/feeds/havblik/rows.svg", cookie).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_else_decides_anything_on_it(sqlite_world, http, deed):
    number = hold_back(sqlite_world)
    before = sqlite_world.rows(select(FeedLoad.standing))
    for cookie in ({}, sitting(sqlite_world, "municipality:0450", "anvisning-1")):
        refused = act(
            http, "/drift/feeds/havblik", cookie, deed=deed, number=number, field="floor", written="a", meant="1"
        )
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert act(http, "/drift/attention/1", cookie, deed="done").status_code == HTTPStatus.FORBIDDEN
    assert sqlite_world.rows(select(FeedLoad.standing)) == before
    assert len(kept(sqlite_world)) == 1
    assert sqlite_world.rows(select(FieldMapping)) == []


def test_what_comes_from_another_site_decides_nothing(sqlite_world, http):
    number = hold_back(sqlite_world)
    cookie = sitting(sqlite_world)
    for elsewhere in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        sent = http.post(
            "/drift/feeds/havblik", data={"deed": "accept", "number": number}, headers=cookie | FORM | elsewhere
        )
        assert sent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sqlite_world.rows(select(FeedLoad.standing).where(FeedLoad.id == number)) == [LoadStanding.HELD]


def test_it_tells_how_everything_stands(sqlite_world, http):
    sqlite_world.homes = count(100)
    hold_back(sqlite_world)
    with sqlite_world.platform.database.writing() as session:
        load = session.exec(select(FeedLoad).where(FeedLoad.standing == LoadStanding.HELD)).one()
        load.flow_run_id = RUN
        session.add(load)
    ask_all(sqlite_world)
    question = sqlite_world.questions(QuestionKind.APPROVAL)[0]
    sqlite_world.clock.at = question.answer_by + timedelta(hours=1)
    cookie = sitting(sqlite_world)

    with serving(sqlite_world, prefect_ui_url="https://prefect.example/") as origin, browsing(origin) as there:
        page = look(there, "/drift", cookie)
    said = words(page)
    for told in (
        "Listen er langt kortere end normalt",
        "Boligforeningen Havblik (opdigtet)",
        "Holdt tilbage",
        "Gammel",
        "Godkendelse af bolig",
        question.reference,
        "Nyborg Kommune, Boliganviser (opdigtet)",
        "Sager: Søger bolig",
    ):
        assert told in said, told
    links = {a["href"] for a in BeautifulSoup(page.text, "html.parser").select("a")}
    assert {f"https://prefect.example/runs/flow-run/{RUN}", "/drift/feeds/havblik"} <= links
    assert "Operations page" in words(look(http, "/drift?lang=en", cookie))


def test_a_quiet_morning_says_so(sqlite_world, http):
    said = words(look(http, "/drift", sitting(sqlite_world)))
    assert "Intet. Alt går af sig selv." in said
    assert "Aldrig hentet" in said
    assert "Ingen. Alt er kommet af sted." in said


def test_what_somebody_dealt_with_leaves_the_list(sqlite_world, http):
    hold_back(sqlite_world)
    cookie = sitting(sqlite_world)
    with sqlite_world.platform.database.reading() as session:
        items = [item.id for item in open_items(session)]
    for _ in range(2):
        gone = act(http, f"/drift/attention/{items[0]}", cookie, deed="done")
        assert (gone.status_code, gone.headers["location"]) == (HTTPStatus.SEE_OTHER, "/drift#attention")
    with sqlite_world.platform.database.reading() as session:
        assert [item.id for item in open_items(session)] == items[1:]


@pytest.mark.parametrize("name", ["rows", "changes"])
def test_a_chart_draws_a_bar_for_each_night_and_runs_nothing(sqlite_world, http, name):
    for rows in (3, 4, 5):
        feed(sqlite_world, *homes(rows))
        night(sqlite_world)
    drawn = look(http, f"/drift/feeds/havblik/{name}.svg?lang=en", sitting(sqlite_world))
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in drawn.headers["content-security-policy"]
    soup = BeautifulSoup(drawn.text, "html.parser")
    assert soup.find("script") is None
    assert len(soup.select(".series")[0].select("rect")) == 3
    assert {"rows": "Good rows", "changes": "New homes"}[name] in soup.get_text(" ")


def test_a_chart_without_nights_and_one_that_there_is_not(sqlite_world, http):
    cookie = sitting(sqlite_world)
    assert "Ingen nætter endnu" in look(http, "/drift/feeds/havblik/rows.svg", cookie).text
    assert look(http, "/drift/feeds/havblik/secrets.svg", cookie).status_code == HTTPStatus.NOT_FOUND
    assert look(http, "/drift/feeds/nobody", cookie).status_code == HTTPStatus.NOT_FOUND


def test_what_an_association_wrote_is_shown_and_never_run(sqlite_world, http):
    feed(sqlite_world, ROW | {"floor": "<script>alert(1)</script>", "external_id": "<b>id</b>"})
    asyncio.run(syncing.sync(sqlite_world.platform, "havblik"))
    shown = look(http, "/drift/feeds/havblik", sitting(sqlite_world))
    assert "<script" not in shown.text
    assert "<b>id" not in shown.text
    assert "&lt;script&gt;" in shown.text
    assert sqlite_world.rows(select(FeedLoad.kind)) == [LoadKind.NIGHT]
