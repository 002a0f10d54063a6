"""A login provider that answers a byte at a time, or without end, delays only logins at it, and not for long."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

import pytest
from sqlmodel import select

from approval_api.login import provider_calls, providers
from domain.questions.question import QuestionKind
from storage.limits import Tally
from storage.parties.logins import LoginAttempt, Sitting
from tests.approval_api.login.own_provider import KEYS, METADATA, TOKEN, come_back, own_provider, sent_off
from tests.world.logging_in import ASKED, SILENT, Hand, approval, have_nyborg_log_in
from tests.world.served import browsing, heading, link, serving

HERE = Path(__file__).parents[3]
VISITORS = 60
# Longer than any test: it is the test that lets the waiting end, and no clock.
FOR_EVER_S = 250.0


@pytest.fixture
def slow():
    with own_provider() as found:
        yield found


@pytest.fixture
def place(sqlite_world, slow):
    """The origin, and the path of a question to Nyborg's approver, who logs in at a slow provider."""
    with serving(sqlite_world) as origin:
        have_nyborg_log_in(sqlite_world, slow.issuer)
        yield origin, approval(sqlite_world)


@pytest.fixture
def hands(place):
    """Many people, each with a browser of their own."""
    with ExitStack() as open_browsers:
        found = [open_browsers.enter_context(browsing(place[0])) for _ in range(VISITORS)]
        for one in found:
            one.timeout = FOR_EVER_S
        yield [Hand(one) for one in found]


def until_all_have_begun(world, visitors):
    """Wait until every login has begun: each is counted before the provider is asked."""
    while sum(world.rows(select(Tally.count))) < visitors:
        time.sleep(0.01)  # nothing else tells


