"""A person who cannot answer passes the question on to a colleague on the list, once, and gets a confirmation."""

from http import HTTPStatus

import pytest

from domain.parties.party import Absence
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from storage.questions.answers import pass_on
from templates.words import names, questions
from tests.approval_api.questions.forms import complaints
from tests.world.parties import change
from tests.world.served import EVERY_QUESTION, ON_BEHALF, Asked, ask, heading, link, opened, question_of, send, words

APPROVAL, OFFER, ACCEPTANCE = Asked(QuestionKind.APPROVAL), Asked(QuestionKind.OFFER), Asked(QuestionKind.ACCEPTANCE)
PASSED_ON = "En kollega svarer i stedet"
TO = {
    QuestionKind.SIGN_OFF: "teamleder-2",
    QuestionKind.FEWER_ALIKE: "sagsbehandler-2",
    QuestionKind.OFFER: "udlejning-2",
    QuestionKind.APPROVAL: "anvisning-2",
    QuestionKind.ACCEPTANCE: "sagsbehandler-2",
    QuestionKind.MOVE_IN: "udlejning-2",
}
MAY_PASS_ON = [asked for asked in EVERY_QUESTION if asked != ACCEPTANCE]


def pass_it_on(http, path, to, **kwargs):
    return send(http, path, {"answer": "ask_a_colleague", "colleague": to}, **kwargs)


@pytest.mark.parametrize("asked", MAY_PASS_ON, ids=str)
def test_every_question_to_a_party_can_be_passed_on_and_is_answered_there(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)

    sent = pass_it_on(http, path, TO[asked.kind])
    page = http.get(sent.headers["location"])

    assert (page.status_code, heading(page)) == (HTTPStatus.OK, PASSED_ON)
    sqlite_world.settle()
    theirs = question_of(sqlite_world, link(sqlite_world, asked.kind))
    assert (theirs.contact_id, theirs.standing) == (TO[asked.kind], Standing.OPEN)
    assert heading(http.get(f"{link(sqlite_world, asked.kind)}?lang=da")) == questions.asked(
        asked.kind, on_behalf=asked.on_behalf
    )


def test_sending_it_twice_is_sending_it_once(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    before = opened(http, path)
    pass_it_on(http, path, "anvisning-2", before=before)

    again = pass_it_on(http, path, "anvisning-2", before=before)

    assert (again.status_code, heading(again)) == (HTTPStatus.OK, PASSED_ON)
    sqlite_world.settle()
    assert len(sqlite_world.questions(QuestionKind.APPROVAL)) == 1


def test_who_passed_it_on_can_no_longer_answer(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    before = opened(http, path)
    pass_it_on(http, path, "anvisning-2", before=before)

    late = send(http, path, {"answer": "yes"}, before=before)

    assert heading(late) == PASSED_ON
    assert question_of(sqlite_world, path).answer is None


@pytest.mark.parametrize("to", ["", "nobody", "anvisning-1", "chef", "somebody@example.org", "\x00"])
def test_nobody_outside_the_list_is_asked(sqlite_world, http, to):
    path = ask(sqlite_world, APPROVAL)

    page = pass_it_on(http, path, to)

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert complaints(page) == {"colleague": questions.ERRORS["choose_a_colleague"]}
    assert question_of(sqlite_world, path).standing is Standing.OPEN


def test_a_family_answers_itself(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)

    page = pass_it_on(http, path, "sagsbehandler-2")

    assert complaints(page) == {"answer": questions.ERRORS["not_an_answer"]}
    assert "kollega" not in words(http.get(path))


def test_the_list_leaves_out_who_flagged_the_family(sqlite_world, http):
    path = ask(sqlite_world, ON_BEHALF)
    assert "Sagsbehandler To" in words(http.get(path))
    assert "Teamleder" not in words(http.get(path))


@pytest.mark.parametrize("by", [PassedOnBy.STAFF, PassedOnBy.DEPUTY_RULE])
def test_whoever_was_relieved_by_others_is_told_who_answers_now(sqlite_world, http, by):
    path = ask(sqlite_world, APPROVAL)
    with sqlite_world.platform.database.writing() as session:
        asked = question_of(sqlite_world, path)
        pass_on(session, asked, to="anvisning-2", by=by, now=sqlite_world.clock.now())

    page = http.get(path)

    assert (page.status_code, heading(page)) == (HTTPStatus.GONE, PASSED_ON)
    assert "Boliganviser To (opdigtet)" in words(page)
    assert names.name(by) in words(page)


def test_who_has_come_to_stand_in_for_the_flagger_is_told_that_a_colleague_answers(sqlite_world, http):
    path = ask(sqlite_world, Asked(QuestionKind.SIGN_OFF))
    before = opened(http, path)
    today = sqlite_world.clock.now().date()
    away = (Absence(today, today, "teamleder-1"),)
    change(sqlite_world, "municipality:0461", "sagsbehandler-1", away=away)

    for page in (http.get(path), send(http, path, {"answer": "yes"}, before=before)):
        assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, "En kollega skal svare")
    assert question_of(sqlite_world, path).standing is Standing.OPEN
