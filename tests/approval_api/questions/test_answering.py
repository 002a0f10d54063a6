"""A person opens the link in a letter, answers, and gets a receipt; the path acts on the answer afterwards."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup

from domain.questions.question import Answer, QuestionKind, Standing, answers_to
from domain.referrals.lifecycle import Status
from templates.words import questions
from tests.approval_api.questions.answered_forms import CASEWORKERS, FAMILYS
from tests.world.served import (
    EVERY_QUESTION,
    Asked,
    a_no,
    a_yes,
    ask,
    ask_in_english,
    everything,
    heading,
    question_of,
    send,
    words,
)

every_question = pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)

EVERY_ANSWER = [(asked, answer) for asked in EVERY_QUESTION for answer in answers_to(asked.kind)]


def form_of(http, path, answer):
    if answer is Answer.NO:
        return a_no(http, path)
    return a_yes(http, path) | {"answer": answer}


@every_question
def test_a_link_leads_to_its_question_with_nothing_chosen(sqlite_world, http, asked):
    page = http.get(ask(sqlite_world, asked))

    assert page.status_code == HTTPStatus.OK
    assert heading(page) == questions.asked(asked.kind, on_behalf=asked.on_behalf)
    assert BeautifulSoup(page.text, "html.parser").select("[checked], [selected]") == []


@pytest.mark.parametrize(("asked", "answer"), EVERY_ANSWER, ids=str)
def test_an_answer_is_recorded_as_it_was_chosen_and_leads_to_its_receipt(sqlite_world, http, asked, answer):
    path = ask(sqlite_world, asked)
    form = form_of(http, path, answer)

    sent = send(http, path, form)

    assert (sent.status_code, sent.headers["location"]) == (HTTPStatus.SEE_OTHER, path)
    recorded = question_of(sqlite_world, path)
    assert (recorded.standing, recorded.answered_at) == (Standing.ANSWERED, sqlite_world.clock.now())
    assert recorded.answer is answer
    assert recorded.reason == form.get("reason")
    assert recorded.vacancy_id == (int(form["vacancy"]) if "vacancy" in form else None)
    assert recorded.given_by == form.get("given_by")
    receipt = http.get(path)
    assert receipt.status_code == HTTPStatus.OK
    assert questions.answer(asked.kind, answer, on_behalf=asked.on_behalf) in words(receipt)
    assert not BeautifulSoup(receipt.text, "html.parser").select("form")


@every_question
def test_the_same_answer_again_has_the_same_receipt(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    form = a_yes(http, path)
    send(http, path, form)
    receipt, rows = http.get(path).text, everything(sqlite_world)
    sqlite_world.clock.move_on(timedelta(minutes=1))

    again = send(http, path, form)

    assert (again.status_code, again.headers["location"]) == (HTTPStatus.SEE_OTHER, path)
    assert http.get(path).text == receipt
    assert everything(sqlite_world) == rows


@every_question
def test_the_same_answer_again_has_the_same_receipt_after_the_path_has_acted_on_it(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    form = a_yes(http, path)
    send(http, path, form)
    receipt = http.get(path).text
    sqlite_world.settle()

    assert send(http, path, form).status_code == HTTPStatus.SEE_OTHER
    assert http.get(path).text == receipt


@every_question
@pytest.mark.parametrize("first", ["yes", "no"])
def test_another_answer_comes_too_late_and_changes_nothing(sqlite_world, http, asked, first):
    path = ask(sqlite_world, asked)
    forms = {"yes": a_yes(http, path), "no": a_no(http, path)}
    send(http, path, forms.pop(first))
    rows = everything(sqlite_world)

    second = send(http, path, forms.popitem()[1])

    assert second.status_code == HTTPStatus.CONFLICT
    assert heading(second) == "Der er allerede svaret"
    assert everything(sqlite_world) == rows


def test_another_reason_for_the_same_no_is_another_answer(sqlite_world, http):
    path = ask(sqlite_world, Asked(QuestionKind.APPROVAL))
    send(http, path, {"answer": "no", "reason": "quota_used"})

    assert send(http, path, {"answer": "no", "reason": "area_under_pressure"}).status_code == HTTPStatus.CONFLICT
    assert question_of(sqlite_world, path).reason == "quota_used"


@every_question
@pytest.mark.parametrize("answered", [False, True])
def test_looking_changes_nothing(sqlite_world, http, asked, answered):
    path = ask(sqlite_world, asked)
    if answered:
        send(http, path, a_yes(http, path))
    rows = everything(sqlite_world)

    for query in ("", "?lang=en", "?answer=yes&vacancy=1"):
        seen, head = http.get(path + query), http.head(path + query)
        assert (seen.status_code, head.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
        assert (head.content, head.headers["content-length"]) == (b"", str(len(seen.content)))

    assert everything(sqlite_world) == rows


@pytest.mark.parametrize("path", ["/tilgaengelighed", "/privatliv", "/livez", "/static/desk.css", "/q/nobody", "/"])
def test_every_page_can_be_asked_for_its_head_alone(http, path):
    seen, head = http.get(path), http.head(path)
    assert head.status_code == seen.status_code
    assert head.headers["content-length"] == seen.headers["content-length"]
    assert head.content == b""


@pytest.mark.parametrize(
    "asked", [Asked(QuestionKind.OFFER), FAMILYS, CASEWORKERS, Asked(QuestionKind.MOVE_IN)], ids=str
)
def test_somebody_who_reads_english_is_asked_and_thanked_in_english(sqlite_world, http, asked):
    path = ask_in_english(sqlite_world, asked)

    page = http.get(path)
    assert 'lang="en"' in page.text
    assert "Send answer" in words(page)
    send(http, path, a_yes(http, path))
    assert heading(http.get(path)) == "Thank you. We have the answer"


def test_the_address_can_ask_for_the_other_language_and_the_receipt_keeps_it(sqlite_world, http):
    path = ask(sqlite_world, Asked(QuestionKind.APPROVAL))

    assert 'lang="da"' in http.get(path).text
    assert 'lang="en"' in http.get(f"{path}?lang=en").text
    sent = send(http, f"{path}?lang=en", a_yes(http, path))
    assert sent.headers["location"] == f"{path}?lang=en"


@pytest.mark.parametrize("language", ["de", "", "da&lang=", "%3Cscript%3E", "%00", "%ff"])
def test_a_language_that_we_do_not_speak_is_answered_in_the_readers_own(sqlite_world, http, language):
    path = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF))

    page = http.get(f"{path}?lang={language}")

    assert page.status_code == HTTPStatus.OK
    assert '<html lang="da">' in page.text


@pytest.mark.parametrize("asked", [Asked(QuestionKind.SIGN_OFF), Asked(QuestionKind.MOVE_IN)], ids=str)
def test_a_late_answer_still_counts_where_the_route_keeps_waiting_and_the_page_says_so(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    sqlite_world.clock.move_on(timedelta(days=45))

    assert "Svaret tæller stadig" in words(http.get(path))
    send(http, path, a_yes(http, path))
    assert question_of(sqlite_world, path).standing is Standing.ANSWERED


def test_the_endpoint_records_and_only_the_path_moves_the_case(sqlite_world, http):
    path = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF))
    sqlite_world.clock.move_on(timedelta(hours=1))
    before = sqlite_world.referral()

    send(http, path, a_yes(http, path))

    after = sqlite_world.referral()
    assert (after.status, after.version) == (Status.RECEIVED, before.version)
    assert after.due_at == sqlite_world.clock.now()
    sqlite_world.carry(1)
    assert sqlite_world.referral().status is Status.SEEKING
