"""`tilflyt parties` lists the parties in force, and `now` does the schedules' work and records who ran it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.cli.actor import os_user
from domain.errors import PartnerUnavailable
from domain.parties.party import Absence
from domain.questions.question import QuestionKind
from storage.audit.events import AuditEvent
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner_of
from storage.referrals.referrals import Referral
from tasks import platform as composition
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.parties import change
from tests.world.world import World

MARIA = f"Maria Hansen (os: {os_user()})"
BY = ("--by", "Maria Hansen")
ODENSE = "municipality:0461"


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """The command line, with the world's partners at their addresses."""
    monkeypatch.setattr(composition, "connector_of", lambda system, at, timeout_s: world.partners.connect(system, at))
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(world, monkeypatch, capsys, folder)


def done_now(world: World) -> list[tuple[str, str]]:
    return [(event.about, event.actor) for event in world.rows(select(AuditEvent)) if event.deed == "done_now"]


def case_systems(world: World) -> dict[str, object]:
    with world.platform.database.reading() as session:
        return {code: partner_of(session, f"municipality:{code}").systems["case_system"] for code in ("0461", "0751")}


def test_intake_now_takes_in_what_is_flagged_and_names_who_is_silent(world: World, tilflyt: CommandLine):
    systems = case_systems(world)
    world.platform.connect("case_system", systems["0461"]).families.append(family())
    world.partners.down[systems["0751"].url] = PartnerUnavailable("GET /flags: 503")

    found = json.loads(tilflyt("intake", "now", "--json", *BY, code=1))

    by_code = {line["municipality"]: line for line in found}
    assert (by_code["0461"]["taken in"], by_code["0461"]["problem"]) == ("TF-2026-00001", "")
    assert by_code["0751"]["problem"] == "partner_unavailable"
    assert done_now(world) == [("intake", MARIA)]
    assert "TF-2026-00001" not in tilflyt("intake", "now", "--municipality", "0461")
    assert len(world.rows(select(Referral))) == 1
    assert "0999 has no case system" in tilflyt("intake", "now", "--municipality", "0999", code=1)


def test_deadlines_now_reminds_and_the_next_run_does_not_again(world: World, tilflyt: CommandLine):
    world.flag(family())
    world.settle()
    world.clock.at = world.questions(QuestionKind.SIGN_OFF)[0].remind_at

    first, second = (json.loads(tilflyt("deadlines", "now", "--json", *BY)) for _ in range(2))

    assert (first["reminded"], second["reminded"]) == (["TF-2026-00001"], [])
    assert done_now(world) == [("deadlines", MARIA)] * 2


def test_housekeeping_now_says_what_it_did_and_a_mailbox_that_is_none_is_said(world: World, tilflyt: CommandLine):
    assert json.loads(tilflyt("housekeeping", "now", "--json"))["families"]["shredded"] == []
    assert "there is no mailbox to read" in tilflyt("returned-mail", "now", code=1)


def test_who_is_in_force_is_listed_with_deputies_and_versions_and_without_secrets(world: World, tilflyt: CommandLine):
    with world.platform.database.reading() as session:
        question = partner_of(session, ODENSE).contacts[0]
        other = next(
            one for one in partner_of(session, ODENSE).contacts if one.role is question.role and one != question
        )
    change(world, ODENSE, question.id, away=(Absence(date(2026, 3, 1), date(2026, 3, 9), other.id),), subject="sub-1")
    world.flag(family())
    with world.platform.database.writing() as session:
        for kept in session.exec(select(AgreementVersion)).all():
            known = AGREEMENTS.validate_json(kept.document)
            newer = replace(known, version=known.version + 1)
            later = replace(known, version=known.version + 2, valid_from=date(2027, 1, 1))
            for one in (newer, later):
                remember_agreement(session, one, now=world.clock.now())

    told = json.loads(tilflyt("parties", "--json"))

    odense = next(one for one in told["parties"] if one["party"] == ODENSE)
    assert odense["versions"] == 2
    contact = next(one for one in odense["contacts"] if one["id"] == question.id)
    assert (contact["away until"], contact["deputy"], contact["email"]) == ("2026-03-09", other.id, question.email)
    assert odense["systems"]["case_system"].startswith("json-case-system at http://partners.invalid/")
    standings = {(line["standing"], line["open cases"]) for line in told["agreements"]}
    assert {("in force", 0), ("later", 0), ("kept by open cases", 1)} <= standings
    assert "sub-1" not in json.dumps(told)
    assert "DEMO_SECRET" not in json.dumps(told)
    assert question.name in tilflyt("parties", ODENSE)
    assert "municipality:9999 is not known" in tilflyt("parties", "municipality:9999", code=1)


def test_many_items_of_the_list_are_dealt_with_in_one_command(world: World, tilflyt: CommandLine):
    for number in range(1, 6):
        world.flag(family(number))
    world.settle()
    world.clock.at = max(one.answer_by for one in world.questions()) + timedelta(hours=1)
    tilflyt("deadlines", "now")
    items = json.loads(tilflyt("attention", "--json"))
    assert [item["why"] for item in items] == ["no_answer"] * 5
    first, last = items[0]["id"], items[-1]["id"]

    left = json.loads(tilflyt("attention", "--json", "--done", f"{first},{first + 1}-{first + 2}", *BY))
    assert [item["id"] for item in left] == [first + 3, last]
    assert "no item 999 on the list" in tilflyt("attention", "--retry", "no_answer", "--done", "999", code=1)
    assert json.loads(tilflyt("attention", "--json", "--retry", "no_answer")) == []


def test_the_list_shows_nothing_whose_reason_has_passed(world: World, tilflyt: CommandLine):
    world.flag(family())
    world.settle()
    world.clock.at = world.questions()[0].answer_by
    tilflyt("deadlines", "now")
    world.answer(QuestionKind.SIGN_OFF)

    assert json.loads(tilflyt("attention", "--json")) == []
