"""Links that mail programs have mangled: the page is found, and whether a link exists is not told."""

from http import HTTPStatus
from urllib.parse import quote

import pytest
from sqlmodel import select

from approval_api.mangled_links import meant_by
from domain.questions.question import QuestionKind
from storage.limits import Tally
from tests.world.families import family
from tests.world.served import browsing, heading, link, serving

TOKEN = "aB3_" * 10 + "xy-"
NOT_WHOLE, UNKNOWN = "Der mangler noget af linket", "Siden findes ikke"
ENDS = [
    *("/", ")", "]", ">", "}", ".", ",", ";", ":", "!", "'", '"', "\u00bb", "\u201d", "*", "**", "_", "|", "\\", "="),
    *("=3D", "\u200b", "\u200b\u200b", "\ufeff", "\u2060", "\u00ad", " ", "\u00a0", "\n", "\t", "\r\n", "%20"),
    *("%E2%80%8B", "&gt;", "&nbsp;", "&amp;utm_source=x", "&utm_source=x", ").", ">,", "/)", "//", "/.", "\u2026"),
    *("<https", "</a>", "/login", "Venlig hilsen"),
]


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_a_whole_token_with_something_after_it_is_that_token(end: str):
    assert meant_by(f"/q/{TOKEN}{end}") == f"/q/{TOKEN}"
    assert meant_by(f"/q/{TOKEN}/consent{end}") == f"/q/{TOKEN}/consent"
    assert meant_by(f"/q/{TOKEN}/take-back{end}") == f"/q/{TOKEN}/take-back"


@pytest.mark.parametrize(
    "path",
    [
        f"/Q/{TOKEN}",
        f"/q/<{TOKEN}>",
        f"/q//{TOKEN}",
        f"/q/\u200b{TOKEN}",
        f"/q/{TOKEN[:20]}\n{TOKEN[20:]}",
        f"/q/{TOKEN[:20]}=\r\n{TOKEN[20:]}",
        f"/q/{TOKEN[:20]}\u00ad{TOKEN[20:]})",
    ],
    ids=ascii,
)
def test_text_before_a_token_and_a_line_end_in_it_do_not_matter(path: str):
    assert meant_by(path) == f"/q/{TOKEN}"


@pytest.mark.parametrize(
    "path", ["/q/", "/q", f"/q/{TOKEN[:-1]}", f"/q/{TOKEN[:-1]})", f"/q/{TOKEN[:20]}.{TOKEN[20:]}", "/x/" + TOKEN, "/"]
)
def test_a_token_that_is_cut_short_is_not_completed(path: str):
    assert meant_by(path) is None


PAGES = ["/mine", "/mine/12", "/drift", "/tilgaengelighed", "/privatliv", "/schemas/vacancy-feed-1.json"]


@pytest.mark.parametrize("page", [*PAGES, "/mine/login", "/schemas/vacancy-feed-1.openapi.json"])
def test_mangled_addresses_of_other_pages_are_found_too(page: str):
    for end in (")", "/", ".", ">", "\u200b", "&gt;", "=", "/)", ""):
        assert meant_by(page + end) == page
    for other in ("/x", "x", "-x", "/feed/1"):
        assert meant_by(page + other) in (None, "/mine/12") or page == "/mine/12"


@pytest.fixture
def place(sqlite_world):
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.until(QuestionKind.ACCEPTANCE)
    with serving(sqlite_world) as origin, browsing(origin) as http:
        yield http, link(sqlite_world, QuestionKind.ACCEPTANCE)


def test_a_mangled_link_leads_to_its_page_over_http_and_changes_nothing(sqlite_world, place):
    http, path = place
    clean = http.get(path)
    for end in (*ENDS, "?utm_source=mail&utm_medium=x", "?fbclid=1#top"):
        sent = path + (end if end.startswith("?") else quote(end, safe="/"))
        answer = http.get(sent, follow_redirects=True)
        assert (answer.status_code, answer.url.path, heading(answer)) == (HTTPStatus.OK, path, heading(clean)), end
    english = http.get(f"{path})?lang=en", follow_redirects=True)
    assert str(english.url).endswith(f"{path}?lang=en")
    assert heading(http.get(f"{path}/consent%3E", follow_redirects=True)) == heading(http.get(f"{path}/consent"))
    assert http.head(f"{path})").headers["location"] == path
    assert http.get(f"{path})").headers["referrer-policy"] == "same-origin"
    assert len(sqlite_world.questions(QuestionKind.ACCEPTANCE)) == 1
    assert sqlite_world.rows(select(Tally)) == [], "nobody who has a link is counted"


def test_a_link_that_is_cut_short_is_said_to_be_so_whether_it_was_ever_sent_or_not(sqlite_world, place):
    http, path = place
    sent, never = http.get(path[:-1]), http.get("/q/" + "x" * 42)
    assert [heading(one) for one in (sent, never)] == [NOT_WHOLE, NOT_WHOLE]
    assert sent.status_code == never.status_code == HTTPStatus.NOT_FOUND
    assert sent.text == never.text
    assert heading(http.get(f"{path[:-1]}/consent")) == NOT_WHOLE
    assert heading(http.get("/q/" + "x" * 43)) == UNKNOWN
    assert sum(sqlite_world.rows(select(Tally.count))) == 4, "each is counted as a link that nobody was sent"


def test_a_guess_that_is_mangled_is_sent_on_and_counted_there(sqlite_world, place):
    http, _ = place
    guess = http.get("/q/" + "x" * 43 + ")")
    assert (guess.status_code, guess.headers["location"]) == (HTTPStatus.SEE_OTHER, "/q/" + "x" * 43)
    assert sqlite_world.rows(select(Tally)) == []
    assert heading(http.get(guess.headers["location"])) == UNKNOWN
    assert sum(sqlite_world.rows(select(Tally.count))) == 1
