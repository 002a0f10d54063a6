"""Without a letter system a person prints the letter, posts it, and records the answer that comes back."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from domain.questions.question import Answer, GivenBy, QuestionKind, Standing
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Status
from domain.working_days import last_day_of
from storage.outbox import OutboxRow, OutboxStanding, wait_again
from storage.questions.questions import FAMILY
from storage.vault.entries import Door, VaultOpening
from tasks.asking.deadlines import remind_and_close
from tasks.asking.links import digits_of, token_of
from tasks.upkeep.attention import attend
from tests.deployments.cli.families.printed_letters import BY, MARIA, REF, chain_holds, deeds, row_of, waits, why
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.family_letters import have_letters, letters
from tests.world.parties import leave_time_to_take_back
from tests.world.world import World

A_DAY = timedelta(days=1)


@pytest.fixture
def asked(world: World) -> World:
    """A family that answers by letter, in a municipality without a letter system, outside the demo world."""
    world.platform = replace(world.platform, may_email_families=False)
    leave_time_to_take_back(world)
    world.home()
    who = family()
    world.flag(replace(who, identity=replace(who.identity, adult_name="Šárka Ægirsdóttir Bøgely")))
    world.until(QuestionKind.ACCEPTANCE)
    return world


@pytest.fixture
def tilflyt(asked: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(asked, monkeypatch, capsys, folder)


@pytest.fixture
def alone(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """The same on SQLite, for tests in which the database makes no difference."""
    sqlite_world.platform = replace(sqlite_world.platform, may_email_families=False)
    sqlite_world.home()
    sqlite_world.flag(family(language=Language.ENGLISH))
    sqlite_world.until(QuestionKind.ACCEPTANCE)
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def test_the_letter_is_printed_posted_and_answered_on_paper(asked: World, tilflyt: CommandLine, tmp_path: Path):
    assert (row_of(asked).standing, why(asked)) == (OutboxStanding.BY_HAND, ["letter_by_hand"])
    assert "the family is asked: letter_waits" in tilflyt("referral", "show", REF)
    assert "1 letters wait to be posted" in tilflyt("letter", "list")
    asked.clock.move_on(A_DAY * 3)
    file = tmp_path / "brev.pdf"

    tilflyt("letter", "print", REF, str(file), *BY)

    question = waits(asked)
    said = " ".join("".join(page.extract_text() for page in PdfReader(file).pages).split())
    assert "Šárka Ægirsdóttir Bøgely Opdigtvej 2 5000 Prøveby" in said
    assert f"/q/{token_of(asked.platform, question)}" in said.replace(" ", "")
    assert " ".join(digits_of(asked.platform, question)) in said
    assert "torsdag den 19. marts 2026" in said
    assert REF in said
    assert (stat.S_IMODE(file.stat().st_mode), PdfReader(file).trailer["/Root"]["/Lang"]) == (0o600, "da")
    (opening,) = asked.rows(select(VaultOpening))
    assert (opening.door, opening.opened_for) == (Door.PRINTED_LETTER, f"{MARIA}: acceptance_requested")

    asked.clock.move_on(A_DAY)
    told = tilflyt("letter", "posted", REF, *BY)

    assert "was posted on 2026-03-06" in told
    assert (row_of(asked).standing, why(asked)) == (OutboxStanding.DELIVERED, [])
    assert last_day_of(waits(asked).answer_by).isoformat() == "2026-03-20"
    assert "the family is asked: by_post" in tilflyt("referral", "show", REF)

    tilflyt("answer", REF, "yes", "--given", "letter", *BY)
    asked.settle()

    (said_yes,) = asked.questions(QuestionKind.ACCEPTANCE, standing=Standing.ANSWERED)
    assert (said_yes.answer, said_yes.given_by, said_yes.answered_by) == (Answer.YES, GivenBy.LETTER, MARIA)
    assert [deed for deed in deeds(asked) if deed[1] == MARIA] == [
        ("letter_printed", MARIA, "acceptance_requested"),
        ("letter_posted", MARIA, "acceptance_requested 2026-03-06"),
        ("answer_recorded_for_family", MARIA, "yes letter"),
    ]
    assert asked.referral().status is Status.ACCEPTED
    assert asked.referral().disclosure_due_at is not None, "the hour to take it back holds"
    assert chain_holds(asked)


def test_what_was_recorded_by_mistake_is_taken_back(asked: World, tilflyt: CommandLine):
    tilflyt("letter", "posted", REF)
    tilflyt("letter", "not-posted", REF, *BY)
    assert (row_of(asked).standing, why(asked)) == (OutboxStanding.BY_HAND, ["letter_by_hand"])

    tilflyt("answer", REF, "yes", "--given", "phone")
    asked.carry()
    tilflyt("answer", REF, "take_back", *BY)
    asked.settle()

    assert asked.referral().status is Status.APPROVED
    assert waits(asked).asked_of == FAMILY
    assert ("take_back_recorded_for_family", MARIA, None) in deeds(asked)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("answer", REF, "yes"), "given_by: say_how_it_was_given"),
        (("answer", REF, "no", "--given", "phone"), "reason: choose_a_reason: one of home_does_not_suit, too"),
        (("answer", REF, "no", "--given", "phone", "--reason", "for dyr"), "reason: choose_a_reason: one of "),
        (("answer", REF, "perhaps", "--given", "phone"), "answer: one of yes, no, withdraw, take_back"),
        (("answer", REF, "take_back"), "there is no yes that can be taken back any more"),
        (("answer", "TF-2026-99999", "yes", "--given", "phone"), "no case"),
        (("letter", "posted", REF, "--on", "2026-03-01"), "before the letter was written, or in the future"),
        (("letter", "posted", REF, "--on", "2026-12-24"), "before the letter was written, or in the future"),
        (("letter", "posted", "99"), "99: no letter waits to be posted"),
        (("letter", "not-posted", REF), "no letter was printed, or posted by hand"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(alone: CommandLine, words, told):
    before = deeds(alone.world)

    assert told in alone(*words, code=1)

    assert deeds(alone.world) == before


def test_a_file_that_is_there_is_not_written_over_and_opens_no_vault(
    asked: World, tilflyt: CommandLine, tmp_path: Path
):
    (tmp_path / "brev.pdf").write_text("mine")

    assert "exists" in tilflyt("letter", "print", REF, str(tmp_path / "brev.pdf"), code=1)

    assert (tmp_path / "brev.pdf").read_text() == "mine"
    assert asked.rows(select(VaultOpening)) == []


def test_a_letter_that_nobody_waits_for_any_more_need_not_be_posted(asked: World, tilflyt: CommandLine):
    tilflyt("answer", REF, "no", "--given", "phone", "--reason", "too_expensive")
    asked.carry()

    assert attend(asked.platform) == 1

    assert row_of(asked).standing is OutboxStanding.MOOT
    assert "letter_by_hand" not in why(asked)


def test_a_family_is_not_reminded_before_its_letter_was_posted(asked: World):
    asked.clock.at = waits(asked).expires_at + A_DAY * 30

    done = remind_and_close(asked.platform)

    assert (done.reminded, done.escalated, done.passed) == ((), (), ())
    assert why(asked) == ["letter_by_hand"]


def test_when_the_family_is_silent_after_its_letter_was_posted_it_is_reminded_and_the_wait_ends(
    asked: World, tilflyt: CommandLine
):
    asked.clock.move_on(A_DAY * 20)
    remind_and_close(asked.platform)
    tilflyt("letter", "posted", REF)
    asked.clock.at = waits(asked).remind_at

    assert remind_and_close(asked.platform).reminded == (REF,)
    asked.settle()
    assert [item["detail"] for item in attention_list(asked.platform.database)] == ["answer_reminder"]
    asked.clock.at = waits(asked).expires_at
    assert remind_and_close(asked.platform).passed == (REF,)


@pytest.mark.parametrize("by", ["itself", "retry"])
def test_a_letter_system_that_is_added_sends_what_lay_for_a_hand(asked: World, tilflyt: CommandLine, by: str):
    item = attention_list(asked.platform.database)[0]["id"]
    have_letters(asked)

    if by == "itself":
        assert attend(asked.platform) == 1
    else:
        tilflyt("attention", "--retry", str(item))
    asked.deliver()

    assert [letter.name for letter in letters(asked)] == ["Šárka Ægirsdóttir Bøgely"]
    assert (row_of(asked).standing, why(asked)) == (OutboxStanding.DELIVERED, [])


def test_a_row_from_before_lanes_were_chosen_late_is_rescued(asked: World, tilflyt: CommandLine):
    """The letter was refused before, when it was to be sent by mail."""
    with asked.platform.database.writing() as session:
        row = session.get_one(OutboxRow, row_of(asked).id)
        row.lane, row.standing, row.last_error = "mail", OutboxStanding.REFUSED, "needs_person"
        session.add(row)
    have_letters(asked)

    with asked.platform.database.writing() as session:
        wait_again(session, OutboxRow.id == row_of(asked).id, now=asked.clock.now())
    asked.deliver()

    assert len(letters(asked)) == 1


def test_a_family_whose_caseworker_answers_is_told_of_in_the_refusal(asked: World, tilflyt: CommandLine):
    asked.home()
    asked.flag(family(2, answers_by=FamilyAnswersBy.CASEWORKER))
    for kind in (QuestionKind.SIGN_OFF, QuestionKind.OFFER, QuestionKind.APPROVAL):
        asked.settle()
        asked.answer(kind)
    asked.settle()

    told = tilflyt("answer", "TF-2026-00002", "yes", "--given", "phone", code=1)

    assert "acceptance is asked of municipality:0461/sagsbehandler-1" in told


def test_the_letter_is_in_the_familys_language(alone: CommandLine, tmp_path: Path):
    alone("letter", "print", REF, str(tmp_path / "brev.pdf"))

    reader = PdfReader(tmp_path / "brev.pdf")
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert "Dear family" in reader.pages[0].extract_text()
