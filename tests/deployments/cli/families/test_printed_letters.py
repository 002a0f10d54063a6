"""No system sends a letter that was printed, as it may be posted already; a failed printing does not count as one."""

import errno
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from deployments import files
from domain.parties.party import municipality
from storage.outbox import BY_HAND, PRINTED, OutboxRow, OutboxStanding, Telling, families_lane, put
from storage.questions.questions import FAMILY
from storage.vault.entries import Door, VaultOpening
from tasks.delivery import printed_letters
from tasks.upkeep import attention
from tasks.upkeep.attention import attend
from templates.paper import CannotBePrinted
from tests.deployments.cli.families.printed_letters import BY, MARIA, REF, chain_holds, deeds, row_of, waits, why
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.family_letters import asked_family, have_letters, letters
from tests.world.world import World


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """A family whose letter waits to be printed."""
    return _by_letter(world, monkeypatch, capsys, tmp_path)


@pytest.fixture
def alone(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """The same on SQLite, for tests in which the database makes no difference."""
    return _by_letter(sqlite_world, monkeypatch, capsys, tmp_path)


def _by_letter(world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    world.platform = replace(world.platform, may_email_families=False)
    asked_family(world)
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(world, monkeypatch, capsys, folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "brev.pdf"


def opened(world: World) -> list[str]:
    return [one.opened_for for one in world.rows(select(VaultOpening).where(VaultOpening.door == Door.PRINTED_LETTER))]


def put_letter(world: World, telling: Telling) -> int:
    """Have another letter to the family of the first case wait to be printed; returns its number."""
    with world.platform.database.writing() as session:
        question = waits(world)
        about = {"referral_id": question.referral_id, "question_id": question.id, "offer_id": question.offer_id}
        put(session, telling, to=FAMILY, lane=families_lane(municipality("0461")), now=world.clock.now(), **about)
    world.deliver()
    return row_of(world, telling).id or 0


def test_a_printed_letter_is_left_to_a_person_when_a_letter_system_is_added(tilflyt: CommandLine, file: Path):
    world = tilflyt.world
    tilflyt("letter", "print", REF, str(file), *BY)
    assert why(world) == [PRINTED]
    have_letters(world)

    assert attend(world.platform) == 0
    world.deliver()
    number = row_of(world).id
    told = tilflyt("attention", "--retry", PRINTED, code=1)
    assert f"tilflyt letter posted {number}" in told
    assert f"tilflyt letter not-posted {number}" in told
    world.deliver()

    assert (letters(world), why(world)) == ([], [PRINTED])

    tilflyt("letter", "posted", REF, *BY)
    world.deliver()
    assert (letters(world), why(world)) == ([], [])
    assert row_of(world).standing is OutboxStanding.DELIVERED
    assert chain_holds(world)


def test_a_person_says_that_it_was_not_posted_and_the_system_sends_it(tilflyt: CommandLine, file: Path):
    world = tilflyt.world
    tilflyt("letter", "print", REF, str(file), *BY)
    have_letters(world)
    tilflyt("letter", "not-posted", REF, *BY)
    assert ("letter_not_posted", MARIA, "acceptance_requested") in deeds(world)

    attend(world.platform)
    world.deliver()

    assert (len(letters(world)), why(world)) == (1, [])
    assert chain_holds(world)


def test_a_letter_that_is_printed_while_the_list_is_looked_through_is_not_sent(
    alone: CommandLine, file: Path, monkeypatch
):
    """The letter is printed after a letter system is found for it, and before that is stored."""
    world = alone.world
    have_letters(world)
    look = attention._letters_that_need_no_hand

    def printed_meanwhile(platform, session, ids):
        found = look(platform, session, ids)
        alone("letter", "print", REF, str(file))
        return found

    monkeypatch.setattr(attention, "_letters_that_need_no_hand", printed_meanwhile)
    attend(world.platform)
    world.deliver()

    assert (letters(world), why(world)) == ([], [PRINTED])


def test_a_letter_that_the_system_took_meanwhile_is_no_printed_letter(alone: CommandLine, file: Path, monkeypatch):
    world = alone.world
    have_letters(world)
    as_pdf = printed_letters.as_pdf

    def sent_meanwhile(letter):
        attend(world.platform)
        world.deliver()
        return as_pdf(letter)

    monkeypatch.setattr(printed_letters, "as_pdf", sent_meanwhile)
    assert "no letter waits to be posted" in alone("letter", "print", REF, str(file), code=1)

    assert not file.exists()
    assert len(letters(world)) == 1
    assert "letter_printed" not in [deed for deed, _, _ in deeds(world)]


def no_render(monkeypatch) -> None:
    def fails(*_):
        raise CannotBePrinted("the letter holds signs that no font has")

    monkeypatch.setattr(printed_letters, "on_paper", fails)


def no_disk(monkeypatch) -> None:
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)


@pytest.mark.parametrize(("breaks", "told"), [(no_render, "signs that no font has"), (no_disk, "No space left")])
def test_what_could_not_be_printed_leaves_the_opening_and_nothing_else(
    alone: CommandLine, file: Path, monkeypatch, breaks, told: str
):
    world, before, times = alone.world, deeds(alone.world), waits(alone.world).answer_by
    world.clock.move_on(timedelta(days=3))
    with monkeypatch.context() as broken:
        breaks(broken)
        assert told in alone("letter", "print", REF, str(file), *BY, code=1)

    assert not file.exists()
    assert (deeds(world), waits(world).answer_by, why(world)) == (before, times, [BY_HAND])
    assert opened(world) == [f"{MARIA}: acceptance_requested"]
    assert chain_holds(world)

    alone("letter", "print", REF, str(file))
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("field", "empty"), [("address", ""), ("address", " \n"), ("adult_name", " ")])
def test_a_letter_without_an_address_is_refused_by_the_fields_name(
    alone: CommandLine, file: Path, field: str, empty: str
):
    world, identity = alone.world, family().identity
    with world.platform.database.writing() as session:
        referral, now = world.referral(), world.clock.now()
        nobody = replace(identity, **{field: empty})
        world.platform.vault.seal_again(session, referral.case_key, nobody, reference=REF, now=now)

    told = alone("letter", "print", REF, str(file), code=1)

    assert f"{field}: of {REF} is empty" in told
    assert f"tilflyt rights correct {REF} --field {field}" in told
    assert not any(known in told for known in (identity.adult_name, identity.address, identity.cpr))
    assert not file.exists()
    assert ("letter_printed" in str(deeds(world)), why(world)) == (False, [BY_HAND])
    assert len(opened(world)) == 1


def test_of_two_letters_the_printed_one_is_meant_and_else_they_are_named_in_plain_words(
    alone: CommandLine, tmp_path: Path
):
    world = alone.world
    first, reminder = row_of(world).id, put_letter(world, Telling.ANSWER_REMINDER)
    told = alone("letter", "posted", REF, code=1)
    assert f"{first} asks whether the family takes the home (not printed yet)" in told
    assert f"{reminder} reminds the family to answer (not printed yet)" in told

    alone("letter", "print", str(reminder), str(tmp_path / "1.pdf"))
    assert f"{reminder} │ {REF} │ answer_reminder" in alone("letter", "list")
    told = alone("letter", "posted", REF)

    assert f"Letter {reminder}, which reminds the family to answer, was posted" in told
    assert "never printed" not in told
    assert row_of(world).standing is OutboxStanding.BY_HAND
    second = put_letter(world, Telling.ANSWER_REMINDER)
    alone("letter", "print", str(first), str(tmp_path / "2.pdf"))
    assert f"Letter {second} of {REF}" in alone("letter", "print", REF, str(tmp_path / "3.pdf"))
    told = alone("letter", "posted", REF, code=1)
    assert f"{first} asks whether the family takes the home (printed)" in told
    alone("letter", "posted", str(first))
    told = alone("letter", "not-posted", REF, code=1)
    assert f"{first} asks whether the family takes the home (posted)" in told
    assert f"{second} reminds the family to answer (printed)" in told


def test_a_letter_that_was_never_printed_from_here_is_recorded_as_posted_with_a_word_about_it(alone: CommandLine):
    assert "It was never printed from here." in alone("letter", "posted", REF)
    assert [row.standing for row in alone.world.rows(select(OutboxRow).where(OutboxRow.addressee == FAMILY))] == [
        OutboxStanding.DELIVERED
    ]
