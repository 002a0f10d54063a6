"""After a yes the home is held at once, and the identity disclosed an hour later: until then it can be taken back."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from storage.questions.acceptance import take_back
from storage.referrals.history import HistoryLine
from storage.vacancies.offers import Offer, OfferStanding
from templates.words import questions
from tests.approval_api.questions.forms import complaints, looked
from tests.approval_api.undo.taken_back import ACCEPTANCE, HOUR, TAKEN, know_who_it_is, say_yes, take_it_back
from tests.world.parties import leave_time_to_take_back
from tests.world.served import (
    OF_CASES,
    ON_BEHALF,
    Asked,
    a_yes,
    ask,
    browsing,
    digits_of,
    everything,
    heading,
    link,
    question_of,
    send,
    serving,
    words,
)


def test_for_an_hour_the_home_is_held_and_nobody_is_told_who_the_family_is(world):
    with serving(world) as origin, browsing(origin) as http:
        say_yes(world, http)

        assert world.referral().status is Status.ACCEPTED
        assert [offer.standing for offer in world.rows(select(Offer))] == [OfferStanding.LIVE]
        world.clock.move_on(HOUR - timedelta(seconds=1))
        world.settle()
        assert know_who_it_is(world) == ([], 0)
        assert world.questions() == []

        world.clock.move_on(timedelta(seconds=1))
        world.settle()

        assert know_who_it_is(world)[0] == ["association:havblik", "municipality:0450"]
        assert [one.kind for one in world.questions()] == [QuestionKind.MOVE_IN]
        assert world.desk().tenants != {}


@pytest.mark.parametrize("asked", [ACCEPTANCE, ON_BEHALF], ids=str)
def test_whoever_said_yes_is_asked_by_letter_whether_it_was_them(sqlite_world, http, asked):
    path = say_yes(sqlite_world, http, asked)
    text = sqlite_world.texts()[-1]

    assert "var det ikke" in text.partition("\n\n")[0].casefold()
    assert f"{path}/take-back\n" in text
    assert digits_of(path) in text
    assert questions.answer(asked.kind, Answer.YES, on_behalf=asked.on_behalf) in words(http.get(path))
    # The yes was given at 9 in the morning by UTC, which is 10 in Copenhagen.
    assert "kan tages tilbage indtil mandag den 2. marts 2026 kl. 11.00" in text


@pytest.mark.parametrize("asked", [ACCEPTANCE, ON_BEHALF], ids=str)
def test_a_yes_that_is_taken_back_keeps_the_home_and_is_asked_anew(world, asked):
    with serving(world) as origin, browsing(origin) as http:
        path = say_yes(world, http, asked)
        first = question_of(world, path)
        receipt = BeautifulSoup(http.get(path).text, "html.parser")
        assert receipt.find("a", string="Tag svaret tilbage")["href"] == f"{path}/take-back?lang=da"

        sent = take_it_back(http, path)

        assert (sent.status_code, sent.headers["location"]) == (HTTPStatus.SEE_OTHER, f"{path}/take-back")
        assert "er taget tilbage" in words(http.get(f"{path}/take-back"))
        world.settle()
        assert world.referral().status is Status.APPROVED
        assert [offer.standing for offer in world.rows(select(Offer))] == [OfferStanding.LIVE]
        another = link(world, QuestionKind.ACCEPTANCE)
        assert another != path
        assert question_of(world, another).addressee == first.addressee
        world.clock.move_on(2 * HOUR)
        world.settle()
        assert know_who_it_is(world) == ([], 0)
        deeds = [line.deed for line in world.rows(select(HistoryLine))]
        assert deeds.count("acceptance_taken_back") == 1

        send(http, another, a_yes(http, another))
        world.settle()
        world.clock.move_on(HOUR)
        world.settle()
        assert len(know_who_it_is(world)[0]) == 2


def test_a_yes_is_taken_back_before_the_path_has_come_to_it(sqlite_world, http):
    leave_time_to_take_back(sqlite_world)
    path = ask(sqlite_world, ACCEPTANCE, outside_labour_market=2)
    send(http, path, a_yes(http, path))

    take_it_back(http, path)
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.APPROVED
    assert link(sqlite_world, QuestionKind.ACCEPTANCE) != path


def test_a_yes_is_taken_back_only_with_the_digits_and_by_choosing_it(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    rows = everything(sqlite_world)

    assert complaints(take_it_back(http, path, digits="")) == {"digits": questions.ERRORS["type_the_digits"]}
    assert complaints(take_it_back(http, path, answer="")) == {"answer": questions.ERRORS["not_an_answer"]}
    assert take_it_back(http, path, answer="no").headers["location"] == path
    assert everything(sqlite_world) == rows


def test_once_it_was_told_who_the_family_is_it_is_too_late(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    before = looked(http, f"{path}/take-back")
    sqlite_world.clock.move_on(HOUR)
    sqlite_world.settle()
    rows = everything(sqlite_world)

    send(http, f"{path}/take-back", TAKEN, before=before)

    assert everything(sqlite_world) == rows
    assert "kan ikke tages tilbage her" in words(http.get(f"{path}/take-back"))
    assert "Tag svaret tilbage" not in words(http.get(path))


def test_a_yes_that_is_taken_back_twice_is_taken_back_once(world):
    with serving(world) as origin, browsing(origin) as http:
        path = say_yes(world, http)
        before = looked(http, f"{path}/take-back")
        for _ in range(2):
            send(http, f"{path}/take-back", TAKEN, before=before)
            world.settle()
        assert len(world.questions(QuestionKind.ACCEPTANCE)) == 1


def test_a_no_and_a_withdrawal_are_not_taken_back(sqlite_world, http):
    leave_time_to_take_back(sqlite_world)
    path = ask(sqlite_world, ACCEPTANCE, outside_labour_market=2)
    send(http, path, {"answer": "no", "reason": "too_far_away"})

    assert "kan ikke tages tilbage her" in words(http.get(f"{path}/take-back"))
    with sqlite_world.platform.database.writing() as session:
        asked = question_of(sqlite_world, path)
        assert not take_back(session, asked.id, referral_id=asked.referral_id, now=sqlite_world.clock.now())


@pytest.mark.parametrize("kind", [kind for kind in OF_CASES if kind is not QuestionKind.ACCEPTANCE])
def test_no_other_link_leads_to_taking_a_yes_back(shared_desk, kind):
    page = shared_desk.http.get(f"{shared_desk.links[Asked(kind)]}/take-back")
    assert (page.status_code, heading(page)) == (HTTPStatus.NOT_FOUND, "Siden findes ikke")
