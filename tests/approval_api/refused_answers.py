"""Every way in which an answer is refused."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
from bs4 import BeautifulSoup
from sqlalchemy import update

from deployments.demo.people import same_origin
from domain.parties.party import Absence
from domain.questions.question import PassedOnBy, QuestionKind
from storage.questions.answers import pass_on, revoke
from storage.questions.questions import Question
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.world.logging_in import NYBORG
from tests.world.parties import change
from tests.world.served import Asked, Opened, a_no, a_yes, ask, digits_of, opened, question_of
from tests.world.served import send as send_form
from tests.world.world import World

SIGN_OFF, OFFER, APPROVAL = Asked(QuestionKind.SIGN_OFF), Asked(QuestionKind.OFFER), Asked(QuestionKind.APPROVAL)
ACCEPTANCE = Asked(QuestionKind.ACCEPTANCE)
NOBODYS = f"/q/{'n' * 43}"
UNSEEN = Opened({}, {})


@dataclass
class Stage:
    """A world, and a visitor of its endpoint."""

    world: World
    http: httpx.Client

    def then(self, path, form, before=None):
        """The request whose sessions are counted: it sends a form from a page that was opened before."""
        before = before or opened(self.http, path)
        return lambda: send_form(self.http, path, form, before=before)

    def digits(self, path):
        return f"{(int(digits_of(path).replace(' ', '')) + 1) % 10_000:04}"


def nobodys_link(stage):
    return stage.then(NOBODYS, {"answer": "yes"}, UNSEEN)


def one_too_many_of_nobodys_links(stage):
    for _ in range(2):
        send_form(stage.http, NOBODYS, {}, before=UNSEEN)
    return nobodys_link(stage)


def nothing_chosen(stage):
    return stage.then(ask(stage.world, APPROVAL), {})


def no_form(stage):
    path = ask(stage.world, APPROVAL)
    return lambda: stage.http.post(path, json={"answer": "yes"})


def from_elsewhere(stage):
    path = ask(stage.world, APPROVAL)
    return lambda: stage.http.post(path, data={"answer": "yes"}, headers={"Origin": "https://else.invalid"})


def opened_elsewhere(stage):
    path = ask(stage.world, APPROVAL)
    return stage.then(path, {"answer": "yes", "nonce": "0" * 64})


def no_digits(stage):
    path = ask(stage.world, APPROVAL)
    return stage.then(path, {"answer": "yes", "digits": ""})


def wrong_digits(stage, times=0):
    path = ask(stage.world, APPROVAL)
    guess = stage.then(path, {"answer": "yes", "digits": stage.digits(path)})
    for _ in range(times):
        guess()
    return guess


def digits_wrong_for_the_last_time(stage):
    return wrong_digits(stage, 4)


def a_link_that_died_of_guesses(stage):
    return wrong_digits(stage, 5)


def a_cpr_number_in_the_comment(stage):
    path = ask(stage.world, APPROVAL)
    return stage.then(path, a_no(stage.http, path) | {"comment": "010190-1234"})


def a_home_that_was_taken(stage):
    path = ask(stage.world, OFFER)
    sent = stage.then(path, a_yes(stage.http, path))
    with stage.world.platform.database.writing() as session:
        gone = {"standing": VacancyStanding.RESERVED, "reserved_until": stage.world.clock.now()}
        session.execute(update(Vacancy).values(**gone))
    return sent


def a_colleague_who_is_none(stage):
    return stage.then(ask(stage.world, APPROVAL), {"answer": "ask_a_colleague", "colleague": "nobody"})


def answered_otherwise(stage):
    path = ask(stage.world, APPROVAL)
    other = stage.then(path, a_no(stage.http, path))
    stage.then(path, a_yes(stage.http, path))()
    return other


def too_late(stage):
    path = ask(stage.world, APPROVAL)
    sent = stage.then(path, a_yes(stage.http, path))
    stage.world.clock.at = question_of(stage.world, path).expires_at + timedelta(seconds=1)
    return sent


def recalled(stage):
    path = ask(stage.world, APPROVAL)
    sent = stage.then(path, a_yes(stage.http, path))
    with stage.world.platform.database.writing() as session:
        revoke(session, session.get(Question, question_of(stage.world, path).id), now=stage.world.clock.now())
    return sent


def passed_on(stage):
    path = ask(stage.world, APPROVAL)
    sent = stage.then(path, a_yes(stage.http, path))
    with stage.world.platform.database.writing() as session:
        question = session.get(Question, question_of(stage.world, path).id)
        pass_on(session, question, to="anvisning-2", by=PassedOnBy.ADDRESSEE, now=stage.world.clock.now())
    return sent


def no_longer_at_the_party(stage):
    path = ask(stage.world, APPROVAL)
    sent = stage.then(path, a_yes(stage.http, path))
    change(stage.world, NYBORG, "anvisning-1", id="anvisning-9")
    return sent


def four_eyes(stage):
    path = ask(stage.world, SIGN_OFF)
    sent = stage.then(path, a_yes(stage.http, path))
    today, question = stage.world.clock.now().date(), question_of(stage.world, path)
    flagger = stage.world.referral().flagged_by
    change(stage.world, question.asked_of, flagger, away=(Absence(today, today, question.contact_id),))
    return sent


def one_too_many_answers(stage):
    path = ask(stage.world, APPROVAL)
    sent = stage.then(path, {"answer": "maybe"})
    for _ in range(2):
        sent()
    return sent


def nothing_chosen_at_a_consent(stage):
    path = f"{ask(stage.world, ACCEPTANCE)}/consent"
    return stage.then(path, {"answer": "maybe"}, consent_opened(stage, path))


def wrong_digits_at_a_consent(stage):
    path = f"{ask(stage.world, ACCEPTANCE)}/consent"
    return stage.then(path, {"answer": "withdraw", "digits": stage.digits(path)}, consent_opened(stage, path))


def no_form_at_a_consent(stage):
    path = ask(stage.world, ACCEPTANCE)
    return lambda: stage.http.post(f"{path}/consent", json={})


def nobodys_consent(stage):
    return stage.then(f"{NOBODYS}/consent", {}, UNSEEN)


def consent_opened(stage, path):
    page = stage.http.get(path)
    hidden = BeautifulSoup(page.text, "html.parser").select("form input[type=hidden]")
    return Opened(same_origin(page), {field["name"]: field["value"] for field in hidden})


REFUSED = {
    nobodys_link: 404,
    one_too_many_of_nobodys_links: 429,
    nothing_chosen: 422,
    no_form: 422,
    from_elsewhere: 422,
    opened_elsewhere: 422,
    no_digits: 422,
    wrong_digits: 422,
    digits_wrong_for_the_last_time: 410,
    a_link_that_died_of_guesses: 410,
    a_cpr_number_in_the_comment: 422,
    a_home_that_was_taken: 422,
    a_colleague_who_is_none: 422,
    answered_otherwise: 409,
    too_late: 410,
    recalled: 410,
    passed_on: 200,
    no_longer_at_the_party: 410,
    four_eyes: 403,
    one_too_many_answers: 429,
    nothing_chosen_at_a_consent: 422,
    wrong_digits_at_a_consent: 422,
    no_form_at_a_consent: 422,
    nobodys_consent: 404,
}
LIMITED = {
    one_too_many_of_nobodys_links: {"failed_links_at_most": 2},
    one_too_many_answers: {"failed_answers_at_most": 2},
}
