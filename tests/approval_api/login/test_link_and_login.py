"""Where the agreement asks for a login, only the addressee answers, after logging in; a link alone shows nothing."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.parties.party import Absence
from domain.questions.question import QuestionKind, Standing
from storage.parties.logins import LoginAttempt, Sitting
from storage.parties.partners import partner_of, remember_partner
from storage.referrals.history import HistoryLine
from tests.approval_api.login.approvals import ASKED, LOG_IN, NOT_LET_IN, approval
from tests.world.logging_in import NYBORG, RECEIPT, SOMEBODY_ELSES, Hand, have_nyborg_log_in, long_ago, provider
from tests.world.parties import change
from tests.world.served import heading, link, question_of, words

SILENT = "Login svarer ikke lige nu"


@pytest.fixture
def issuer():
    with provider(**{"sub-anvisning-1": {}, "sub-anvisning-2": {}, "sub-chef": {}, "sub-stranger": {}}) as found:
        yield found


@pytest.fixture
def path(sqlite_world, hand, issuer):
    """The link of a question to Nyborg's approver, who has to log in."""
    have_nyborg_log_in(sqlite_world, issuer)
    return approval(sqlite_world)


def test_who_was_asked_logs_in_sees_the_question_and_answers(sqlite_world, hand, path):
    page = hand.go(path)
    assert (page.status_code, heading(page)) == (HTTPStatus.OK, LOG_IN)
    assert "TF-2026" not in page.text

    question = hand.log_in(page, "sub-anvisning-1")
    assert heading(question) == ASKED
    assert "Du er logget ind som Boliganviser (opdigtet)" in words(question)
    receipt = hand.answer(question, answer="yes")

    assert heading(receipt) == RECEIPT
    assert question_of(sqlite_world, path).answered_by == "anvisning-1"
    sqlite_world.settle()
    line = sqlite_world.rows(select(HistoryLine).where(HistoryLine.deed == "approved"))[0]
    assert line.actor == f"{NYBORG}/anvisning-1"


def test_the_link_alone_neither_shows_nor_records_anything(sqlite_world, hand, path):
    page = hand.go(path, form={"answer": "yes", "nonce": "0" * 64})

    assert heading(page) == LOG_IN
    assert question_of(sqlite_world, path).standing is Standing.OPEN


@pytest.mark.parametrize("subject", ["sub-chef", "sub-anvisning-2"])
def test_a_colleague_is_told_that_somebody_else_was_asked(sqlite_world, hand, path, subject):
    page = hand.log_in(hand.go(path), subject)

    assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, SOMEBODY_ELSES)
    assert "TF-2026" not in page.text


def test_the_deputy_answers_while_the_other_is_away_and_is_named(sqlite_world, hand, path):
    today = sqlite_world.clock.now().date()
    change(sqlite_world, NYBORG, "anvisning-1", away=(Absence(today, today, "anvisning-2"),))

    page = hand.log_in(hand.go(path), "sub-anvisning-2")
    receipt = hand.answer(page, answer="no", reason="quota_used")

    assert "Boliganviser To (opdigtet), Nyborg Kommune" in words(receipt)
    assert question_of(sqlite_world, path).answered_by == "anvisning-2"


def test_somebody_the_party_does_not_name_is_not_let_in(sqlite_world, hand, path):
    page = hand.log_in(hand.go(path), "sub-stranger")

    assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)
    assert sqlite_world.rows(select(Sitting)) == []


@pytest.mark.parametrize(
    "claims",
    [{"acr": "low"}, {"acr": ""}, {"auth_time": 1}, {"auth_time": long_ago()}],
    ids=["low", "none", "1970", "2 h"],
)
def test_too_weak_or_too_old_an_authentication_does_not_suffice(sqlite_world, hand, claims):
    with provider(**{"sub-anvisning-1": claims}) as weak:
        have_nyborg_log_in(sqlite_world, weak)
        path = approval(sqlite_world)

        page = hand.log_in(hand.go(path), "sub-anvisning-1")

    assert heading(page) == NOT_LET_IN
    assert sqlite_world.rows(select(Sitting)) == []


def test_a_sitting_ends_with_its_time_and_by_logging_out(sqlite_world, hand, path):
    hand.log_in(hand.go(path), "sub-anvisning-1")
    assert heading(hand.go(path)) == ASKED
    hand.go("/logout", form={})
    assert heading(hand.go(path)) == LOG_IN

    hand.log_in(hand.go(path), "sub-anvisning-1")
    sqlite_world.clock.move_on(timedelta(minutes=61))
    assert heading(hand.go(path)) == LOG_IN


