"""A yes to a home is held at once and disclosed an hour later: until then whoever said it may take it back."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import TAKE_BACK, Answer, QuestionKind
from domain.referrals.lifecycle import Status
from storage.privacy.consents import ConsentRecord
from storage.privacy.disclosures import Disclosure
from storage.referrals.acceptance import TAKEN_BACK_AT_MOST, take_back
from storage.referrals.history import HistoryLine
from storage.vacancies.offers import Offer, OfferStanding
from storage.vault.entries import Door, VaultOpening
from templates.words import questions
from tests.approval_api.questions.forms import complaints, looked, wrong
from tests.approval_api.questions.protected_address import protect
from tests.world.parties import leave_time_to_take_back
from tests.world.served import (
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

ACCEPTANCE = Asked(QuestionKind.ACCEPTANCE)
HOUR = timedelta(hours=1)
TAKEN = {"answer": TAKE_BACK}


def say_yes(world, http, asked=ACCEPTANCE):
    """A family, or its caseworker for it, says yes under an agreement that leaves an hour; the link's path."""
    leave_time_to_take_back(world)
    path = ask(world, asked, outside_labour_market=2)
    send(http, path, a_yes(http, path))
    world.settle()
    return path


def take_it_back(http, path, **form):
    at = f"{path}/take-back"
    return send(http, at, TAKEN | form, before=looked(http, at))


def know_who_it_is(world):
    """To whom it was decided to tell who the family is, and how often the vault was opened for that."""
    opened = world.rows(select(VaultOpening).where(VaultOpening.door == Door.DISCLOSURE))
    return [one.to_party for one in world.rows(select(Disclosure))], len(opened)


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
    # Nine in the morning by UTC is ten in Copenhagen, and the yes was said then.
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


def test_it_is_taken_back_with_the_digits_alone_and_by_choosing_it(sqlite_world, http):
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


def test_twice_is_once(world):
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


@pytest.mark.parametrize("kind", [kind for kind in QuestionKind if kind is not QuestionKind.ACCEPTANCE])
def test_nobody_elses_link_leads_there(shared_desk, kind):
    page = shared_desk.http.get(f"{shared_desk.links[Asked(kind)]}/take-back")
    assert (page.status_code, heading(page)) == (HTTPStatus.NOT_FOUND, "Siden findes ikke")


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
