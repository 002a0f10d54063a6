"""How many database sessions a request opens: what a request needs is looked up once."""

from contextlib import contextmanager

import pytest
from sqlmodel import select

from domain.questions.question import TAKE_BACK, QuestionKind
from storage.database import Database
from storage.questions.questions import Question
from tests.approval_api.refused_answers import ACCEPTANCE, LIMITED, NOBODYS, REFUSED, UNSEEN, Stage, consent_opened
from tests.world.families import family
from tests.world.logging_in import Hand, have_nyborg_log_in, provider
from tests.world.parties import leave_time_to_take_back
from tests.world.served import a_yes, ask, browsing, serving

AT_MOST_WHEN_REFUSED = 3
WAYS_IN = ("reading", "writing", "snapshot", "at_once")


@pytest.fixture
def sessions(monkeypatch):
    """The kinds of sessions that were opened, in order."""
    taken = []

    def noted(way):
        enter = getattr(Database, way)

        @contextmanager
        def entered(self):
            taken.append(way)
            with enter(self) as one:
                yield one

        return entered

    for way in WAYS_IN:
        monkeypatch.setattr(Database, way, noted(way))
    return taken


@pytest.mark.parametrize("refusal", REFUSED, ids=lambda refusal: refusal.__name__)
def test_a_refused_answer_opens_at_most_three_sessions(sqlite_world, sessions, refusal):
    with serving(sqlite_world, **LIMITED.get(refusal, {})) as origin, browsing(origin) as http:
        sent = refusal(Stage(sqlite_world, http))
        sessions.clear()
        answer = sent()

    assert answer.status_code == REFUSED[refusal]
    assert len(sessions) <= AT_MOST_WHEN_REFUSED, sessions


@pytest.fixture
def number(sqlite_world, issuer):
    """The number of a question to Nyborg's approver, who has to log in."""
    have_nyborg_log_in(sqlite_world, issuer)
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.until(QuestionKind.APPROVAL)
    return sqlite_world.rows(select(Question.id).where(Question.kind == QuestionKind.APPROVAL))[0]


@pytest.fixture
def issuer():
    with provider(**{"sub-anvisning-1": {}, "sub-chef": {}}) as found:
        yield found


@pytest.mark.parametrize(
    "subject", ["sub-anvisning-1", "sub-chef", None], ids=["who was asked", "a colleague", "nobody"]
)
def test_a_refused_answer_from_the_list_opens_at_most_three(sqlite_world, hand: Hand, number, sessions, subject):
    if subject:
        hand.log_in(hand.go("/mine/login?party=municipality:0450"), subject)
    page = f"/mine/{number}"
    hand.go(page)
    sessions.clear()

    refused = hand.go(page, form={"answer": "yes", "nonce": "0" * 64})

    assert refused.status_code == (422 if subject == "sub-anvisning-1" else 403)
    assert len(sessions) <= AT_MOST_WHEN_REFUSED, sessions


def test_what_is_read_and_what_is_recorded_opens_no_more_than_it_needs(sqlite_world, http, sessions):
    leave_time_to_take_back(sqlite_world)
    path = ask(sqlite_world, ACCEPTANCE, outside_labour_market=2)
    stage, form = Stage(sqlite_world, http), a_yes(http, path)
    sent, opening = stage.then(path, form), stage.then(NOBODYS, {}, UNSEEN)
    taken = {}

    def count(what, deed):
        sessions.clear()
        deed()
        taken[what] = list(sessions)

    count("a page", lambda: http.get(path))
    count("a consent", lambda: http.get(f"{path}/consent"))
    count("an answer", sent)
    count("the same answer", sent)
    count("a receipt", lambda: http.get(path))
    count("nobody's link", lambda: http.get(NOBODYS))
    assert opening().status_code == 404
    sqlite_world.settle()
    take_back = f"{path}/take-back"
    taking = stage.then(take_back, {"answer": TAKE_BACK}, consent_opened(stage, take_back))
    count("taking it back", taking)

    assert taken == {
        "a page": ["reading"],
        "a consent": ["reading"],
        "an answer": ["reading", "writing"],
        "the same answer": ["reading"],
        "a receipt": ["reading"],
        "nobody's link": ["reading", "writing"],
        "taking it back": ["reading", "writing"],
    }
