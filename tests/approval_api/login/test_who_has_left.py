"""A contact whom their party no longer names gets no form, and a colleague is asked instead."""

from dataclasses import replace
from http import HTTPStatus

import pytest
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from deployments.parties.importing import import_file
from domain.parties.party import Contact, Role
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from storage.parties.partners import partner_of, remember_partner
from storage.questions.questions import Question
from tasks.asking.deadlines import remind_and_close
from tests.world.parties import change
from tests.world.served import Asked, a_yes, ask, heading, link, opened, question_of, send, words
from tests.world.world import World

Q = QuestionKind
ASKED = [Asked(kind) for kind in (Q.SIGN_OFF, Q.OFFER, Q.APPROVAL, Q.MOVE_IN)]


def leaves(world: World, question: Question, *, successor: bool) -> None:
    """Take the addressee out of their party's file, and put in a successor with the same role, or nobody."""
    with world.platform.database.writing() as session:
        at = partner_of(session, question.asked_of)
        gone = at.contact(question.contact_id)
        stay = tuple(one for one in at.contacts if one.role is not gone.role)
        remember_partner(session, replace(at, contacts=stay), now=world.clock.now())
    if successor:
        is_hired(world, question.asked_of, gone.role)


def is_hired(world: World, party: str, role: Role) -> None:
    with world.platform.database.writing() as session:
        at = partner_of(session, party)
        other = Contact("efterfølger", "Efter Følger", "ny@parten.invalid", role)
        remember_partner(session, replace(at, contacts=(*at.contacts, other)), now=world.clock.now())


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_whoever_has_left_gets_no_form_and_a_colleague_is_asked(sqlite_world: World, http, asked: Asked):
    path = ask(sqlite_world, asked)
    before, form = opened(http, path), a_yes(http, path)
    leaves(sqlite_world, question_of(sqlite_world, path), successor=True)

    seen = http.get(path)

    assert (seen.status_code, heading(seen)) == (HTTPStatus.GONE, "Linket virker ikke længere")
    assert "<form" not in seen.text
    assert "vi spørger en kollega" in words(seen)
    assert "TF-2026" not in seen.text
    assert send(http, path, form, before=before).status_code == HTTPStatus.GONE
    assert question_of(sqlite_world, path).standing is Standing.OPEN

    remind_and_close(sqlite_world.platform)
    sqlite_world.settle()

    passed = question_of(sqlite_world, path)
    assert (passed.standing, passed.passed_by, passed.passed_to) == (Standing.REVOKED, PassedOnBy.LEFT, "efterfølger")
    assert heading(http.get(path)) == "Linket virker ikke længere"
    anew = link(sqlite_world, asked.kind)
    assert heading(http.get(anew)) != heading(seen)
    assert question_of(sqlite_world, anew).contact_id == "efterfølger"


def test_a_contact_with_another_role_counts_as_having_left(sqlite_world: World, http):
    path = ask(sqlite_world, Asked(QuestionKind.APPROVAL))
    question = question_of(sqlite_world, path)
    change(sqlite_world, question.asked_of, question.contact_id, role=Role.CHIEF)

    assert http.get(path).status_code == HTTPStatus.GONE


def test_where_nobody_else_has_the_part_a_person_is_asked_until_somebody_has(sqlite_world: World, http):
    path = ask(sqlite_world, Asked(QuestionKind.APPROVAL))
    question = question_of(sqlite_world, path)
    leaves(sqlite_world, question, successor=False)

    remind_and_close(sqlite_world.platform)
    remind_and_close(sqlite_world.platform)

    assert [(item["about"], item["why"]) for item in attention_list(sqlite_world.platform.database)] == [
        (f"question:{question.id}", "needs_person")
    ]
    assert http.get(path).status_code == HTTPStatus.GONE
    is_hired(sqlite_world, question.asked_of, Role.APPROVER)
    remind_and_close(sqlite_world.platform)
    sqlite_world.settle()
    assert [one.contact_id for one in sqlite_world.questions(QuestionKind.APPROVAL)] == ["efterfølger"]


def test_the_answer_that_somebody_gave_before_they_left_is_told_them_no_more(sqlite_world: World, http):
    path = ask(sqlite_world, Asked(QuestionKind.APPROVAL))
    send(http, path, a_yes(http, path))
    assert http.get(path).status_code == HTTPStatus.OK
    leaves(sqlite_world, question_of(sqlite_world, path), successor=True)

    seen = http.get(path)

    assert (seen.status_code, "TF-2026" in seen.text) == (HTTPStatus.GONE, False)


def test_an_import_asks_the_colleague_at_once(world: World, tmp_path):
    ask(world, Asked(QuestionKind.SIGN_OFF))
    (question,) = world.questions(QuestionKind.SIGN_OFF)
    file = tmp_path / "party.toml"
    file.write_text(
        f"""
[[partner]]
party = "{question.asked_of}"
name = "Odense Kommune"
phone = "+45 00 00 00 00"
systems = {{}}
contacts = [
  {{ id = "sagsbehandler-1", name = "Sine", email = "sine@odense.invalid", role = "caseworker" }},
  {{ id = "ny-leder", name = "Ny Leder", email = "ny@odense.invalid", role = "sign_off" }},
]
""",
        encoding="utf-8",
    )

    import_file(world.platform.database, file, now=world.clock.now(), by="test", demo=True)
    world.settle()

    assert [one.contact_id for one in world.questions(QuestionKind.SIGN_OFF)] == ["ny-leder"]
    (left,) = world.rows(select(Question).where(Question.standing == Standing.REVOKED))
    assert left.passed_by is PassedOnBy.LEFT
