"""Limits: guessed links are counted by address and refused answers by question, by all processes together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlmodel import select

from domain.questions.question import QuestionKind
from storage.limits import Tally, count
from tests.world.served import Asked, ask, browsing, heading, opened, question_of, send, serving

APPROVAL = Asked(QuestionKind.APPROVAL)
WAIT = "Vent lidt, og prøv igen"
FEW = {"failed_links_at_most": 3, "failed_answers_at_most": 3, "limited_over_s": 600}


@pytest.fixture
def two_processes(sqlite_world):
    """Two endpoints on one database."""
    with (
        serving(sqlite_world, **FEW) as one,
        serving(sqlite_world, **FEW) as other,
        browsing(one) as first,
        browsing(other) as second,
    ):
        yield first, second


def test_guessed_links_have_to_wait_and_links_that_were_sent_do_not(sqlite_world, two_processes):
    first, second = two_processes
    path = ask(sqlite_world, APPROVAL)

    seen = [
        visitor.get(f"/q/{'guess' * 8}{n:03}").status_code for n, visitor in enumerate([first, second, first, second])
    ]
    waits = first.get("/q/another-guess")

    assert seen == [HTTPStatus.NOT_FOUND] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert (waits.status_code, heading(waits), waits.headers["retry-after"]) == (429, WAIT, "600")
    assert first.get(path).status_code == HTTPStatus.OK


def test_after_a_while_one_may_try_again(sqlite_world, two_processes):
    first, _ = two_processes
    for n in range(4):
        first.get(f"/q/guess{n}")
    sqlite_world.clock.at = sqlite_world.clock.at.replace(minute=sqlite_world.clock.at.minute + 10)

    assert first.get("/q/guess").status_code == HTTPStatus.NOT_FOUND


def test_refused_answers_have_to_wait_and_the_question_stays_open(sqlite_world, two_processes):
    first, second = two_processes
    path = ask(sqlite_world, APPROVAL)
    before = opened(first, path)

    for visitor in (first, second, first):
        assert send(visitor, path, {"answer": "maybe"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    late = send(second, path, {"answer": "yes"})

    assert (late.status_code, heading(late)) == (HTTPStatus.TOO_MANY_REQUESTS, WAIT)
    assert question_of(sqlite_world, path).answer is None
    assert first.get(path).status_code == HTTPStatus.OK, "the page can be read"
    sqlite_world.clock.at = sqlite_world.clock.at.replace(minute=sqlite_world.clock.at.minute + 10)
    assert send(first, path, {"answer": "yes"}, before=before).status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    "sent", [{"content": "x" * 20_000}, {"json": {"answer": "yes"}}, {"headers": {"Origin": "http://else.invalid"}}]
)
def test_what_cannot_be_read_counts_too(sqlite_world, two_processes, sent):
    first, _ = two_processes
    path = ask(sqlite_world, APPROVAL)

    codes = [first.post(path, **sent).status_code for _ in range(4)]

    assert codes == [HTTPStatus.UNPROCESSABLE_ENTITY] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]


def test_logins_that_are_begun_without_end_have_to_wait(sqlite_world, two_processes):
    first, _ = two_processes
    from_here = {"Origin": str(first.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}

    codes = [first.post("/mine/login?party=nobody", headers=from_here).status_code for _ in range(31)]

    assert codes == [HTTPStatus.NOT_FOUND] * 30 + [HTTPStatus.TOO_MANY_REQUESTS]


def test_one_questions_flood_is_not_anothers(sqlite_world, two_processes):
    first, _ = two_processes
    offer = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF))
    for _ in range(4):
        send(first, offer, {})

    sqlite_world.answer(QuestionKind.SIGN_OFF)
    approval = ask(sqlite_world, APPROVAL)

    assert send(first, approval, {"answer": "yes"}).status_code == HTTPStatus.SEE_OTHER


def test_many_who_come_back_at_once_do_not_wait_for_each_other(world):
    """Each visitor restarts their own expired counter, and deletes expired counters of the others."""
    database, now = world.platform.database, world.clock.now()

    def visit(key, at):
        with database.writing() as session:
            count(session, key, within=timedelta(seconds=1), now=at)

    with ThreadPoolExecutor(8) as visitors:
        for n in range(20):
            at = now + n * timedelta(minutes=1)
            list(visitors.map(lambda key, at=at: visit(key, at), [f"visitor-{number}" for number in range(8)]))
    with database.reading() as session:
        assert {tally.count for tally in session.exec(select(Tally))} == {1}
