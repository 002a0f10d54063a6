"""Nobody signs off a family that they flagged; and who is whose deputy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deployments.cli.families.looking import attention_list
from domain.parties.colleagues import barred, colleagues, faults_of_absences, faults_of_people, standing_in
from domain.parties.party import Absence, Contact, Partner, Role
from domain.questions.question import QuestionKind
from tests.tasks.asking.absences import ALL_WEEK, TODAY, away
from tests.world.families import family
from tests.world.parties import change
from tests.world.world import World


def staff(*contacts: tuple[str, Role, tuple[Absence, ...]]) -> Partner:
    people = tuple(Contact(id_, id_, f"{id_}@x.invalid", role, away=away) for id_, role, away in contacts)
    return Partner("municipality:0461", "Odense", "", people, {})


def test_whoever_flagged_a_family_is_not_asked_to_sign_it_off(sqlite_world: World):
    world = sqlite_world
    change(world, "municipality:0461", "sagsbehandler-1", role=Role.SIGN_OFF)
    world.flag(family(flagged_by="sagsbehandler-1"))

    assert world.questions()[0].contact_id == "teamleder-1"


def test_the_deputy_of_whoever_flagged_a_family_is_not_asked_to_sign_it_off(sqlite_world: World):
    world = sqlite_world
    change(world, "municipality:0461", "teamleder-1", away=away("teamleder-2"))
    world.flag(family(flagged_by="teamleder-1"))

    assert world.questions() == []
    assert [item["why"] for item in attention_list(world.platform.database)] == ["needs_person"]


@pytest.mark.parametrize("to", ["sagsbehandler-1", "teamleder-2"])
def test_the_database_itself_keeps_four_eyes(world: World, to: str):
    change(world, "municipality:0461", "sagsbehandler-1", away=away("teamleder-2"))
    world.flag(family(flagged_by="sagsbehandler-1"))

    with pytest.raises(DBAPIError, match="four eyes"), world.platform.database.writing() as session:
        session.execute(text("UPDATE question SET contact_id = :to"), {"to": to})
    assert world.questions()[0].contact_id == "teamleder-1"


def test_a_reminder_passes_though_the_one_who_is_asked_became_the_deputy_of_who_flagged(world: World):
    world.flag(family(flagged_by="sagsbehandler-1"))
    change(world, "municipality:0461", "sagsbehandler-1", away=away("teamleder-1"))

    with world.platform.database.writing() as session:
        session.execute(text("UPDATE question SET reminded_at = asked_at"))
    with pytest.raises(DBAPIError, match="four eyes"), world.platform.database.writing() as session:
        session.execute(text("UPDATE question SET standing = 'answered', answer = 'yes', answered_at = asked_at"))


ANNE = ("anne", Role.SIGN_OFF, ())
NEXT_MONTH = away("bo", TODAY + timedelta(30), TODAY + timedelta(40))


@pytest.mark.parametrize(
    ("contacts", "faults"),
    [
        ((("bo", Role.SIGN_OFF, away("anne")), ANNE), 0),
        ((("bo", Role.SIGN_OFF, away("nobody")), ANNE), 1),
        ((("bo", Role.SIGN_OFF, away("bo")), ANNE), 1),
        ((("bo", Role.CASEWORKER, away("anne")), ANNE), 1),
        ((("bo", Role.SIGN_OFF, away("anne", *reversed(ALL_WEEK))), ANNE), 1),
        ((("bo", Role.SIGN_OFF, away("anne")), ("anne", Role.SIGN_OFF, away("bo"))), 2),
        ((("bo", Role.SIGN_OFF, away("anne")), ("anne", Role.SIGN_OFF, NEXT_MONTH)), 0),
    ],
)
def test_who_stands_in_for_whom_is_checked_when_it_is_imported(contacts, faults: int):
    assert len(faults_of_absences(staff(*contacts))) == faults


def test_a_deputy_stands_in_from_the_first_day_to_the_last():
    at = staff(("bo", Role.SIGN_OFF, away("anne")), ANNE)
    bo = at.contacts[0]
    asked = [standing_in(at, bo, on=TODAY + timedelta(days=day)).id for day in (-1, 0, 6, 7)]
    assert asked == ["bo", "anne", "anne", "bo"]


def test_colleagues_have_the_same_part_are_at_work_and_are_not_barred():
    at = staff(
        ("bo", Role.SIGN_OFF, ()),
        ANNE,
        ("ib", Role.SIGN_OFF, away("anne")),
        ("else", Role.CASEWORKER, away("eva")),
        ("eva", Role.SIGN_OFF, ()),
    )
    out = barred(QuestionKind.SIGN_OFF, at, flagged_by="else", on=TODAY)
    assert out == {"else", "eva"}
    assert [one.id for one in colleagues(QuestionKind.SIGN_OFF, at, of="bo", on=TODAY, barred=out)] == ["anne"]
    assert barred(QuestionKind.APPROVAL, at, flagged_by="else", on=TODAY) == frozenset()


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, 0),
        ({"id": "bo"}, 1),
        ({"subject": "sub-bo"}, 1),
        ({"email": "BO@odense.invalid"}, 1),
        ({"email": "bo@odense.invalid", "role": Role.CASEWORKER}, 0),
    ],
)
def test_nobody_can_be_two_pairs_of_eyes(changes, faults: int):
    bo = Contact("bo", "Bo (opdigtet)", "bo@odense.invalid", Role.CASEWORKER, subject="sub-bo")
    anne = replace(Contact("anne", "Anne (opdigtet)", "anne@odense.invalid", Role.SIGN_OFF), **changes)
    at = Partner("municipality:0461", "Odense", "", (bo, anne), {})
    assert len(faults_of_people(at)) == faults
