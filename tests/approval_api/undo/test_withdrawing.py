"""A family withdraws its consent on its own page, at any time until it has moved in."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.lifecycle import Status, WithdrawalReason
from storage.attention import AttentionItem
from storage.limits import Tally
from storage.privacy.consents import ConsentRecord
from storage.privacy.disclosures import Disclosure
from storage.privacy.rights import PROTECTED, corrected
from storage.referrals.referrals import request_stop
from tasks.asking.deadlines import remind_and_close
from templates.words import questions
from tests.approval_api.questions.forms import WITHDRAW, choose, complaints, looked
from tests.world.served import (
    EVERY_QUESTION,
    FORM,
    Asked,
    ask,
    browsing,
    digits_of,
    everything,
    heading,
    question_of,
    serving,
    words,
)

ACCEPTANCE = Asked(QuestionKind.ACCEPTANCE)
YOURS = "Jeres samtykke"
WAY_OUT = "Træk jeres samtykke tilbage"


@pytest.fixture
def family_path(sqlite_world):
    """The path of the link in the letter to a family."""
    return ask(sqlite_world, ACCEPTANCE)


@pytest.fixture
def at(family_path):
    """The path of its consent's page."""
    return f"{family_path}/consent"


def stands(world):
    """The state of the family's consent and of its case."""
    (consent,) = world.rows(select(ConsentRecord))
    return consent.withdrawn, world.referral().status


def way_out(page):
    link = BeautifulSoup(page.text, "html.parser").find("a", string=WAY_OUT)
    return link and link["href"]


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO])
def test_a_family_that_has_answered_withdraws_from_its_receipt_and_everybody_is_told(world, answer):
    with serving(world) as origin, browsing(origin) as http:
        path = ask(world, ACCEPTANCE)
        world.answer(QuestionKind.ACCEPTANCE, answer, None if answer is Answer.YES else "too_far_away")
        world.settle()
        there = way_out(http.get(path))
        assert there == f"{path}/consent?lang=da"
        assert heading(http.get(there)) == YOURS

        sent = choose(http, there, WITHDRAW)
        world.settle()

        assert (sent.status_code, sent.headers["location"]) == (HTTPStatus.SEE_OTHER, there)
        assert stands(world) == (ConsentWithdrawn.PAGE, Status.WITHDRAWN)
        assert world.questions() == []
        told = world.rows(select(Disclosure))
        assert len(told) == (2 if answer is Answer.YES else 0)
        assert all(one.recalled_at for one in told)
        assert world.desk().tenants == {}
        assert "gælder ikke længere" in words(http.get(there))
        assert way_out(http.get(path)) is None


def test_a_family_whose_time_to_answer_has_passed_still_withdraws(sqlite_world, http, family_path):
    sqlite_world.clock.move_on(timedelta(days=40))
    remind_and_close(sqlite_world.platform)
    sqlite_world.settle()
    page = http.get(family_path)
    assert page.status_code == HTTPStatus.GONE

    choose(http, way_out(page), WITHDRAW)
    sqlite_world.settle()

    assert stands(sqlite_world) == (ConsentWithdrawn.PAGE, Status.WITHDRAWN)


def test_it_may_withdraw_there_instead_of_answering(sqlite_world, http, family_path, at):
    choose(http, at, WITHDRAW)
    sqlite_world.settle()

    assert stands(sqlite_world) == (ConsentWithdrawn.PAGE, Status.WITHDRAWN)
    assert http.get(family_path).status_code == HTTPStatus.GONE


def test_to_look_and_to_go_on_change_nothing(sqlite_world, http, family_path, at):
    rows = everything(sqlite_world)

    assert http.head(at).status_code == http.get(at).status_code == HTTPStatus.OK
    assert choose(http, at, {"answer": "no"}).headers["location"] == family_path
    assert everything(sqlite_world) == rows


def test_withdrawing_twice_is_withdrawing_once(sqlite_world, http, at):
    before = looked(http, at)
    choose(http, at, WITHDRAW, before=before)
    (first,) = sqlite_world.rows(select(ConsentRecord.withdrawn_at))
    sqlite_world.clock.move_on(timedelta(hours=1))

    again = choose(http, at, WITHDRAW, before=before)

    assert again.headers["location"] == at
    assert sqlite_world.rows(select(ConsentRecord.withdrawn_at)) == [first]


