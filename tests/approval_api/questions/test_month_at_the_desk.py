"""A party's finance people read their statement on the page, line by line, and approve it or say what is wrong."""

from http import HTTPStatus

import pytest

from domain.questions.question import Answer, QuestionKind, Standing
from domain.referrals.household import Language
from storage.questions.comments import announce_sealing_key
from tasks.books.answers import hear_parties
from tests.approval_api.questions.forms import complaints
from tests.tasks.books.asked_months import NYBORG, ODENSE, asked_of, march_is_asked
from tests.world.parties import change
from tests.world.served import digits_of, everything, heading, link, question_of, send, words

HEADING = "Kan månedens afregning godkendes?"


@pytest.fixture
def path(sqlite_world, http):
    """The link of Odense's letter."""
    march_is_asked(sqlite_world)
    with sqlite_world.platform.database.writing() as session:
        announce_sealing_key(session, sqlite_world.platform.vault, now=sqlite_world.clock.now())
    return link(sqlite_world, QuestionKind.MONTH, nth=2)


def test_the_page_shows_each_line_and_payment_and_asks_for_no_comment(sqlite_world, http, path):
    before = everything(sqlite_world)
    page = http.get(path)

    told = words(page)
    assert (page.status_code, heading(page)) == (HTTPStatus.OK, HEADING)
    assert question_of(sqlite_world, path).asked_of == ODENSE
    for said in ("TF-2026-00001", "TF-2026-00002", "Modtagebeløb", "Indflytning", "Nyborg Kommune", "2026-03"):
        assert said in told
    assert "I skylder i alt" in told
    assert "Kommentar" not in told, "nobody could seal it under a case's key"
    assert "Retsgrundlag" not in told
    assert everything(sqlite_world) == before


def test_the_same_in_english(sqlite_world, http, path):
    page = http.get(f"{path}?lang=en")
    assert heading(page) == "Can the month’s settlement be approved?"
    assert "You owe in all" in words(page)


def test_a_yes_is_recorded_once_with_who_gave_it(sqlite_world, http, path):
    sent = send(http, path, {"answer": "yes"})
    receipt = http.get(sent.headers["location"])

    assert heading(receipt) == "Tak. Vi har fået svaret"
    assert "Økonomimedarbejder (opdigtet), Odense Kommune" in words(receipt)
    answered = asked_of(sqlite_world, ODENSE)
    assert (answered.standing, answered.answer) == (Standing.ANSWERED, Answer.YES)
    assert answered.answered_at == sqlite_world.clock.now()
    late = send(http, path, {"answer": "no", "reason": "amount_wrong"})
    assert late.status_code == HTTPStatus.CONFLICT
    assert asked_of(sqlite_world, ODENSE).answer is Answer.YES


def test_a_no_needs_a_reason_and_the_digits_of_the_letter(sqlite_world, http, path):
    assert "reason" in complaints(send(http, path, {"answer": "no", "reason": "too_expensive"}))
    wrong = send(http, path, {"answer": "no", "reason": "amount_wrong", "digits": "0000"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert asked_of(sqlite_world, ODENSE).standing is Standing.OPEN
    assert digits_of(path)

    sent = send(http, path, {"answer": "no", "reason": "amount_wrong"})

    assert "Et beløb er forkert" in words(http.get(sent.headers["location"]))
    hear_parties(sqlite_world.platform)
    assert "Vi ser på det" in words(http.get(path))


def test_the_page_can_be_opened_whatever_the_reader_speaks(sqlite_world, http, path):
    change(sqlite_world, NYBORG, "oekonomi-1", language=Language.ENGLISH)
    other = link(sqlite_world, QuestionKind.MONTH, nth=1)

    page = http.get(other)

    assert heading(page) == "Can the month’s settlement be approved?"
    assert "You receive in all" in words(page)
    assert "You receive from Odense Kommune" in words(page)


def test_no_link_about_a_month_leads_to_taking_back_or_to_a_consent(http, path):
    for below in ("take-back", "consent"):
        assert http.get(f"{path}/{below}").status_code == HTTPStatus.NOT_FOUND
