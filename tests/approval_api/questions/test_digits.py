"""An answer by link needs the digits of the letter too, and guessing them ends the link."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from templates.words import questions
from tests.approval_api.questions.forms import WITHDRAW, choose, complaints, looked, wrong
from tests.approval_api.questions.guesses import ACCEPTANCE, APPROVAL, guess
from tests.world.served import (
    EVERY_QUESTION,
    LINK,
    Asked,
    a_yes,
    ask,
    browsing,
    digits_of,
    everything,
    heading,
    link,
    opened,
    question_of,
    send,
    serving,
    words,
)

every_question = pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)

CLOSED = "Linket virker ikke længere"


@every_question
@pytest.mark.parametrize("typed", ["", "ok", "407", "yes"])
def test_without_its_digits_nothing_is_recorded_and_nothing_is_a_guess(sqlite_world, http, asked, typed):
    path = ask(sqlite_world, asked)
    rows = everything(sqlite_world)

    for _ in range(WRONG_TRIES_AT_MOST + 1):
        page = send(http, path, a_yes(http, path) | {"digits": typed})

        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert complaints(page) == {"digits": questions.ERRORS["type_the_digits"]}
    assert everything(sqlite_world) == rows


@every_question
def test_wrong_digits_are_told_counted_and_record_nothing(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)

    page = guess(http, path, times=1)

    assert complaints(page) == {"digits": questions.ERRORS["wrong_digits"]}
    assert question_of(sqlite_world, path).wrong_digits == 1
    assert question_of(sqlite_world, path).standing is Standing.OPEN
    assert send(http, path, a_yes(http, path)).status_code == HTTPStatus.SEE_OTHER


@every_question
def test_the_digits_stand_on_no_page(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    digits = digits_of(path)
    spellings = (digits, digits.replace(" ", ""))
    before = opened(http, path)
    forms = [{}, {"digits": digits}, {"answer": "no", "digits": digits}, {"answer": "yes", "digits": wrong(path)}]
    pages = [http.get(path), *(send(http, path, form, before=before) for form in forms)]
    pages += [send(http, path, a_yes(http, path), before=before), http.get(path), http.get(f"{path}/consent")]

    texts = [words(page) for page in pages if page.text]
    fields = [
        tag["value"]
        for page in pages
        for tag in BeautifulSoup(page.text, "html.parser").select("input[type=text][value]")
    ]
    assert fields == []
    assert [text for text in texts for spelling in spellings if f" {spelling} " in f" {text} "] == []


@every_question
def test_after_five_wrong_tries_the_link_is_dead_and_the_same_person_gets_another(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    before, asked_first = opened(http, path), question_of(sqlite_world, path)

    page = guess(http, path)

    assert (page.status_code, heading(page)) == (HTTPStatus.GONE, CLOSED)
    late = send(http, path, {"answer": "no", "reason": "quota_used"}, before=before)
    assert (late.status_code, heading(late)) == (HTTPStatus.GONE, CLOSED)
    assert question_of(sqlite_world, path).answer is None
    letters = len(sqlite_world.mail.letters)
    sqlite_world.settle()
    assert [letter["To"] for letter in sqlite_world.mail.letters[letters:]] == [_letter_to(sqlite_world, asked_first)]
    another = link(sqlite_world, asked.kind)
    assert another != path
    assert question_of(sqlite_world, another).addressee == asked_first.addressee
    assert send(http, another, a_yes(http, another)).status_code == HTTPStatus.SEE_OTHER


def _letter_to(world, question):
    """The recipient of the first letter of a question."""
    path = question.token_hash
    for letter in world.mail.letters:
        text = letter.get_body(("plain",)).get_content()
        found = LINK.search(text)
        if found and question_of(world, found[1]).token_hash == path:
            return letter["To"]
    raise AssertionError("no letter was sent")


def test_the_digits_of_one_letter_open_no_other_link(sqlite_world, http):
    first, second = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF)), None
    send(http, first, a_yes(http, first))
    second = ask(sqlite_world, Asked(QuestionKind.OFFER))
    if digits_of(first) == digits_of(second):
        pytest.skip("by chance both letters have the same four digits")

    send(http, second, a_yes(http, second) | {"digits": digits_of(first)})

    assert question_of(sqlite_world, second).standing is Standing.OPEN


def test_of_many_guesses_at_the_same_instant_no_more_are_tried_than_one_after_another(world):
    with serving(world) as origin, browsing(origin) as http:
        path = ask(world, APPROVAL)
        form, before = a_yes(http, path), opened(http, path)
        guesses = [wrong(path, nth) for nth in range(1, 31)]

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: send(http, path, form | {"digits": one}, before=before), guesses))

        asked = question_of(world, path)
        assert (asked.wrong_digits, asked.passed_by) == (WRONG_TRIES_AT_MOST, PassedOnBy.WRONG_DIGITS)
        assert send(http, path, form, before=before).status_code == HTTPStatus.GONE
        assert question_of(world, path).answer is None


def test_passing_a_question_on_takes_the_digits_too(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    form = {"answer": "ask_a_colleague", "colleague": "anvisning-2"}

    assert complaints(send(http, path, form | {"digits": ""})) == {"digits": questions.ERRORS["type_the_digits"]}
    assert question_of(sqlite_world, path).passed_to is None
    send(http, path, form)
    assert question_of(sqlite_world, path).passed_to == "anvisning-2"


def test_a_consent_is_withdrawn_with_the_digits_alone(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)

    for typed, code in (("", "type_the_digits"), (wrong(path), "wrong_digits")):
        refused = choose(http, f"{path}/consent", WITHDRAW | {"digits": typed})
        assert complaints(refused) == {"digits": questions.ERRORS[code]}
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.APPROVED
    assert question_of(sqlite_world, path).wrong_digits == 1


def test_guessing_where_the_question_is_answered_already_ends_what_the_link_undoes(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)
    send(http, path, a_yes(http, path))
    sqlite_world.settle()
    before = looked(http, f"{path}/consent")

    for nth in range(1, WRONG_TRIES_AT_MOST + 1):
        last = choose(http, f"{path}/consent", WITHDRAW | {"digits": wrong(path, nth)}, before=before)
    choose(http, f"{path}/consent", WITHDRAW, before=before)

    assert {heading(page) for page in (last, http.get(path), http.get(f"{path}/consent"))} == {CLOSED}
    sqlite_world.settle()
    assert sqlite_world.referral().status is Status.ACCEPTED
    assert [item.code for item in sqlite_world.rows(select(AttentionItem))] == ["digits_guessed"]
