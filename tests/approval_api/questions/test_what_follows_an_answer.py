"""The consequences of an answer: a case that stops, and receipts."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlmodel import select

from domain.questions.question import Answer, GivenBy, QuestionKind
from domain.referrals.lifecycle import Status, WithdrawalReason
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import request_stop
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from templates.words import names
from tests.approval_api.questions.answered_forms import CASEWORKERS, FAMILYS
from tests.world.families import family
from tests.world.served import (
    EVERY_QUESTION,
    Asked,
    a_no,
    a_yes,
    ask,
    heading,
    link,
    question_of,
    send,
    words,
)

every_question = pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)


def test_a_family_withdraws_its_consent_on_its_page_and_everything_stops(sqlite_world, http):
    path = ask(sqlite_world, FAMILYS)
    assert sqlite_world.desk().held

    send(http, path, {"answer": "withdraw"})
    assert "Vi stopper sagen" in words(http.get(path))
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.WITHDRAWN
    assert sqlite_world.desk().held == {}
    assert sqlite_world.rows(select(Vacancy.standing)) == [VacancyStanding.AVAILABLE]
    assert heading(http.get(path)) == "Tak. Vi har fået svaret"
    told = {letter["To"] for letter in sqlite_world.mail.letters if "stoppet" in letter["Subject"].lower()}
    assert told == {"anvisning@nyborg.invalid", "sagsbehandler1@odense.invalid"}


@every_question
def test_the_links_of_a_stopped_case_say_that_it_is_over_and_nothing_else(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    with sqlite_world.platform.database.writing() as session:
        referral_id = sqlite_world.referral().id
        request_stop(session, referral_id, WithdrawalReason.CONSENT_WITHDRAWN, now=sqlite_world.clock.now())
    form = a_yes(http, path)
    sqlite_world.settle()

    for answer in (http.get(path), send(http, path, form)):
        assert answer.status_code == HTTPStatus.GONE
        assert heading(answer) == "Sagen er afsluttet"
        assert "TF-" not in answer.text
    assert question_of(sqlite_world, path).answer is None


def test_the_association_that_was_slower_is_told_that_the_request_is_recalled(sqlite_world, http):
    sqlite_world.home("kloeverlykken", "0430")
    quick = ask(sqlite_world, Asked(QuestionKind.OFFER))
    slow = link(sqlite_world, QuestionKind.OFFER, nth=1)
    send(http, quick, a_yes(http, quick))
    late = a_yes(http, slow)
    sqlite_world.settle()

    assert heading(send(http, slow, late)) == "Spørgsmålet er trukket tilbage"


@pytest.mark.parametrize("way", GivenBy)
def test_what_a_caseworker_answers_for_a_family_is_recorded_as_such(sqlite_world, http, way):
    path = ask(sqlite_world, CASEWORKERS)

    send(http, path, {"answer": "yes", "given_by": way})
    receipt = words(http.get(path))
    sqlite_world.settle()

    assert names.name(way) in receipt
    assert "Sagsbehandler Et (opdigtet), Odense Kommune" in receipt
    line = sqlite_world.rows(select(HistoryLine).where(HistoryLine.deed == "accepted"))[0]
    assert (line.actor, line.reason) == ("municipality:0461/sagsbehandler-1", way)


def test_a_family_that_answers_itself_is_not_recorded_as_having_told_somebody(sqlite_world, http):
    path = ask(sqlite_world, FAMILYS)

    send(http, path, {"answer": "yes", "given_by": "phone", "vacancy": "1"})

    recorded = question_of(sqlite_world, path)
    assert (recorded.answer, recorded.given_by, recorded.vacancy_id) == (Answer.YES, None, None)


def test_a_receipt_tells_of_the_home_that_was_asked_about_and_never_of_a_later_one(sqlite_world, http):
    sqlite_world.home("havblik", "0450", department="Strandvænget")
    sqlite_world.home("kloeverlykken", "0430", department="Kløvergården")
    receipts = {}

    def answer(kind, choose):
        path = link(sqlite_world, kind)
        send(http, path, choose(http, path))
        receipts[path] = http.get(path).text
        sqlite_world.clock.move_on(timedelta(minutes=1))
        sqlite_world.settle()

    sqlite_world.flag(family())
    sqlite_world.until(QuestionKind.OFFER)
    for kind in (QuestionKind.OFFER, QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE):
        answer(kind, a_yes)
    answer(QuestionKind.MOVE_IN, a_no)
    assert sqlite_world.referral().status is Status.SEEKING
    sqlite_world.until(QuestionKind.MOVE_IN)

    homes = [words(http.get(path)) for path in receipts]
    assert all("Strandvænget" in seen for seen in homes)
    assert "Kløvergården" in words(http.get(link(sqlite_world, QuestionKind.MOVE_IN)))
    assert {path: http.get(path).text for path in receipts} == receipts
