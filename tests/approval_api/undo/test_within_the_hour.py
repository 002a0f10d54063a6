"""What happens within the hour in which a yes can be taken back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.privacy.consents import ConsentRecord
from storage.questions.acceptance import TAKEN_BACK_AT_MOST
from storage.referrals.history import HistoryLine
from tests.approval_api.questions.forms import looked, wrong
from tests.approval_api.questions.protected_address import protect
from tests.approval_api.undo.taken_back import ACCEPTANCE, HOUR, TAKEN, know_who_it_is, say_yes, take_it_back
from tests.world.parties import leave_time_to_take_back
from tests.world.served import (
    a_yes,
    ask,
    browsing,
    link,
    send,
    serving,
    words,
)


def test_a_family_that_withdraws_within_the_hour_is_told_of_to_nobody(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    send(http, f"{path}/consent", {"answer": "withdraw"}, before=looked(http, f"{path}/consent"))
    sqlite_world.settle()
    sqlite_world.clock.move_on(2 * HOUR)
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.WITHDRAWN
    assert know_who_it_is(sqlite_world) == ([], 0)


def test_a_consent_that_ends_within_the_hour_stops_the_case(sqlite_world, http):
    say_yes(sqlite_world, http)
    with sqlite_world.platform.database.writing() as session:
        consent = session.exec(select(ConsentRecord)).one()
        consent.ends_on = (sqlite_world.clock.now() - timedelta(days=1)).date()
        session.add(consent)
    sqlite_world.clock.move_on(HOUR)
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.WITHDRAWN
    assert know_who_it_is(sqlite_world) == ([], 0)


def test_whoever_closes_the_link_by_guessing_keeps_nobody_from_taking_back(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    before = looked(http, f"{path}/take-back")

    for nth in range(1, WRONG_TRIES_AT_MOST + 1):
        page = send(http, f"{path}/take-back", TAKEN | {"digits": wrong(path, nth)}, before=before)

    assert "et nyt brev til samme adresse" in words(page)
    sqlite_world.settle()
    sqlite_world.clock.move_on(2 * HOUR)
    sqlite_world.settle()
    assert know_who_it_is(sqlite_world) == ([], 0)
    assert sqlite_world.referral().status is Status.APPROVED
    assert link(sqlite_world, QuestionKind.ACCEPTANCE) != path


@pytest.mark.parametrize("settled", [True, False], ids=["the path has acted", "the path has not come to it"])
def test_when_the_address_comes_to_be_protected_within_the_hour_the_caseworker_is_asked(world, settled):
    with serving(world) as origin, browsing(origin) as http:
        leave_time_to_take_back(world)
        path = ask(world, ACCEPTANCE, outside_labour_market=2)
        send(http, path, a_yes(http, path))
        if settled:
            world.settle()
        letters = len(world.mail.letters)

        protect(world)
        world.settle()
        world.clock.move_on(2 * HOUR)
        world.settle()

        assert know_who_it_is(world) == ([], 0)
        assert [asked.on_behalf for asked in world.questions(QuestionKind.ACCEPTANCE)] == [True]
        assert {letter["To"] for letter in world.mail.letters[letters:]} == {"sagsbehandler1@odense.invalid"}
        who = [line.actor for line in world.rows(select(HistoryLine)) if line.deed == "acceptance_taken_back"]
        assert who == ["platform"]


def test_the_hour_begins_when_the_letter_has_gone_that_asks_whether_it_was_them(sqlite_world, http):
    leave_time_to_take_back(sqlite_world)
    path = ask(sqlite_world, ACCEPTANCE, outside_labour_market=2)
    send(http, path, a_yes(http, path))
    sqlite_world.carry()
    sqlite_world.clock.move_on(3 * HOUR)
    sqlite_world.carry()
    assert know_who_it_is(sqlite_world) == ([], 0)

    sqlite_world.deliver()
    assert "var det ikke jer" in sqlite_world.texts()[-1]
    sqlite_world.clock.move_on(HOUR - timedelta(minutes=1))
    sqlite_world.settle()
    assert know_who_it_is(sqlite_world) == ([], 0)
    sqlite_world.clock.move_on(timedelta(minutes=1))
    sqlite_world.settle()
    assert len(know_who_it_is(sqlite_world)[0]) == 2


def test_nobody_is_asked_whether_it_was_them_when_nothing_can_be_taken_back_any_more(sqlite_world, http):
    leave_time_to_take_back(sqlite_world)
    path = ask(sqlite_world, ACCEPTANCE, outside_labour_market=2)
    send(http, path, a_yes(http, path))
    sqlite_world.carry()
    send(http, f"{path}/consent", {"answer": "withdraw"}, before=looked(http, f"{path}/consent"))
    sqlite_world.settle()

    assert not any("var det ikke jer" in text for text in sqlite_world.texts())


def test_the_old_link_says_that_it_was_taken_back_and_no_longer_yes(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    take_it_back(http, path)

    page = http.get(path, follow_redirects=True)

    assert "er taget tilbage" in words(page)
    assert "Ja, vi vil gerne" not in words(page)
    assert "Strandvænget" not in page.text


def test_a_home_is_not_held_for_ever_by_a_yes_that_is_taken_back_again_and_again(sqlite_world, http):
    path = say_yes(sqlite_world, http)
    for _ in range(TAKEN_BACK_AT_MOST):
        take_it_back(http, path)
        sqlite_world.settle()
        path = link(sqlite_world, QuestionKind.ACCEPTANCE)
        send(http, path, a_yes(http, path))
        sqlite_world.settle()

    assert "kan ikke tages tilbage her" in words(http.get(f"{path}/take-back"))
