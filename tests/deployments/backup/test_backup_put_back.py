"""A backup is put back days later: nothing is paid, reserved or numbered twice, and no case is lost."""

import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, select

from deployments.demo import world as demo
from deployments.parties.importing import import_file
from deployments.standins.server import in_a_thread
from deployments.standins.world import StandInAssociation, StandInWorld
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.audit.checkpoints import AuditCheckpoint
from storage.audit.events import AuditEvent
from storage.books.ledger import Booking, LedgerEntry
from storage.referrals.referrals import Referral
from storage.restored.watermark import Marks, WentBack
from tasks.platform import connector_of
from tests.deployments.backup.town import TOKENS, Town
from tests.world.commands import CommandLine
from tests.world.world import World


@pytest.fixture
def town(world: World, request, monkeypatch, capsys, tmp_path) -> Iterator[Town]:
    server = None if world.platform.database.is_sqlite else request.getfixturevalue("postgres")
    standing = StandInWorld(
        case_systems={"0461": [], "0751": []},
        associations={
            name: StandInAssociation("json", [{"external_id": f"{name}-{number}"} for number in range(1, 9)])
            for name in ("havblik", "kloeverlykken", "skovbrynet")
        },
        finance=["0461", "0751", "0450", "0430"],
        handover=["0450", "0430", "0710"],
        tokens=TOKENS,
    )
    for name, value in demo.secrets(standing).items():
        monkeypatch.setenv(name, value)
    with in_a_thread(standing, tmp_path / "journal") as doors:
        parties = demo.parties_file(doors.url, tmp_path / "parties.toml", disclosed_at_once=True)
        import_file(world.platform.database, parties, now=world.clock.now())
        connect = partial(connector_of, timeout_s=5.0)
        world.platform = replace(world.platform, connect=connect, marks=Marks(tmp_path / "not-in-backup"))
        yield Town(world, CommandLine(world, monkeypatch, capsys, tmp_path), doors.url, server)


def lived_through(town: Town) -> None:
    """Before the backup: the first family is housed, the second will be soon, and the third still seeks."""
    world = town.world
    world.home()
    world.home()
    town.flags(1, 2)
    world.until(QuestionKind.MOVE_IN)
    town.moves_in()
    town.flags(3)
    town.evening()


def lived_on(town: Town) -> None:
    """After it: the second moves in, the third withdraws, and two more are flagged; a home is held for one of them."""
    world = town.world
    town.moves_in()
    town.withdraws("sag-3")
    world.home()
    town.flags(4)
    world.until(QuestionKind.MOVE_IN)
    town.flags(5)
    town.evening()


def references(world: World) -> list[str]:
    return world.rows(select(Referral.reference).order_by(col(Referral.id)))


def items(world: World) -> set[tuple[str, str]]:
    found = world.rows(select(AttentionItem).where(col(AttentionItem.closed_at).is_(None)))
    return {(item.subject, item.code) for item in found}


def as_sent(letter: AuditCheckpoint) -> str:
    """The parts of its letter that the command needs."""
    signed_at = letter.at.isoformat(timespec="microseconds")
    return f"{letter.seq}:{letter.hash} {signed_at} {b64encode(letter.signature).decode()}"


def nobody_goes_on(town: Town, letter: AuditCheckpoint) -> None:
    kept = f"{letter.seq}:{letter.hash}"
    for process in ("worker", "serve"):
        assert "run `tilflyt restored`" in town.tilflyt(process, code=1)
    with pytest.raises(WentBack):
        town.take_in()
    assert "went back" in town.tilflyt("doctor", code=1)
    assert "cut off" in town.tilflyt("audit", "verify", "--kept", kept, code=1)

    for mistyped in (kept[:-1], kept[1:].replace(":", ""), f"{letter.seq}:{letter.hash[:-1]}g"):
        assert "ENTRY:HASH" in town.tilflyt("restored", "--checkpoint", mistyped, code=1)
    # An entry and its hash without a signature could be anybody's.
    assert "the signature or the moment that it signs is missing" in town.tilflyt(
        "restored", "--checkpoint", kept, code=1
    )
    assert "TF-2026-00004" in town.tilflyt("restored", "--dry-run")


