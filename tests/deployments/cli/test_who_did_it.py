"""Every command that records who did something stores the operating system's user beside the name that was given."""

import os
import pwd

import pytest
import typer
from sqlmodel import select
from typer.main import get_command

from deployments.cli import actor
from deployments.cli.main import app
from domain.errors import Invalid
from storage.audit.events import AuditEvent
from storage.privacy.consents import ConsentRecord
from storage.privacy.retention import ArchiveReceipt
from storage.privacy.shredding import Shredding
from storage.referrals.history import HistoryLine
from storage.vault.entries import VaultOpening
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.world import World

ME = pwd.getpwuid(os.getuid()).pw_name
REFERENCE = "TF-2026-00001"


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    # Anybody can set these variables, so they must not count.
    for name in ("USER", "LOGNAME", "SUDO_USER", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def test_the_machines_user_stands_beside_the_name_in_every_kind_of_row(tilflyt: CommandLine):
    world = tilflyt.world
    world.withdrawn()
    who = ("--by", "Maria Hansen")

    tilflyt("referral", "comments", REFERENCE, "--purpose", "the family asked", *who)
    tilflyt("rights", "access", REFERENCE, "--to", "held", "--purpose", "the family asked", *who)
    tilflyt("rights", "archived", REFERENCE, "--receipt", "7", *who)
    tilflyt("vault", "rotate", *who)
    tilflyt("vault", "shred", REFERENCE, *who)

    known = f"Maria Hansen (os: {ME})"
    assert known in {opening.opened_for.partition(": the")[0] for opening in world.rows(select(VaultOpening))}
    assert world.rows(select(ArchiveReceipt.by)) == world.rows(select(Shredding.by)) == [known]
    assert world.rows(select(HistoryLine.actor).where(HistoryLine.deed == "shredded")) == [known]
    done = ("access_given", "keys_rotated")
    events = world.rows(select(AuditEvent))
    assert {event.deed: event.actor for event in events if event.deed in done} == dict.fromkeys(done, known)


def test_the_os_user_is_recorded_also_when_nobody_gives_a_name(tilflyt: CommandLine):
    world = tilflyt.world
    world.flag(family())

    tilflyt("referral", "reassign", REFERENCE, "--to", "leder-1", code=1)
    tilflyt("consent", "withdraw", REFERENCE, "--how", "phone")
    tilflyt("referral", "withdraw", REFERENCE)
    tilflyt("import")
    tilflyt("audit", "export", "chain")

    known = f"command line (os: {ME})"
    assert world.rows(select(ConsentRecord.withdrawn_by)) == [known]
    assert world.rows(select(HistoryLine.actor).where(HistoryLine.deed == "withdrawal_asked_for")) == [known]
    assert world.rows(select(AuditEvent.actor).where(AuditEvent.deed == "audit_exported")) == [known]


@pytest.mark.parametrize(
    "typed",
    [
        "Maria Hansen (os: root)",
        "Maria Hansen (OS:root)",
        "Maria（os: root）",
        "Maria ❨os: root❩",
        "Maria [os: root]",
        "Maria\n(os: root",
        "Maria\x1b[8m",
        "Maria\u202e)toor :so(",
        "x" * 101,
        "",
        "   ",
        "010203-4567",
    ],
)
def test_nobody_types_what_looks_like_the_machines_word(tilflyt: CommandLine, typed: str):
    tilflyt.world.withdrawn()

    tilflyt("rights", "archived", REFERENCE, "--receipt", "7", "--by", typed, code=2)

    assert tilflyt.world.rows(select(ArchiveReceipt)) == []


def test_a_user_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)

    assert actor.as_known_here("vagt") == "vagt (os: 4000000000)"
    with pytest.raises(Invalid):
        actor.as_known_here("vagt (os: 0)")


def commands(group: object, *names: str):
    """Every command, with the words that call it."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        yield (*names, name), command


def test_every_option_that_says_who_does_it_is_the_same_one():
    callbacks = {
        words: option.callback
        for words, command in commands(get_command(app))
        for option in command.params
        if isinstance(option, typer.core.TyperOption) and option.name == "by"
    }

    assert len(callbacks) >= 19
    for words, callback in callbacks.items():
        assert callback is not None, words
        assert callback(None, None, "vagt") == f"vagt (os: {ME})", words