@pytest.mark.parametrize(
    ("form", "headers", "code"),
    [
        ({}, {}, "not_an_answer"),
        ({"answer": "yes"}, {}, "not_an_answer"),
        ({"answer": "withdraw", "nonce": "0" * 64}, {}, "opened_elsewhere"),
        ({"answer": "withdraw"}, {"Origin": "https://elsewhere.invalid"}, "not_from_our_page"),
        ({"answer": "withdraw"}, {"Content-Type": "text/plain"}, "not_read"),
    ],
)
def test_what_was_not_chosen_on_our_page_withdraws_nothing(sqlite_world, http, at, *, form, headers, code):
    rows = everything(sqlite_world)
    before = looked(http, at)

    sent = {"digits": digits_of(at)} | before.hidden | form
    page = http.post(at, content=urlencode(sent), headers=before.headers | FORM | headers)

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert complaints(page) == {"answer": questions.ERRORS[code]}
    assert everything(sqlite_world) == rows


def test_whoever_sends_it_without_having_looked_withdraws_nothing(sqlite_world, http, at):
    looked_elsewhere = looked(http, at)
    del looked_elsewhere.headers["Cookie"]
    rows = everything(sqlite_world)

    page = choose(http, at, WITHDRAW, before=looked_elsewhere)

    assert complaints(page) == {"answer": questions.ERRORS["opened_elsewhere"]}
    assert everything(sqlite_world) == rows


@pytest.mark.parametrize("asked", [one for one in EVERY_QUESTION if one != ACCEPTANCE], ids=str)
def test_no_partys_link_leads_to_a_consent(shared_desk, asked):
    at = f"{shared_desk.links[asked]}/consent"
    rows = everything(shared_desk.world)

    for page in (shared_desk.http.get(at), shared_desk.http.post(at, data=WITHDRAW)):
        assert page.status_code == HTTPStatus.NOT_FOUND
        assert "TF-" not in page.text
    assert everything(shared_desk.world) == rows


def test_after_the_move_it_is_too_late_and_nothing_is_offered(sqlite_world, http, family_path, at):
    before = looked(http, at)
    sqlite_world.housed()
    rows = everything(sqlite_world)

    sent = choose(http, at, WITHDRAW, before=before)

    assert sent.status_code == HTTPStatus.SEE_OTHER
    assert everything(sqlite_world) == rows
    page = http.get(at)
    assert "kan ikke stoppes her" in words(page)
    assert not BeautifulSoup(page.text, "html.parser").select("form")
    assert way_out(http.get(family_path)) is None
    assert question_of(sqlite_world, family_path).answer is Answer.YES


def test_what_the_association_has_said_counts_before_the_path_has_acted_on_it(world):
    with serving(world) as origin, browsing(origin) as http:
        path = ask(world, ACCEPTANCE)
        before = looked(http, f"{path}/consent")
        world.until(QuestionKind.MOVE_IN)
        world.answer(QuestionKind.MOVE_IN)

        choose(http, f"{path}/consent", WITHDRAW, before=before)
        world.settle()

        assert stands(world) == (None, Status.HOUSED)


def test_a_stop_that_crosses_the_move_is_told_to_a_person_and_the_move_is_booked(world):
    ask(world, ACCEPTANCE)
    world.until(QuestionKind.MOVE_IN)
    with world.platform.database.writing() as session:
        request_stop(session, 1, WithdrawalReason.CONSENT_WITHDRAWN, now=world.clock.now())
    world.answer(QuestionKind.MOVE_IN)
    world.settle()

    assert world.referral().status is Status.HOUSED
    assert [item.code for item in world.rows(select(AttentionItem))] == ["too_late_to_stop"]


def test_an_older_letter_stops_nothing_once_the_address_is_protected(sqlite_world, http, family_path, at):
    world, by = sqlite_world, "vagt: har ringet"
    before = looked(http, at)
    with world.platform.database.writing() as session:
        corrected(
            session, world.platform.vault, world.referral(), PROTECTED, True, opened_for=by, now=world.clock.now()
        )

    choose(http, at, WITHDRAW, before=before)

    assert stands(world)[0] is None
    for page in (http.get(at), http.get(family_path)):
        assert page.status_code == HTTPStatus.GONE
        assert heading(page) == "Linket virker ikke længere"
        assert "TF-" not in page.text


def test_guesses_are_counted_by_who_guesses_and_leave_no_row_each(sqlite_world, http):
    for guess in range(60):
        http.post(f"/q/{guess:043d}/consent", content=b"x", headers={"Content-Type": "text/plain"})
    assert len(sqlite_world.rows(select(Tally))) == 1