def everybody_else_is_answered(origin, path):
    """Sixty people at once who need no login, and one who only opens the page that leads to the login."""

    def visit(where):
        with browsing(origin) as http:
            return http.get(where).status_code

    with ThreadPoolExecutor(VISITORS) as visitors:
        seen = list(visitors.map(visit, ["/livez", "/tilgaengelighed", "/mine", path] * (VISITORS // 4)))
    assert {*seen} == {HTTPStatus.OK}


@pytest.mark.parametrize("drips_at", [METADATA, KEYS])
def test_sixty_who_begin_to_log_in_keep_nobody_else_from_the_desk(
    *, sqlite_world, place, hands, slow, monkeypatch, drips_at
):
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", FOR_EVER_S)
    origin, path = place
    slow.drips.add(drips_at)

    with ThreadPoolExecutor(VISITORS) as visitors:
        begun = [visitors.submit(hand.go, f"{path}/login", form={}) for hand in hands]
        until_all_have_begun(sqlite_world, VISITORS)
        everybody_else_is_answered(origin, path)
        assert not any(one.done() for one in begun), "it holds still"
        slow.let_go.set()
        assert {heading(one.result()) for one in begun} <= {"Du blev ikke logget ind", SILENT}
    assert slow.asked.count(drips_at) == 1, "one call for all who wait"


def test_sixty_who_come_back_from_it_keep_nobody_else_from_the_desk(*, sqlite_world, place, hands, slow, monkeypatch):
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", FOR_EVER_S)
    origin, path = place
    asked = [sent_off(hand, f"{path}/login") for hand in hands]
    slow.drips.add(TOKEN)

    with ThreadPoolExecutor(VISITORS) as visitors:
        back = [visitors.submit(come_back, hand, one) for hand, one in zip(hands, asked, strict=True)]
        everybody_else_is_answered(origin, path)
        # Those above the limit are told so at once.
        told_at_once = set()
        while len(told_at_once) < VISITORS - providers.MOST_AT_ONCE:
            told_at_once |= wait(set(back) - told_at_once, return_when="FIRST_COMPLETED").done
        pages = [one.result() for one in told_at_once]
        assert {(page.status_code, heading(page)) for page in pages} == {(HTTPStatus.SERVICE_UNAVAILABLE, SILENT)}
        assert slow.asked.count(TOKEN) == providers.MOST_AT_ONCE
        assert sum(not one.done() for one in back) == providers.MOST_AT_ONCE, "it holds still"
        slow.let_go.set()
        assert all(one.result().status_code == HTTPStatus.FORBIDDEN for one in set(back) - told_at_once)
    assert sqlite_world.rows(select(Sitting)) == []


@pytest.mark.parametrize("drips_at", [METADATA, KEYS, TOKEN])
def test_a_whole_answer_has_one_deadline_however_often_a_byte_comes(*, place, hands, slow, monkeypatch, drips_at):
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", 0.4)
    _, path = place
    asked = sent_off(hands[0], f"{path}/login") if drips_at == TOKEN else None
    slow.drips.add(drips_at)

    page = come_back(hands[0], asked) if asked else hands[0].go(f"{path}/login", form={})

    assert (page.status_code, heading(page)) == (HTTPStatus.SERVICE_UNAVAILABLE, SILENT)
    assert not slow.let_go.is_set(), "it would have gone on"
    if not asked:
        again = hands[1].go(f"{path}/login", form={})
        assert heading(again) == SILENT
        assert slow.asked.count(drips_at) == 1, "it is left in peace for a while"


@pytest.mark.parametrize("place_of_it", [METADATA, KEYS, TOKEN])
def test_a_whole_answer_has_one_size(*, sqlite_world, place, hands, slow, place_of_it):
    _, path = place
    asked = sent_off(hands[0], f"{path}/login") if place_of_it == TOKEN else None
    if asked:
        slow.nonce = asked["nonce"]
    slow.answers[place_of_it] = {**slow.body(place_of_it), "more": "x" * provider_calls.LARGEST_ANSWER_BYTES}

    page = come_back(hands[0], asked) if asked else hands[0].go(f"{path}/login", form={})

    assert heading(page) == "Du blev ikke logget ind"
    assert sqlite_world.rows(select(Sitting)) == []


def test_what_is_known_of_a_provider_serves_while_it_is_read_anew(*, sqlite_world, place, hands, slow, monkeypatch):
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", FOR_EVER_S)
    _, path = place
    sent_off(hands[0], f"{path}/login")
    monkeypatch.setattr(providers, "FRESH_S", 0.0)
    slow.drips.add(METADATA)

    asked = sent_off(hands[1], f"{path}/login")
    slow.nonce = asked["nonce"]
    assert heading(come_back(hands[1], asked)) == ASKED
    while slow.asked.count(METADATA) < 2:
        time.sleep(0.01)  # it is read in the background, and never answers
    assert not slow.let_go.is_set()


def test_what_is_known_of_a_provider_does_not_serve_for_ever(*, place, hands, slow, monkeypatch):
    _, path = place
    sent_off(hands[0], f"{path}/login")
    monkeypatch.setattr(providers, "FRESH_S", 0.0)
    monkeypatch.setattr(providers, "KEPT_S", 0.0)
    slow.answers[METADATA] = b"gone"

    assert heading(hands[1].go(f"{path}/login", form={})) == "Du blev ikke logget ind"


def test_no_attempt_is_written_down_for_a_provider_that_does_not_answer(
    *, sqlite_world, place, hands, slow, monkeypatch
):
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", 0.2)
    slow.drips.add(METADATA)
    for hand in hands[:5]:
        assert heading(hand.go(f"{place[1]}/login", form={})) == SILENT
    assert sqlite_world.rows(select(LoginAttempt)) == []


def test_a_question_that_needs_no_login_is_answered_while_the_provider_holds(
    *, sqlite_world, place, hands, slow, monkeypatch
):
    """The family answers by its link, however many approvers wait."""
    monkeypatch.setattr(provider_calls, "WHOLE_ANSWER_S", FOR_EVER_S)
    _, path = place
    sqlite_world.answer(QuestionKind.APPROVAL)
    sqlite_world.settle()
    family = link(sqlite_world, QuestionKind.ACCEPTANCE)
    slow.drips.add(METADATA)
    with ThreadPoolExecutor(VISITORS) as visitors:
        begun = [visitors.submit(hand.go, f"{path}/login", form={}) for hand in hands[1:]]
        until_all_have_begun(sqlite_world, VISITORS - 1)
        assert heading(hands[0].go(family)) == "Vil I have boligen?"
        assert not any(one.done() for one in begun)
        slow.let_go.set()


CALLS_OUT = {
    "aiosmtplib",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "imap_tools",
    "smtplib",
    "socket",
    "urllib.request",
}


def imported(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_page_waits_for_anybody_but_a_login_provider():
    """The endpoint's imports make no other call; a new call to another server must be limited as this one is."""
    calling = {
        f"{folder}/{file.stem}"
        for folder in ("approval_api", "storage", "templates", "domain")
        for file in (HERE / folder).rglob("*.py")
        if CALLS_OUT & {*imported(file)}
    }
    assert calling == {"approval_api/provider", "approval_api/provider_calls", "approval_api/providers"}
