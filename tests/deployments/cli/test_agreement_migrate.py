"""Open cases are moved to another version of their agreement, and back again, from the command line."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import func, select

from domain.parties.deadlines import times_of
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.audit.events import AuditEvent
from storage.books.ledger import Booking, LedgerEntry
from storage.parties.agreement_migrations import AgreementMigration, MigratedCase
from storage.referrals.history import HistoryLine
from tests.world.agreement_versions import REFERENCE, asked, funen, second_version, version_of
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.world import World


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def migrate(tilflyt: CommandLine, *words: str) -> dict:
    told = tilflyt("agreement", "migrate", *words, "--by", "Jura", "--json")
    found = json.loads(told)
    found["left"] = {one["reference"]: one["left"] for one in found["cases"] if one["left"]}
    return found


def test_a_case_goes_on_under_the_new_version_and_what_was_promised_stays(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.APPROVAL)
    version_id = second_version(world)
    before = world.questions(QuestionKind.APPROVAL)[0].answer_by

    told = migrate(tilflyt, "fyn", "--to", "2")

    (case,) = told["cases"]
    fields = [one["field"] for one in case["changes"]]
    assert (case["before"], case["after"], case["left"], told["migration"]) == (1, 2, [], 1)
    assert "route.acceptance.answer_within_days" in fields
    assert "compensation.receiving_municipality_ore" in fields
    assert world.questions(QuestionKind.APPROVAL)[0].answer_by == before
    line = world.rows(select(HistoryLine).where(HistoryLine.deed == "agreement_migrated"))[0]
    assert (line.reason, line.actor.partition(" (")[0]) == ("fyn: version 1 → 2, migration 1", "Jura")
    (event,) = world.rows(select(AuditEvent).where(AuditEvent.deed == "agreement_migrated"))
    assert event.facts == {"agreement": "fyn", "before": "1", "after": "2", "of": "1"}

    world.answer(QuestionKind.APPROVAL)
    world.settle()
    (question,) = world.questions(QuestionKind.ACCEPTANCE)
    step = replace(funen(world).step(QuestionKind.ACCEPTANCE), answer_within_days=9)
    times = times_of(step, asked_at=question.asked_at, holidays=world.platform.holidays)
    assert question.answer_by == times.answer_by
    world.housed()
    assert {row.agreement_version_id for row in world.rows(select(Booking))} == {version_id}
    assert sorted(world.rows(select(LedgerEntry.amount_ore))) == [-7_000_000, 1_000_000, 6_000_000]
    assert json.loads(tilflyt("ledger", "verify", "--json"))["differences"] == []
    tilflyt("audit", "checkpoint")
    assert "holds │ yes" in tilflyt("audit", "verify")


def test_it_is_undone_until_a_step_was_taken_and_those_that_moved_on_are_named(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.APPROVAL)
    world.home()
    world.flag(family(2))
    world.until(QuestionKind.APPROVAL)
    second_version(world)
    assert len(migrate(tilflyt, "fyn", "--to", "2")["cases"]) == 2
    world.answer(QuestionKind.APPROVAL)
    world.settle()

    foreseen = migrate(tilflyt, "--undo", "1", "--dry-run")
    told = migrate(tilflyt, "--undo", "1")

    moved_on = next(one["reference"] for one in told["cases"] if one["left"])
    assert world.referral(moved_on).status is Status.APPROVED
    assert told["left"] == foreseen["left"] == {moved_on: ["a step was taken under version 2"]}
    back = next(one["reference"] for one in told["cases"] if not one["left"])
    assert (version_of(world, back), version_of(world, moved_on)) == (1, 2)
    assert "agreement_moved_back" in world.rows(select(HistoryLine.deed))
    assert migrate(tilflyt, "--undo", "1")["left"] == told["left"], "again, nothing more is moved back"
    assert len(world.rows(select(MigratedCase))) == 3
    assert migrate(tilflyt, "fyn", "--to", "2", "--case", back)["migration"] == 2
    assert migrate(tilflyt, "--undo", "1", "--case", back)["left"] == {
        back: ["migration 1 is not the last that moved it"]
    }
    tilflyt("audit", "checkpoint")
    assert "holds │ yes" in tilflyt("audit", "verify")


def test_a_trial_reports_and_writes_nothing(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.OFFER)
    second_version(world)
    lines = world.rows(select(func.count()).select_from(HistoryLine))

    told = migrate(tilflyt, "fyn", "--to", "2", "--dry-run")

    assert (told["migration"], [one["reference"] for one in told["cases"]]) == (None, [REFERENCE])
    assert version_of(world) == 1
    assert world.rows(select(func.count()).select_from(HistoryLine)) == lines
    assert world.rows(select(AgreementMigration)) == []


@pytest.mark.parametrize(
    ("at", "changes", "why"),
    [
        (QuestionKind.OFFER, {"associations": ("kloeverlykken",)}, "version 2 no longer has havblik, which is asked"),
        (QuestionKind.APPROVAL, {"receiving": ("0430",)}, "version 2 no longer has 0450, whose home is put forward"),
        (QuestionKind.SIGN_OFF, {"sending": ("0751",)}, "version 2 no longer has 0461 as a sending municipality"),
        (
            QuestionKind.APPROVAL,
            {"days": 60},
            "its home is reserved by the old deadlines, and the new ones could outlast that",
        ),
    ],
)
def test_a_case_that_cannot_move_stays_and_says_why(world: World, tilflyt: CommandLine, at, changes, why):
    asked(world, at)
    second_version(world, **changes)

    told = migrate(tilflyt, "fyn", "--to", "2")

    assert told["left"] == {REFERENCE: [why]}
    assert (version_of(world), told["migration"]) == (1, None)


def test_a_family_that_has_moved_in_keeps_its_version(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.MOVE_IN)
    second_version(world)
    world.answer(QuestionKind.MOVE_IN)
    rests = "the family has moved in: what is booked for it rests on version 1"

    assert migrate(tilflyt, "fyn", "--to", "2")["left"] == {REFERENCE: [rests]}
    world.settle()
    assert world.referral().status is Status.HOUSED
    assert migrate(tilflyt, "fyn", "--to", "2")["cases"] == []
    assert migrate(tilflyt, "fyn", "--to", "2", "--case", REFERENCE)["left"] == {REFERENCE: [rests]}


def test_a_search_goes_on_with_the_homes_of_the_new_version(world: World, tilflyt: CommandLine):
    second_version(world, version=2, associations=("kloeverlykken",))
    world.home("havblik")
    world.flag(family())
    second_version(world, version=3)
    world.until(QuestionKind.OFFER)
    assert (version_of(world), world.questions(QuestionKind.OFFER)) == (2, [])

    migrate(tilflyt, "fyn", "--to", "3")
    world.settle()

    assert [one.asked_of for one in world.questions(QuestionKind.OFFER)] == ["association:havblik"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("fyn", "--to", "9"), "agreement fyn has no version 9, but 1, 2"),
        (("fyns", "--to", "2"), "no agreement fyns"),
        (("fyn", "--to", "2", "--case", "TF-2026-00099"), "no case TF-2026-00099"),
        (("fyn",), "say which agreement's cases move, and to which version"),
        (("--undo", "7"), "no migration 7"),
        (("fyn", "--to", "2", "--undo", "1"), "a migration is undone by its number alone"),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence(world: World, tilflyt: CommandLine, words, why):
    second_version(world)
    assert why in tilflyt("agreement", "migrate", *words, code=1)


def test_no_case_moves_to_a_version_that_has_not_begun_or_to_an_earlier_one(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.OFFER)
    second_version(world, valid_from=date(2027, 1, 1))
    begins = "version 2 begins on 2027-01-01: no case moves to it before that day"
    assert begins in tilflyt("agreement", "migrate", "fyn", "--to", "2", code=1)

    assert migrate(tilflyt, "fyn", "--to", "1")["cases"] == []
    already = migrate(tilflyt, "fyn", "--to", "1", "--case", REFERENCE)["left"]
    assert already == {REFERENCE: ["it is under version 1 already"]}


def test_a_case_under_another_agreement_stays(world: World, tilflyt: CommandLine):
    world.flag(family(municipality="0751"), municipality="0751")
    second_version(world)

    assert migrate(tilflyt, "fyn", "--to", "2", "--case", REFERENCE)["left"] == {
        REFERENCE: ["it is under agreement oestjylland"]
    }
    table = tilflyt("agreement", "migrate", "fyn", "--to", "2")
    assert "0 cases moved; 0 stay" in table