def test_an_attempt_is_good_once_for_its_own_browser_and_for_ten_minutes(sqlite_world, hand, path):
    form_at = f"{path}/login"
    there = hand.go(form_at, form={})
    back = hand.http.post(there.url, data={"sub": "sub-anvisning-1"}).headers["location"]
    stranger = Hand(hand.http)
    assert heading(stranger.go(back)) == NOT_LET_IN
    assert heading(hand.go(back)) == ASKED
    hand.kept[str(hand.http.base_url).rstrip("/")].pop("__Host-sitting")
    assert heading(hand.go(back)) == NOT_LET_IN

    hand.go("/logout", form={})
    there = hand.go(form_at, form={})
    back = hand.http.post(there.url, data={"sub": "sub-anvisning-1"}).headers["location"]
    sqlite_world.clock.move_on(timedelta(minutes=11))
    assert heading(hand.go(back)) == NOT_LET_IN
    assert sqlite_world.rows(select(LoginAttempt)) == []


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=y", "?error=access_denied"])
def test_what_comes_back_without_an_attempt_lets_nobody_in(hand, path, query):
    page = hand.go(f"/login/back{query}")
    assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)


def test_a_provider_that_does_not_answer_is_said_to_be_the_trouble(sqlite_world, hand):
    have_nyborg_log_in(sqlite_world, "http://127.0.0.1:9")
    path = approval(sqlite_world)

    asked = hand.go(path)
    assert (asked.status_code, heading(asked)) == (HTTPStatus.OK, LOG_IN), "the page waits for nobody"
    page = hand.go(f"{path}/login", form={})

    assert (page.status_code, heading(page)) == (HTTPStatus.SERVICE_UNAVAILABLE, SILENT)
    assert "Nyborg Kommune" in words(page)
    assert page.headers["retry-after"] == "60"
    assert sqlite_world.rows(select(LoginAttempt)) == []


def test_a_party_whose_login_was_taken_from_its_file_is_told_that_it_cannot_log_in(sqlite_world, hand, path):
    with sqlite_world.platform.database.writing() as session:
        remember_partner(session, replace(partner_of(session, NYBORG), login=None), now=sqlite_world.clock.now())

    assert heading(hand.go(path)) == NOT_LET_IN


def test_another_site_cannot_log_somebody_in_or_out(hand, path):
    for where in (f"{path}/login", "/mine/login?party=municipality:0450", "/logout"):
        page = hand.go(where, form={}, Origin="https://elsewhere.invalid")
        assert page.status_code == HTTPStatus.FORBIDDEN


def test_an_answer_of_another_provider_is_not_taken_for_this_ones(hand, path):
    there = hand.go(f"{path}/login", form={})
    back = hand.http.post(there.url, data={"sub": "sub-anvisning-1"}).headers["location"]

    assert heading(hand.go(f"{back}&iss=https%3A%2F%2Felsewhere.invalid")) == NOT_LET_IN


@pytest.mark.parametrize("then", ["https://elsewhere.invalid", "//elsewhere.invalid", "/q//elsewhere.invalid", "/mine"])
def test_a_cookie_leads_nowhere_but_to_our_own_pages(hand, path, then):
    there = hand.go(f"{path}/login", form={})
    kept = hand.kept[str(hand.http.base_url).rstrip("/")]
    (name,) = (one for one in kept if one.startswith("__Host-attempt"))
    kept[name] = '"' + kept[name].strip('"').partition(".")[0] + f'.{then}"'

    page = hand.go(str(there.url), form={"sub": "sub-anvisning-1"})

    assert page.url.path == "/mine"
    assert heading(page) == "Mine spørgsmål"


def test_logging_in_again_ends_the_sitting_before(sqlite_world, hand, path):
    earlier = hand.go("/mine/login?party=municipality:0450")
    earlier = hand.go(BeautifulSoup(earlier.text, "html.parser").select_one("form[action]")["action"], form={})
    hand.log_in(hand.go(path), "sub-anvisning-1")
    hand.go(str(earlier.url), form={"sub": "sub-anvisning-1"})

    assert len(sqlite_world.rows(select(Sitting))) == 1


def test_logging_out_has_the_browser_forget(hand, path):
    hand.log_in(hand.go(path), "sub-anvisning-1")
    origin = str(hand.http.base_url)
    out = hand.http.post("/logout", headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})

    assert out.headers["clear-site-data"] == '"cache", "cookies", "storage"'


def test_the_family_answers_by_its_link_alone(sqlite_world, hand, issuer):
    have_nyborg_log_in(sqlite_world, issuer)
    approval(sqlite_world)
    sqlite_world.answer(QuestionKind.APPROVAL)
    sqlite_world.settle()

    assert heading(hand.go(link(sqlite_world, QuestionKind.ACCEPTANCE))) == "Vil I have boligen?"


def test_nothing_of_a_login_can_be_used_from_the_database(sqlite_world, hand, path):
    hand.log_in(hand.go(path), "sub-anvisning-1")
    keys = {value for kept in hand.kept.values() for value in kept.values()}

    assert not any(key in repr(sqlite_world.rows(select(Sitting))) for key in keys)
