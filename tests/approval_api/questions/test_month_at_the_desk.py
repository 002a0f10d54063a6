"""A party's finance people read their statement on the page, line by line, and approve it or say what is wrong."""

from dataclasses import replace
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup

from domain.parties.party import Login
from domain.questions.question import Answer, QuestionKind, Standing
from domain.referrals.household import Language
from storage.books.settlements import statement_of
from storage.parties.partners import partner_of, remember_partner
from storage.questions.comments import announce_sealing_key
from tasks.books.answers import hear_parties
from tests.approval_api.questions.forms import complaints
from tests.tasks.books.asked_months import MARCH, NYBORG, ODENSE, answers, asked_of, march_is_asked
from tests.world.operators import look, sitting
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


@pytest.mark.parametrize("logs_in", [True, False])
def test_of_a_long_month_the_first_lines_are_shown_and_where_the_rest_is(
    sqlite_world, http, path, monkeypatch, logs_in: bool
):
    monkeypatch.setattr("approval_api.questions.pages.statement_facts.LINES_A_PAGE", 2)
    with sqlite_world.platform.database.writing() as session:
        login = Login("https://login.invalid", "tilflyt", "DEMO_SECRET_LOGIN", ("high",)) if logs_in else None
        remember_partner(session, replace(partner_of(session, ODENSE), login=login), now=sqlite_world.clock.now())
    with sqlite_world.platform.database.reading() as session:
        count = len(statement_of(session, MARCH, ODENSE).lines)
    assert count > 2

    danish, english = http.get(path), http.get(f"{path}?lang=en")

    assert len(BeautifulSoup(danish.text, "html.parser").select("tbody th.reference")) == 2
    assert f"Her er de første 2 af {count} poster" in words(danish)
    assert f"These are the first 2 of {count} items" in words(english)
    assert ('href="/afregning/2026-03"' in danish.text) is logs_in
    assert ('href="/afregning/2026-03?lang=en"' in english.text) is logs_in
    assert ("Ring, så sender vi alle poster som regneark (CSV)" in words(danish)) is not logs_in


def test_who_has_logged_in_finds_the_month_on_their_list_and_opens_it(sqlite_world, http, path):
    number, cookie = asked_of(sqlite_world, ODENSE).id, sitting(sqlite_world, ODENSE, "oekonomi-1")

    listed, opened = look(http, "/mine?kind=month", cookie), look(http, f"/mine/{number}", cookie)

    assert (listed.status_code, heading(opened)) == (HTTPStatus.OK, HEADING)
    assert "2026-03" in words(listed)
    assert f'href="/mine/{number}"' in listed.text
    assert "2026-03" not in words(look(http, "/mine?kind=claim", cookie))
    assert "2026-03" in words(look(http, "/mine?show=party", sitting(sqlite_world, ODENSE, "chef")))
    answers(sqlite_world, ODENSE)
    assert "2026-03" not in words(look(http, "/mine", cookie))
    assert "2026-03" in words(look(http, "/mine?show=answered&kind=month", cookie))


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
