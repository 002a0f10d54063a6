"""The list of questions for a person who has logged in."""

from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.parties.agreement import AnswerLevel
from domain.parties.party import Absence, Role
from domain.questions.question import QuestionKind
from domain.referrals.household import Language
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from tests.approval_api.login.approvals import ASKED, LOG_IN, approval
from tests.world.families import family
from tests.world.logging_in import NYBORG, RECEIPT, SOMEBODY_ELSES, Hand, have_nyborg_log_in, provider
from tests.world.parties import change
from tests.world.served import browsing, heading, serving, words


@pytest.fixture
def issuer():
    with provider(**{"sub-anvisning-1": {}, "sub-anvisning-2": {}, "sub-chef": {}, "sub-stranger": {}}) as found:
        yield found


@pytest.fixture
def path(sqlite_world, hand, issuer):
    """The link of a question to Nyborg's approver, who has to log in."""
    have_nyborg_log_in(sqlite_world, issuer)
    return approval(sqlite_world)


def test_my_list_holds_what_waits_for_me_for_us_and_what_i_answered(sqlite_world, hand, path):
    where = hand.go("/mine")
    assert "Nyborg Kommune" in words(where)
    assert "Odense Kommune" not in words(where), "nobody can log in there"
    listed = hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-1")
    assert heading(listed) == "Mine spørgsmål"
    assert "TF-2026-00001" in words(listed)
    assert "/q/" not in listed.text

    number = sqlite_world.rows(select(Question.id).where(Question.kind == QuestionKind.APPROVAL))[0]
    question = hand.go(f"/mine/{number}")
    assert heading(question) == ASKED
    receipt = hand.answer(question, answer="yes")
    assert heading(receipt) == RECEIPT
    assert "TF-2026-00001" not in words(hand.go("/mine"))
    assert "TF-2026-00001" in words(hand.go("/mine?show=answered"))
    assert "TF-2026-00001" not in words(hand.go("/mine?show=answered&kind=offer"))


@pytest.mark.parametrize("role", Role)
def test_who_keeps_the_books_begins_with_them_and_everybody_else_with_their_questions(sqlite_world, hand, path, role):
    change(sqlite_world, NYBORG, "anvisning-2", role=role)
    keeps_books = role in (Role.FINANCE, Role.COORDINATOR)

    landed = hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-2")

    assert heading(landed) == ("Afregning" if keeps_books else "Mine spørgsmål")
    # From another window, and with a choice of their own.
    again = hand.go("/mine/login?party=municipality:0450", form={})
    assert again.url.path == landed.url.path == ("/afregning" if keeps_books else "/mine")
    assert heading(hand.go("/mine")) == "Mine spørgsmål"


def test_the_books_say_how_many_questions_wait_for_who_begins_with_them(sqlite_world, hand, path):
    change(sqlite_world, NYBORG, "anvisning-1", role=Role.FINANCE)

    landed = hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-1")

    assert "Mine spørgsmål: 1 venter på svar" in words(landed)


def test_a_colleague_sees_that_it_waits_and_cannot_open_it(sqlite_world, hand, path):
    hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-2")
    number = sqlite_world.rows(select(Question.id).where(Question.kind == QuestionKind.APPROVAL))[0]

    assert "TF-2026-00001" not in words(hand.go("/mine"))
    assert "TF-2026-00001" in words(hand.go("/mine?show=party"))
    assert heading(hand.go(f"/mine/{number}")) == SOMEBODY_ELSES


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
def test_what_is_no_number_leads_nowhere(hand, path, number):
    assert hand.go(f"/mine/{number}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("subject", [None, "sub-anvisning-1"])
def test_a_question_of_others_looks_like_one_that_does_not_exist(sqlite_world, hand, path, subject):
    if subject:
        hand.log_in(hand.go("/mine/login?party=municipality:0450"), subject)
    sqlite_world.home("skovbrynet", "0710")
    sqlite_world.flag(family(3, municipality="0751", language=Language.ENGLISH), municipality="0751")
    sqlite_world.until(QuestionKind.ACCEPTANCE)
    others = sqlite_world.rows(select(Question.id).where(Question.asked_of != NYBORG))
    assert len(others) > 4

    nobodys = hand.go("/mine/999999")
    assert (nobodys.status_code, heading(nobodys)) == (HTTPStatus.FORBIDDEN, SOMEBODY_ELSES)
    for number in others:
        found = hand.go(f"/mine/{number}")
        assert (found.status_code, found.text) == (nobodys.status_code, nobodys.text)


def test_strangers_cannot_keep_anybody_from_answering_from_their_list(sqlite_world, issuer):
    with serving(sqlite_world, failed_answers_at_most=3) as origin, browsing(origin) as http:
        have_nyborg_log_in(sqlite_world, issuer)
        approval(sqlite_world)
        number = sqlite_world.rows(select(Question.id).where(Question.kind == QuestionKind.APPROVAL))[0]
        for _ in range(5):
            http.post(f"/mine/{number}", json={})
        hand = Hand(http)
        hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-1")

        assert heading(hand.answer(hand.go(f"/mine/{number}"), answer="yes")) == RECEIPT


def test_a_deputy_who_answers_from_their_list_is_the_one_who_answered(sqlite_world, hand, issuer):
    have_nyborg_log_in(sqlite_world, issuer, level=AnswerLevel.LINK)
    approval(sqlite_world)
    today = sqlite_world.clock.now().date()
    change(sqlite_world, NYBORG, "anvisning-1", away=(Absence(today, today, "anvisning-2"),))
    number = sqlite_world.rows(select(Question.id).where(Question.kind == QuestionKind.APPROVAL))[0]
    hand.log_in(hand.go("/mine/login?party=municipality:0450"), "sub-anvisning-2")

    assert heading(hand.answer(hand.go(f"/mine/{number}"), answer="yes")) == RECEIPT
    sqlite_world.settle()
    line = sqlite_world.rows(select(HistoryLine).where(HistoryLine.deed == "approved"))[0]
    assert line.actor == f"{NYBORG}/anvisning-2"
    assert "TF-2026-00001" in words(hand.go("/mine?show=answered"))


def test_a_deputy_who_passes_a_question_on_is_the_one_who_did(sqlite_world, hand, path):
    today = sqlite_world.clock.now().date()
    change(sqlite_world, NYBORG, "anvisning-1", away=(Absence(today, today, "anvisning-2"),))
    question = hand.log_in(hand.go(path), "sub-anvisning-2")
    colleague = BeautifulSoup(question.text, "html.parser").select_one("[name=colleague]")["value"]
    hand.answer(question, answer="ask_a_colleague", colleague=colleague)
    sqlite_world.settle()

    line = sqlite_world.rows(select(HistoryLine).where(HistoryLine.deed.startswith("passed_on")))[0]
    assert line.actor == f"{NYBORG}/anvisning-2"


def test_a_contact_who_left_is_out(sqlite_world, hand, path):
    hand.log_in(hand.go(path), "sub-anvisning-1")
    change(sqlite_world, NYBORG, "anvisning-1", id="anvisning-9")

    assert heading(hand.go(path)) == LOG_IN
