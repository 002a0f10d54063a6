"""Putting back both databases from a backup does not make shredded data readable again."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.worker import worker
from storage.audit.events import AuditEvent
from storage.privacy.shredding import Shredding
from storage.vault.data_keys import KeyStore
from storage.vault.destroyed import DestroyedKeys
from storage.vault.entries import VaultEntry
from storage.vault.vault import Vault
from tasks.upkeep.retention import destroy_again, keep_house
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.kept import file_of, keys_of
from tests.world.world import World

REFERENCE = "TF-2026-00001"
SHRED = ("vault", "shred", REFERENCE, "--although-not-archived")


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    sqlite_world.withdrawn()
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


class Backup:
    """Copies of both databases at a moment, which can be put back."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.files = [Path(file_of(world)), Path(keys_of(world))]
        self._let_go()
        folder.mkdir()
        for file in self.files:
            shutil.copy(file, folder)

    def put_back(self) -> None:
        self._let_go()
        for file in self.files:
            for beside in file.parent.glob(f"{file.name}*"):
                beside.unlink()
            shutil.copy(self.folder / file.name, file)

    def _let_go(self) -> None:
        self.world.platform.database.close()
        self.world.platform.vault.keys.close()


def destroyed_file(tilflyt: CommandLine) -> Path:
    return tilflyt.folder / "not-in-backup" / "destroyed-keys"


def opened(tilflyt: CommandLine, code: int) -> str:
    return tilflyt("rights", "access", REFERENCE, "--to", f"held-{code}", "--purpose", "it was asked for", code=code)


def brought_back(tilflyt: CommandLine) -> bytes:
    """Shred a family, and put back a backup of everything from before; the bytes of its sealed key."""
    case_key = tilflyt.world.referral().case_key
    sealed = tilflyt.world.platform.vault.keys.key(case_key)
    assert sealed is not None
    opened(tilflyt, 0)
    backup = Backup(tilflyt.world, tilflyt.folder / "backup")
    tilflyt(*SHRED)
    backup.put_back()
    # Everything is there again: the vault's entry and its key, without the record of the shredding.
    assert sealed.sealed in Path(keys_of(tilflyt.world)).read_bytes()
    assert tilflyt.world.rows(select(VaultEntry.case_key)) == [case_key]
    assert tilflyt.world.rows(select(Shredding)) == []
    tilflyt.world.platform.database.close()
    return sealed.sealed


def test_shredded_data_are_opened_by_nobody_even_before_anything_is_mended(tilflyt: CommandLine):
    brought_back(tilflyt)

    assert "its data were shredded" in opened(tilflyt, 1)
    assert not (tilflyt.folder / "held-1").exists()


@pytest.mark.parametrize("mends", ["vault sweep", "doctor", "worker", "the night"])
def test_what_was_brought_back_is_destroyed_again_and_that_is_told(tilflyt: CommandLine, mends: str):
    sealed, world = brought_back(tilflyt), tilflyt.world
    keys = KeyStore(world.platform.vault.keys.url, DestroyedKeys(destroyed_file(tilflyt)))
    vault = Vault(world.platform.vault.encryption, keys)
    if mends == "vault sweep":
        tilflyt("vault", "sweep", "--by", "Maria Hansen")
    elif mends == "doctor":
        tilflyt("doctor", code=1)
    elif mends == "worker":
        start_and_stop_a_worker(tilflyt)
    else:
        object.__setattr__(world.platform, "vault", vault)
        keep_house(world.platform)
    keys.close()

    assert sealed not in b"".join(path.read_bytes() for path in tilflyt.folder.glob("keys.sqlite*"))
    assert world.rows(select(VaultEntry)) == []
    (certificate,) = world.rows(select(Shredding))
    assert certificate.key_destroyed_at == world.clock.now()
    first = DestroyedKeys(destroyed_file(tilflyt)).all()
    assert first == {world.referral().case_key: world.clock.now()}
    (told,) = world.rows(select(AuditEvent).where(AuditEvent.deed == "destroyed_again"))
    assert told.about == "referral:1"
    assert told.actor.startswith({"vault sweep": "Maria Hansen (os: ", "doctor": "doctor"}.get(mends, "platform"))
    assert destroy_again(world.platform.database, vault, by="x", now=world.clock.now()) == []


def start_and_stop_a_worker(tilflyt: CommandLine) -> None:
    """Run the start of a worker, up to the point where it would open anything."""

    class Stopped(Exception):
        """Raised where the worker would go on."""

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    tilflyt.monkeypatch.setattr(worker, "announce_sealing_key", stop)
    tilflyt.monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    with pytest.raises(Stopped):
        tilflyt("worker")
    while tilflyt.opened:
        tilflyt.opened.pop().close()


def test_others_are_opened_as_before(tilflyt: CommandLine):
    tilflyt.world.flag(family(2))
    tilflyt.world.settle()
    backup = Backup(tilflyt.world, tilflyt.folder / "backup")
    tilflyt(*SHRED)
    backup.put_back()

    tilflyt("vault", "sweep")
    tilflyt("rights", "access", "TF-2026-00002", "--to", "held", "--purpose", "it was asked for")
    assert family(2).identity.cpr in "".join(one.read_text("utf-8") for one in tilflyt.folder.glob("held/*"))


def test_a_file_that_was_lost_is_written_anew_from_the_keys_database(tilflyt: CommandLine):
    tilflyt(*SHRED)
    backup = Backup(tilflyt.world, tilflyt.folder / "backup")
    before = destroyed_file(tilflyt).read_bytes()
    destroyed_file(tilflyt).unlink()

    tilflyt("vault", "sweep")

    assert destroyed_file(tilflyt).read_bytes() == before
    backup.put_back()


def test_nothing_is_destroyed_that_could_not_be_written_down(tilflyt: CommandLine):
    tilflyt.monkeypatch.setenv("TILFLYT_DESTROYED_FILE", "/proc/destroyed-keys")

    assert "nothing was destroyed" in tilflyt(*SHRED, code=1)

    opened(tilflyt, 0)
    assert tilflyt.world.rows(select(Shredding)) == []


def test_a_file_that_cannot_be_read_opens_nobody(tilflyt: CommandLine):
    (tilflyt.folder / "loop").symlink_to("loop")
    tilflyt.monkeypatch.setenv("TILFLYT_DESTROYED_FILE", "loop")

    assert "vault_closed" in opened(tilflyt, 1)
