"""Forms with errors: nothing is recorded, and the page says what to correct."""

from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import col, update

from deployments.demo import people
from domain.questions.question import REASON_CODES, Answer
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from templates.words import questions
from tests.approval_api.questions.forms import complaints
from tests.approval_api.questions.refusals import APPROVAL, FEWER_ALIKE, MOVE_IN, OFFER, SIGN_OFF, refused
from tests.world.served import (
    EVERY_QUESTION,
    ON_BEHALF,
    a_yes,
    ask,
    question_of,
    send,
)

NOT_OF_FAMILIES = (SIGN_OFF, FEWER_ALIKE, OFFER, APPROVAL, MOVE_IN)
OTHER_REASONS = [
    (asked, code)
    for asked in EVERY_QUESTION
    for code in sorted(
        {codes[0] for codes in REASON_CODES.values()} | {"no_answer", "home_gone", "", "\x00", "ja" * 99}
    )
    if code not in REASON_CODES[asked.kind]
]
MISSING = [
    *((asked, form, {"answer": "not_an_answer"}) for asked in EVERY_QUESTION for form in ({}, {"answer": "maybe"})),
    *((asked, {"answer": "withdraw"}, {"answer": "not_an_answer"}) for asked in NOT_OF_FAMILIES),
    (ON_BEHALF, {"answer": "yes"}, {"given_by": "say_how_it_was_given"}),
    (ON_BEHALF, {"answer": "withdraw", "given_by": "pigeon"}, {"given_by": "say_how_it_was_given"}),
    (ON_BEHALF, {"answer": "no"}, {"reason": "choose_a_reason", "given_by": "say_how_it_was_given"}),
    *(
        (OFFER, {"answer": "yes", "vacancy": vacancy}, {"vacancy": "choose_a_home"})
        for vacancy in ("", "999999", "-1", "0", "1e0", "٥", "²", "9" * 5_000, "5 OR 1=1", "\x00")
    ),
]


@pytest.mark.parametrize(("asked", "form", "expected"), MISSING)
def test_what_is_missing_is_asked_for_by_its_field(shared_desk, asked, form, expected):
    refused(shared_desk, asked, lambda path: send(shared_desk.http, path, form), expected)


@pytest.mark.parametrize(("asked", "code"), OTHER_REASONS)
def test_a_no_needs_a_reason_of_its_own_question(shared_desk, asked, code):
    form = {"answer": "no", "reason": code, "given_by": "phone"}
    refused(shared_desk, asked, lambda path: send(shared_desk.http, path, form), {"reason": "choose_a_reason"})


def test_what_was_chosen_is_still_chosen_when_something_is_missing(shared_desk):
    form = {"answer": "no", "given_by": "meeting"}
    page = refused(
        shared_desk, ON_BEHALF, lambda path: send(shared_desk.http, path, form), {"reason": "choose_a_reason"}
    )
    chosen = {tag["name"]: tag["value"] for tag in BeautifulSoup(page.text, "html.parser").select("[checked]")}
    assert chosen == form


@pytest.mark.parametrize("field", ["answer", "reason", "vacancy", "given_by"])
def test_nothing_that_was_sent_is_said_back(shared_desk, field):
    sent = '"><script>alert(1)</script>'
    page = send(shared_desk.http, shared_desk.links[ON_BEHALF], {field: sent})
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "<script" not in page.text
    assert "alert(1)" not in page.text


def test_fields_that_a_question_does_not_ask_for_are_not_recorded(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    form = {"answer": "yes", "reason": "quota_used", "vacancy": "999999", "given_by": "phone", "more": "x"}

    assert send(http, path, form).status_code == HTTPStatus.SEE_OTHER
    reply = question_of(sqlite_world, path).reply
    assert (reply.answer, reply.reason, reply.vacancy_id, reply.given_by) == (Answer.YES, None, None, None)


def test_a_no_offers_no_home_though_one_was_chosen_before(sqlite_world, http):
    path = ask(sqlite_world, OFFER)
    chosen = a_yes(http, path)["vacancy"]

    send(http, path, {"answer": "no", "reason": "no_capacity_now", "vacancy": chosen})

    assert question_of(sqlite_world, path).vacancy_id is None


def taken(world, *homes):
    """Reserve homes for another family, while the page is open."""
    with world.platform.database.writing() as session:
        mine = update(Vacancy).where(col(Vacancy.id).in_(homes))
        session.execute(mine.values(standing=VacancyStanding.RESERVED, reserved_until=world.clock.now()))


def test_a_home_that_was_taken_meanwhile_cannot_be_offered_and_another_can(sqlite_world, http):
    sqlite_world.home()
    path = ask(sqlite_world, OFFER)
    first, second = map(int, people.read_form(http.get(path).text).choices["vacancy"])
    taken(sqlite_world, first)

    page = send(http, path, {"answer": "yes", "vacancy": str(first)})

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert complaints(page) == {"vacancy": questions.ERRORS["home_gone"]}
    assert people.read_form(page.text.replace(" checked", "")).choices["vacancy"] == [str(second)]
    assert question_of(sqlite_world, path).answer is None
    assert send(http, path, {"answer": "yes", "vacancy": str(second)}).status_code == HTTPStatus.SEE_OTHER


def test_when_every_home_was_taken_only_a_no_is_left_and_the_page_says_so(sqlite_world, http):
    path = ask(sqlite_world, OFFER)
    form = a_yes(http, path)
    taken(sqlite_world, int(form["vacancy"]))

    page = send(http, path, form)

    assert complaints(page) == {"answer": questions.ERRORS["no_home_left"]}
    assert "I kan kun svare nej" in http.get(path).text
    assert [tag["value"] for tag in BeautifulSoup(page.text, "html.parser").select("[name=answer]")] == [
        "no",
        "ask_a_colleague",
    ]
    assert question_of(sqlite_world, path).answer is None
    assert send(http, path, {"answer": "no", "reason": "homes_already_let"}).status_code == HTTPStatus.SEE_OTHER
