"""Links that have ended, and unknown links."""

import secrets
from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.questions.question import QuestionKind, Standing
from tasks.asking.deadlines import remind_and_close
from tests.world.served import Asked, a_yes, ask, everything, heading, question_of, send, words

OFFER, APPROVAL = Asked(QuestionKind.OFFER), Asked(QuestionKind.APPROVAL)
MALFORMED = {
    "nobody's": lambda token: secrets.token_urlsafe(32),
    "tampered with at the end": lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "tampered with at the beginning": lambda token: ("A" if token[0] != "A" else "B") + token[1:],
    "in the other case": lambda token: token.swapcase(),
    "in capitals": lambda token: token.upper(),
    "empty": lambda token: "",
    "a path": lambda token: "..%2F..%2Fetc%2Fpasswd",
}
# Tokens of another length than every token has.
CUT_SHORT = {
    "short of one character": lambda token: token[:-1],
    "cut in the middle": lambda token: token[:20],
    "a space": lambda token: "%20",
    "a zero byte": lambda token: "%00",
    "not UTF-8": lambda token: "%ff%fe",
    "another alphabet": lambda token: "%E2%9C%93",
    "SQL": lambda token: "'%20OR%201=1--",
}
# A GET of these is redirected to the link that was meant (test_mangled_links.py). No form is accepted at them.
MANGLED = {
    "one character too many": lambda token: token + "A",
    "with a full stop": lambda token: token + ".",
    "with a line break": lambda token: token + "%0A",
    "twice": lambda token: token * 2,
    "very long": lambda token: "A" * 8_000,
    "with more behind it": lambda token: token + "/answer",
    "with a slash": lambda token: token + "/",
}


@pytest.mark.parametrize("name", [*MALFORMED, *CUT_SHORT])
def test_whatever_is_no_link_of_ours_gets_one_and_the_same_page_as_others_of_its_length(shared_desk, name):
    http, path = shared_desk.http, shared_desk.links[APPROVAL]
    spoilt = (MALFORMED | CUT_SHORT)[name](path.removeprefix("/q/"))
    like_it = http.get(f"/q/{'x' * (42 if name in CUT_SHORT else 43)}")
    rows = everything(shared_desk.world)

    seen = http.get(f"/q/{spoilt}")

    assert (seen.status_code, seen.text) == (HTTPStatus.NOT_FOUND, like_it.text)
    assert {**seen.headers, "date": ""} == {**like_it.headers, "date": ""}
    sent = send(http, f"/q/{spoilt}", {"answer": "yes"})
    assert (sent.status_code, sent.text) == (HTTPStatus.NOT_FOUND, like_it.text)
    assert everything(shared_desk.world) == rows


@pytest.mark.parametrize("name", MANGLED)
def test_no_form_is_taken_at_an_address_that_was_mangled(shared_desk, name):
    http, path = shared_desk.http, shared_desk.links[APPROVAL]
    unknown, rows = http.get(f"/q/{'x' * 43}"), everything(shared_desk.world)
    sent = send(http, f"/q/{MANGLED[name](path.removeprefix('/q/'))}", {"answer": "yes"})
    assert (sent.status_code, sent.text) == (HTTPStatus.NOT_FOUND, unknown.text)
    assert everything(shared_desk.world) == rows


def test_the_page_for_an_unknown_link_says_what_to_do_in_either_language(shared_desk):
    danish, english = (shared_desk.http.get(f"/q/{'x' * 43}?lang={language}") for language in ("da", "en"))
    assert heading(danish) == "Siden findes ikke"
    assert heading(english) == "The page does not exist"
    assert "brug hele adressen" in words(danish)


@pytest.mark.parametrize("path", ["/", "/q", "/docs", "/openapi.json", "/static/", "/static/../app.py", "/favicon.ico"])
def test_no_other_address_has_a_page(shared_desk, path):
    seen = shared_desk.http.get(path)
    assert (seen.status_code, heading(seen)) == (HTTPStatus.NOT_FOUND, "Siden findes ikke")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_nothing_else_can_be_done_to_a_question(shared_desk, method):
    rows = everything(shared_desk.world)
    answer = shared_desk.http.request(method, shared_desk.links[APPROVAL])
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "POST" in answer.headers["allow"] or "GET" in answer.headers["allow"]
    assert heading(answer) == "Siden findes ikke"
    assert everything(shared_desk.world) == rows


@pytest.mark.parametrize("asked", [OFFER, APPROVAL, Asked(QuestionKind.ACCEPTANCE)], ids=str)
@pytest.mark.parametrize("noticed", [False, True], ids=["before the path looks", "after the path has looked"])
def test_a_link_whose_deadline_has_passed_says_so_and_whom_to_call(sqlite_world, http, asked, noticed):
    path = ask(sqlite_world, asked)
    form = a_yes(http, path)
    sqlite_world.clock.at = question_of(sqlite_world, path).expires_at
    if noticed:
        remind_and_close(sqlite_world.platform)
        assert question_of(sqlite_world, path).standing is Standing.OVERDUE
    rows = everything(sqlite_world)

    for answer in (http.get(path), send(http, path, form)):
        assert answer.status_code == HTTPStatus.GONE
        assert heading(answer) == "Fristen er overskredet"
        assert "Har du spørgsmål, så ring til" in words(answer)
    assert everything(sqlite_world) == rows


@pytest.mark.parametrize("asked", [OFFER, Asked(QuestionKind.SIGN_OFF)], ids=str)
def test_the_last_moment_still_counts(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    sqlite_world.clock.at = question_of(sqlite_world, path).expires_at - timedelta(microseconds=1)

    send(http, path, a_yes(http, path))

    assert question_of(sqlite_world, path).standing is Standing.ANSWERED


def test_a_link_opens_only_its_own_question(sqlite_world, http):
    first = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF))
    send(http, first, a_yes(http, first))
    second = ask(sqlite_world, OFFER)

    assert first != second
    assert heading(http.get(first)) == "Tak. Vi har fået svaret"
    assert heading(http.get(second)) == "Kan I tilbyde en bolig?"
