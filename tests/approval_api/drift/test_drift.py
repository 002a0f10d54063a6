"""The operations page: who sees it, what it tells, and what is decided on it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import count

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from approval_api.drift.routes import DEEDS
from approval_api.sitting import SITTING
from deployments.demo.world import SUBSTANTIAL
from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.party import Login
from domain.questions.question import QuestionKind
from storage.attention import open_items
from storage.feeds import quarantine
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FieldMapping, QuarantinedRow, RowStanding
from storage.parties.logins import open_sitting
from storage.parties.parties import partner, remember_partner
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.feeds.verdict import apply_ready
from tests.approval_api.login.logging_in import SECRET, Hand, provider
from tests.approval_api.served import FORM, ask_all, browsing, serving, words
from tests.tasks.feeds.test_syncing import ROW, feed, homes, night
from tests.world import World

OPERATOR = "operator:drift"
RUN = "5b0c1d6e-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def sitting(world: World, party: str = OPERATOR, contact: str = "vagt") -> dict[str, str]:
    """The cookie of somebody who has logged in."""
    with world.platform.database.writing() as session:
        now = world.clock.now()
        key = open_sitting(session, party, contact, now=now, until=now + timedelta(days=30))
    return {"Cookie": f"{SITTING}={key}"}


def look(http, path, cookie):
    return http.get(path, headers=cookie)


def act(http, path, cookie, **form):
    origin = str(http.base_url).rstrip("/")
    sent = cookie | FORM | {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    return http.post(path, data=form, headers=sent)


def hold_back(world: World) -> int:
    """A feed that shrank waits for a person; its load's number."""
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5), ROW | {"external_id": "neu", "rent_monthly_ore": 1})
    night(world)
    return world.rows(select(FeedLoad.id).where(FeedLoad.standing == LoadStanding.HELD))[0]


def standings(world):
    return {row.external_id: row.standing for row in world.rows(select(Vacancy))}


def kept(world):
    return world.rows(select(QuarantinedRow).where(QuarantinedRow.standing == RowStanding.KEPT))


def test_whoever_runs_the_platform_logs_in_and_sees_it(sqlite_world):
    with provider(vagt={}) as issuer:
        login = Login(issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,))
        with sqlite_world.platform.database.writing() as session:
            known = partner(session, OPERATOR)
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