def a_stranger_is_told(tilflyt: CommandLine, kept: str) -> None:
    tilflyt("audit", "export", "chain")

    def verified(*given: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "-S", "chain/verify.py", "--kept", kept, *given]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own file
        assert done.stderr == ""
        return done.returncode, done.stdout

    code, told = verified("--public-key", tilflyt("audit", "key"))
    assert (code, "was lost when a backup was put back" in told, "Maria Hansen" in told) == (0, True, True)
    code, told = verified()
    assert (code, "give the public key, or a newer letter" in told) == (1, True)
    assert verified("--kept", f"{kept.partition(':')[0]}:{'0' * 64}")[0] == 1


def test_put_back_nothing_comes_twice_and_nobody_is_lost(town: Town, tmp_path: Path):
    world, tilflyt = town.world, town.tilflyt
    lived_through(town)
    assert "backed up" in tilflyt("backup", "copy", "--keys-to", "keys", "--by", "Maria Hansen")
    world.clock.move_on(timedelta(days=1))
    lived_on(town)
    before, held = town.postings(), town.state()["associations"]["havblik"]
    assert set(before.values()) == {1}
    assert len(before) == 6
    assert references(world)[-1] == "TF-2026-00005"
    letter = world.rows(select(AuditCheckpoint).order_by(col(AuditCheckpoint.seq).desc()))[0]
    kept = f"{letter.seq}:{letter.hash}"

    town.put_back(tmp_path / "copy" / "database", tmp_path / "keys")

    assert len(references(world)) == 3
    nobody_goes_on(town, letter)
    assert (references(world), items(world)) == (["TF-2026-00001", "TF-2026-00002", "TF-2026-00003"], set())
    told = tilflyt("restored", "--by", "Maria Hansen", "--checkpoint", as_sent(letter))
    for number in range(80):
        assert demo.identity(number % 24)["adult_name"] not in told

    # The lost families are taken in again under their former numbers, and the consent is withdrawn again.
    world.settle()
    assert references(world)[3:] == ["TF-2026-00004", "TF-2026-00005"]
    assert world.referral("TF-2026-00003").status is Status.WITHDRAWN
    assert world.referral("TF-2026-00004").status is Status.RECEIVED
    assert items(world) == {
        ("home:havblik/havblik-3", "restored_home"),
        ("home:havblik/havblik-3", "restored_identity"),
        ("referral:TF-2026-00004", "restored_identity"),
        ("referral:TF-2026-00004", "restored_case"),
        ("referral:TF-2026-00005", "restored_case"),
        ("booking:TF-2026-00002/move_in", "restored_posting"),
        # This municipality has no finance system that could be asked.
        ("municipality:0710/finance", "restored_party"),
    }
    # The second family moves in again, on another day, and is not paid for again.
    world.clock.move_on(timedelta(days=2))
    town.moves_in()
    assert town.postings() == before
    assert len(world.rows(select(Booking))) == 2
    assert sum(world.rows(select(LedgerEntry.amount_ore))) == 0
    # No case gets another's number, and no home is held for two families.
    town.flags(6)
    assert references(world)[-1] == "TF-2026-00106"
    world.home()
    world.until(QuestionKind.MOVE_IN)
    now = town.state()["associations"]["havblik"]["reservations"]
    assert Counter(one["external_id"] for one in now).most_common(1)[0][1] == 1
    assert [one for one in now if one in held["reservations"]] == held["reservations"]
    assert set(town.postings().values()) == {1}
    # The chain goes on too, with an entry that says what was lost.
    town.evening()
    (event,) = world.rows(select(AuditEvent).where(AuditEvent.deed == "restored"))
    assert (event.actor.startswith("Maria Hansen (os: "), kept in event.facts["lost"]) == (True, True)
    assert "was lost when a backup was put back" in tilflyt("audit", "verify", "--kept", kept)
    # That entry explains only the hashes that it names, and no other missing ones.
    tilflyt("audit", "verify", "--kept", f"{letter.seq}:{'0' * 64}", code=1)
    a_stranger_is_told(tilflyt, kept)
    # Run again, the command finds nothing to do, and the worker may go on.
    assert "nothing shows it" in tilflyt("restored")
    assert len(world.rows(select(AuditEvent).where(AuditEvent.deed == "restored"))) == 1
    assert references(world)[-1] == "TF-2026-00106"
    town.take_in()
