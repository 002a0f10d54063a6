"""The links of old letters, which anybody may find, must not tell where a family lives."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.privacy.disclosures import Disclosure
from storage.privacy.shredding import shred
from tests.approval_api.questions.forms import WITHDRAW, choose, looked
from tests.approval_api.questions.protected_address import protect
from tests.world.families import family
from tests.world.family_letters import have_letters
from tests.world.served import (
    OF_CASES,
    Asked,
    a_yes,
    ask,
    browsing,
    everything,
    heading,
    link,
    opened,
    question_of,
    send,
    serving,
    words,
)

ACCEPTANCE = Asked(QuestionKind.ACCEPTANCE)
DAY = timedelta(days=1)
# The facts from which somebody could find the home: department, association, municipality and rent.
HOME = ("Strandvænget", "Havblik", "Nyborg", "7.000")
ON_THE_PATH = [kind for kind in OF_CASES if kind is not QuestionKind.FEWER_ALIKE]


def tells_of_the_home(page):
    return [fact for fact in HOME if fact in page.text]


def everybody_answers(world, http, until=QuestionKind.MOVE_IN):
    """Have people answer on the pages until the family is housed; returns the path of each letter's link."""
    paths = {}
    world.home()
    world.flag(family())
    for kind in ON_THE_PATH:
        world.settle()
        paths[kind] = link(world, kind)
        if kind is until:
            break
        send(http, paths[kind], a_yes(http, paths[kind]))
    if until is QuestionKind.MOVE_IN:
        send(http, paths[until], a_yes(http, paths[until]))
    world.settle()
    return paths


def test_a_receipt_tells_of_the_home_for_three_days_and_then_only_that_there_was_an_answer(sqlite_world, http):
    paths = everybody_answers(sqlite_world, http)
    with_home = [kind for kind in ON_THE_PATH if kind is not QuestionKind.SIGN_OFF]
    assert all(tells_of_the_home(http.get(paths[kind])) == list(HOME) for kind in with_home)

    sqlite_world.clock.move_on(3 * DAY + timedelta(seconds=1))

    for path in paths.values():
        page = http.get(path)
        assert (page.status_code, heading(page)) == (HTTPStatus.OK, "Der er svaret")
        assert tells_of_the_home(page) in ([], ["Nyborg"], ["Havblik"])
        assert "Ja," not in words(page)
    assert tells_of_the_home(http.get(paths[QuestionKind.ACCEPTANCE])) == []


def test_sending_an_answer_does_not_show_the_recorded_one(sqlite_world, http):
    paths = everybody_answers(sqlite_world, http)
    path = paths[QuestionKind.ACCEPTANCE]
    sqlite_world.clock.move_on(4 * DAY)
    before = opened(http, path)

    tried = [
        send(http, path, form, before=before) for form in ({"answer": "yes"}, {"answer": "no", "reason": "not_now"})
    ]

    assert len({(page.status_code, page.text) for page in tried}) == 1


def test_after_closing_no_link_tells_anything_of_the_case(sqlite_world, http):
    paths = everybody_answers(sqlite_world, http)
    sqlite_world.clock.move_on(800 * DAY)
    sqlite_world.settle()
    assert sqlite_world.referral().status is Status.CLOSED

    for kind, path in paths.items():
        for page in (http.get(path), send(http, path, {"answer": "yes"})):
            assert (page.status_code, heading(page)) == (HTTPStatus.GONE, "Sagen er afsluttet"), kind
            assert [
                *tells_of_the_home(page),
                *(one for one in ("TF-", "B-", "Sagsbehandler") if one in page.text),
            ] == []
    assert heading(http.get(f"{paths[QuestionKind.ACCEPTANCE]}/consent")) == "Sagen er afsluttet"


def test_after_shredding_every_link_is_one_that_nobody_was_sent(world):
    with serving(world) as origin, browsing(origin) as http:
        paths = everybody_answers(world, http)
        world.clock.move_on(800 * DAY)
        world.settle()
        platform = world.platform
        shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())
        unknown = http.get(f"/q/{'x' * 43}")

        for path in paths.values():
            for at in (path, f"{path}/consent", f"{path}/take-back"):
                page = http.get(at)
                assert (page.status_code, page.text) == (HTTPStatus.NOT_FOUND, unknown.text)


@pytest.mark.parametrize("housed", [False, True], ids=["accepted", "housed"])
def test_a_familys_older_links_tell_nothing_from_when_its_address_is_protected(world, housed):
    with serving(world) as origin, browsing(origin) as http:
        path = everybody_answers(world, http)[QuestionKind.ACCEPTANCE] if housed else ask(world, ACCEPTANCE)
        if not housed:
            send(http, path, a_yes(http, path))
            world.settle()
        before = looked(http, f"{path}/consent")
        assert tells_of_the_home(http.get(path)) == list(HOME)

        protect(world)
        world.settle()

        tries = (http.get(path), http.get(f"{path}/consent"), http.get(f"{path}/take-back"), send(http, path, {}))
        for page in (*tries, choose(http, f"{path}/consent", WITHDRAW, before=before)):
            assert (page.status_code, heading(page)) == (HTTPStatus.GONE, "Linket virker ikke længere")
            assert tells_of_the_home(page) == []
            assert "beskyt" not in page.text
        assert world.referral().status is (Status.HOUSED if housed else Status.ACCEPTED)


def test_an_open_link_is_dead_at_once_and_nobody_is_told_who_the_family_is(world):
    with serving(world) as origin, browsing(origin) as http:
        path = ask(world, ACCEPTANCE)
        form, before = a_yes(http, path), opened(http, path)

        protect(world)
        late = send(http, path, form, before=before)

        assert (late.status_code, heading(late)) == (HTTPStatus.GONE, "Linket virker ikke længere")
        world.settle()
        assert question_of(world, path).standing is Standing.REVOKED
        assert world.rows(Disclosure.__table__.select()) == []
        (asked,) = world.questions(QuestionKind.ACCEPTANCE)
        assert asked.on_behalf
        assert world.referral().status is Status.APPROVED
        # The caseworker answers for the family, and the path goes on.
        caseworkers = link(world, QuestionKind.ACCEPTANCE)
        send(http, caseworkers, a_yes(http, caseworkers))
        world.settle()
        assert world.referral().status is Status.ACCEPTED


def test_an_open_link_ends_at_once_also_with_a_letter_system(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)
    have_letters(sqlite_world)

    protect(sqlite_world)
    sqlite_world.settle()

    assert heading(http.get(path)) == "Linket virker ikke længere"
    assert [asked.on_behalf for asked in sqlite_world.questions(QuestionKind.ACCEPTANCE)] == [True]


def test_looking_at_an_ended_link_changes_nothing(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)
    protect(sqlite_world)
    rows = everything(sqlite_world)
    http.get(path)
    http.head(path)
    send(http, path, {"answer": "yes"})
    assert everything(sqlite_world) == rows
