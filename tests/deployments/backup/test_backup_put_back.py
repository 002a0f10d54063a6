"""A backup is made, the days go on, it is put back: nothing is paid, reserved or numbered twice, and nobody is lost."""

import asyncio
import shutil
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url
from sqlmodel import col, select

from deployments.backup.database_copies import program
from deployments.demo import world as demo
from deployments.own_postgres import OwnPostgres
from deployments.parties.importing import import_file
from deployments.standins.serving import in_a_thread
from deployments.standins.world import Sent, StandInAssociation, StandInWorld
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.audit.checkpoints import AuditCheckpoint
from storage.audit.events import AuditEvent
from storage.books.ledger import Booking, LedgerEntry
from storage.database import Database
from storage.referrals.referrals import Referral
from storage.restored.watermark import Marks, WentBack, note_how_far
from tasks.path import intake
from tasks.platform import connector_of
from tasks.upkeep.chain import seal
from tests.deployments.commands import CommandLine
from tests.kept import keys_of
from tests.world import World

TOKENS = {
    **{f"municipality:{code}": f"token-{code}" for code in ("0461", "0751", "0430", "0450", "0710")},
    **{f"association:{name}": f"token-{name}" for name in ("havblik", "kloeverlykken", "skovbrynet")},
}


def flag(number: int) -> Sent:
    return {
        "flag_id": f"flag-{number}",
        "case_id": f"sag-{number}",
        "flagged_by": "sagsbehandler-1",
        "from_area": "Vollsmose",
        "outside_labour_market": 1,
        "language": "da",
        "answers_by": "caseworker",
        "need": {
            "persons": 3,
            "rooms_min": 3,
            "rent_max_monthly_ore": 900_000,
            "move_in_from": "2026-04-01",
            "step_free": False,
        },
        "consent": {"given_on": "2026-02-20", "given_to": "sagsbehandler", "how": "in_writing", "children": "heard"},
        "identity": demo.identity(number),
    }


class Town:
    """A world whose partners are the stand-ins, over HTTP, and the command line beside it."""

    def __init__(self, world: World, tilflyt: CommandLine, partners_url: str, server: OwnPostgres | None) -> None:
        self.world, self.tilflyt, self.partners_url, self.server = world, tilflyt, partners_url, server

    def flags(self, *numbers: int) -> None:
        self._order("flags/0461", [flag(number) for number in numbers])
        self.take_in()

    def withdraws(self, case_id: str) -> None:
        self._order("withdraw/0461", {"case_id": case_id, "reason": "consent_withdrawn"})
        self.take_in()

    def take_in(self) -> None:
        asyncio.run(intake.take_in(self.world.platform, "0461"))
        self.world.settle()

    def moves_in(self) -> None:
        assert self.world.answer(QuestionKind.MOVE_IN)
        self.world.settle()

    def _order(self, what: str, said: Any) -> None:
        assert httpx.post(f"{self.partners_url}/_control/{what}", json=said).is_success

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.partners_url}/_control/state").json()
        return found

    def postings(self) -> Counter[tuple[str, str, str]]:
        """How often each side of each booking was posted, by case, kind and account."""
        told = (one for system in self.state()["finance"].values() for one in system["postings"])
        return Counter((one["reference"], one["kind"], one["account"]) for one in told)

    def evening(self) -> None:
        """What the worker does within seconds: bind, and write down how far the database has come."""
        platform = self.world.platform
        seal(platform)
        assert platform.marks is not None
        note_how_far(platform.database, platform.marks, now=platform.now())

    def put_back(self, folder: Path, keys: Path) -> None:
        """The recipe of the guide: every process stopped, the old files taken away, the copies laid in their place."""
        database = self.world.platform.database
        database.close()
        self.world.platform.vault.keys.close()
        name = str(database.engine.url.database)
        if self.server is None:
            put_file_back(folder / "database.sqlite", Path(name))
        else:
            major = major_of(database)
            self.server.run(f"ALTER DATABASE {name} RENAME TO {name}_before")
            self.server.run(f"CREATE DATABASE {name}")
            at = make_url(database.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
            restore = [program("pg_restore", major), "--no-owner", "--exit-on-error"]
            subprocess.run([*restore, f"--dbname={at}", folder / "database.dump"], check=True)  # noqa: S603  # PostgreSQL's own
        put_file_back(keys / "keys.sqlite", Path(keys_of(self.world)))


def major_of(database: Database) -> int:
    with database.reading() as session:
        found = int(session.connection().exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    database.close()
    return found


def put_file_back(copy: Path, file: Path) -> None:
    for beside in file.parent.glob(f"{file.name}*"):
        beside.unlink()
    shutil.copy(copy, file)


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
    """Before the backup: the first family is housed, the second about to be, the third still seeks."""
    world = town.world
    world.home()
    world.home()
    town.flags(1, 2)
    world.until(QuestionKind.MOVE_IN)
    town.moves_in()
    town.flags(3)
    town.evening()


def lived_on(town: Town) -> None:
    """After it: the second moves in, the third withdraws, and two more come, one of whom is told of and held for."""
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
    """What of its letter must be there."""
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
    # An end that anybody can write down explains nothing.
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

    # Taken in again, under the numbers that everybody was told; the consent withdrawn again.
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
        # It has no finance system that could be asked.
        ("municipality:0710/finance", "restored_party"),
    }
    # It goes on: the second moves in again, on another day, and is not paid for again.
    world.clock.move_on(timedelta(days=2))
    town.moves_in()
    assert town.postings() == before
    assert len(world.rows(select(Booking))) == 2
    assert sum(world.rows(select(LedgerEntry.amount_ore))) == 0
    # No number is another case's, and no home is held for two.
    town.flags(6)
    assert references(world)[-1] == "TF-2026-00106"
    world.home()
    world.until(QuestionKind.MOVE_IN)
    now = town.state()["associations"]["havblik"]["reservations"]
    assert Counter(one["external_id"] for one in now).most_common(1)[0][1] == 1
    assert [one for one in now if one in held["reservations"]] == held["reservations"]
    assert set(town.postings().values()) == {1}
    # The chain goes on too, says that it does, and what was lost.
    town.evening()
    (event,) = world.rows(select(AuditEvent).where(AuditEvent.deed == "restored"))
    assert (event.actor.startswith("Maria Hansen (os: "), kept in event.facts["lost"]) == (True, True)
    assert "was lost when a backup was put back" in tilflyt("audit", "verify", "--kept", kept)
    # Whoever would explain another cut by it finds that only what was written down is explained.
    tilflyt("audit", "verify", "--kept", f"{letter.seq}:{'0' * 64}", code=1)
    a_stranger_is_told(tilflyt, kept)
    # Once more it finds nothing to do, and the worker may go on.
    assert "nothing shows it" in tilflyt("restored")
    assert len(world.rows(select(AuditEvent).where(AuditEvent.deed == "restored"))) == 1
    assert references(world)[-1] == "TF-2026-00106"
    town.take_in()
