"""`tilflyt backup` copies both databases while others write; only its owner may read it; a failed one is deleted."""

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.backup import backup, database_copies
from deployments.backup.database_copies import copy_sqlite
from domain.subject import Subject
from storage.audit.events import AuditEvent, write_event
from storage.database import Database
from storage.vault.data_keys import KeyStore, SealedKey
from storage.vault.entries import VaultEntry
from tasks.upkeep.chain import seal
from tests.world.clock import START
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.kept import file_of
from tests.world.world import World


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    world.flag(family(1), family(2))
    seal(world.platform)
    return CommandLine(world, monkeypatch, capsys, tmp_path)


@pytest.fixture
def on_sqlite(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    sqlite_world.flag(family(1), family(2))
    seal(sqlite_world.platform)
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def test_it_says_what_it_holds_where_and_what_it_does_not(tilflyt: CommandLine):
    said = tilflyt("backup", "copy", "--by", "Maria Hansen", "--json")
    told, _ = json.JSONDecoder().raw_decode(said)
    (event,) = tilflyt.world.rows(select(AuditEvent).where(AuditEvent.deed == "backed_up"))
    assert event.actor.startswith("Maria Hansen (os: ")
    for name, file in zip(("database", "keys"), told["copied"], strict=True):
        folder = tilflyt.folder / "copy" / name
        written = folder / file["name"]
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert manifest["file"]["sha256"] == file["sha256"] == hashlib.sha256(written.read_bytes()).hexdigest()
        assert manifest["chain"] == {"entry": told["entry"], "hash": told["hash"]}
        assert any("destroyed keys" in one for one in manifest["not_in_it"])
        assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, written)] == [0o700, 0o600]
    assert stat.S_IMODE((tilflyt.folder / "copy").stat().st_mode) == 0o700
    # The end of the chain that the backup names is in the chain.
    tilflyt("audit", "verify", "--kept", f"{told['entry']}:{told['hash']}")
    assert "SHA-256" in tilflyt("backup", "copy", "--check")


def test_the_copy_is_of_one_moment_though_others_write_and_has_every_key(on_sqlite: CommandLine, monkeypatch):
    tilflyt, database = on_sqlite, on_sqlite.world.platform.database
    stop, before = threading.Event(), set(on_sqlite.world.rows(select(VaultEntry.case_key)))
    copied = backup.copied

    def copied_and_one_more_comes(*what: object, **how: object) -> object:
        """Take in a family between the two copies, and another after both."""
        done = copied(*what, **how)
        on_sqlite.world.flag(family(next(numbers)))
        return done

    numbers = itertools.count(3)
    monkeypatch.setattr(backup, "copied", copied_and_one_more_comes)

    def write() -> None:
        while not stop.is_set():
            with database.writing() as session:
                for name in ("one", "other"):
                    write_event(session, "together", actor=name, about=Subject("x"), at=START)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        tilflyt("backup", "copy", "--keys-to", "keys")
    finally:
        stop.set()
        writer.join()
    with closing(sqlite3.connect(tilflyt.folder / "copy" / "database" / "database.sqlite")) as copy:
        together = copy.execute("SELECT COUNT(*) FROM audit_event WHERE deed = 'together'").fetchone()[0]
        entries = {key for (key,) in copy.execute("SELECT case_key FROM vault_entry")}
    with closing(sqlite3.connect(tilflyt.folder / "keys" / "keys.sqlite")) as copy:
        keys = {key for (key,) in copy.execute("SELECT case_key FROM data_key")}
    assert together % 2 == 0
    assert entries == before
    assert entries < keys
    assert len(tilflyt.world.rows(select(VaultEntry.case_key))) == 4


def test_a_plain_copy_of_a_running_database_lacks_what_is_in_its_log(tmp_path: Path):
    running = Database(f"sqlite:///{tmp_path / 'running.sqlite'}")
    with running.writing() as session:
        session.connection().exec_driver_sql("CREATE TABLE there (x)")
    shutil.copy(tmp_path / "running.sqlite", tmp_path / "plain.sqlite")
    copy_sqlite(tmp_path / "running.sqlite", tmp_path / "ours.sqlite")
    tables = "SELECT name FROM sqlite_schema"
    with closing(sqlite3.connect(tmp_path / "plain.sqlite")) as plain:
        assert plain.execute(tables).fetchall() == []
    with closing(sqlite3.connect(tmp_path / "ours.sqlite")) as ours:
        assert ours.execute(tables).fetchall() == [("there",)]
    running.close()


def test_keys_on_postgresql_are_dumped_too(on_sqlite: CommandLine, new_postgres_url, monkeypatch):
    url = new_postgres_url()
    store = KeyStore(url)
    store.lay({"0" * 32: SealedKey("k1", b"sealed")}, now=START)
    store.close()
    monkeypatch.setenv("TILFLYT_KEYS_URL", url)
    on_sqlite("backup", "copy", "--keys-to", "keys")
    dump = (on_sqlite.folder / "keys" / "keys.dump").read_bytes()
    assert b"data_key" in dump
    on_sqlite("backup", "keys", "--check")


def test_what_was_changed_or_taken_from_a_backup_is_told(on_sqlite: CommandLine):
    on_sqlite("backup", "copy")
    file = on_sqlite.folder / "copy" / "keys" / "keys.sqlite"
    with file.open("ab") as opened:
        opened.write(b"x")
    assert "its digest differs" in on_sqlite("backup", "copy", "--check", code=1)
    file.unlink()
    assert "is missing" in on_sqlite("backup", "copy", "--check", code=1)
    assert "no backup of ours" in on_sqlite("backup", ".", "--check", code=1)
    (on_sqlite.folder / "copy" / "keys" / "manifest.json").write_text("{}")
    assert "no manifest of ours" in on_sqlite("backup", "copy", "--check", code=1)


def test_a_damaged_database_is_not_backed_up_and_nothing_is_left(on_sqlite: CommandLine):
    on_sqlite.world.platform.database.close()
    with closing(sqlite3.connect(on_sqlite.world.platform.vault.keys.url.removeprefix("sqlite:///"))) as keys:
        keys.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = Path(on_sqlite.world.platform.vault.keys.url.removeprefix("sqlite:///"))
    on_sqlite.world.platform.vault.keys.close()
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(size - 4096))
    assert "backup_failed" in on_sqlite("backup", "copy", code=1)
    assert not (on_sqlite.folder / "copy").exists()


def test_a_folder_that_is_there_or_cannot_be_made_is_one_sentence(on_sqlite: CommandLine):
    (on_sqlite.folder / "copy").mkdir()
    assert "file_out_of_reach" in on_sqlite("backup", "copy", code=1)
    assert "file_out_of_reach" in on_sqlite("backup", "nowhere/copy", code=1)
    assert "file_out_of_reach" in on_sqlite("backup", "new", "--keys-to", "nowhere/keys", code=1)
    assert not (on_sqlite.folder / "new").exists()
    assert Path(file_of(on_sqlite.world)).exists()


def test_without_a_program_that_is_new_enough_it_names_what_to_install(monkeypatch, tmp_path: Path):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.22 (Debian 13.22-0+deb11u1)'\n")
    old.chmod(0o700)
    monkeypatch.setattr(database_copies, "candidates", lambda _name: [old])
    assert database_copies.program("pg_dump", 13) == old
    with pytest.raises(database_copies.BackupFailed, match=r"is 13.*install postgresql-client-17"):
        database_copies.program("pg_dump", 17)
    monkeypatch.setattr(database_copies, "candidates", lambda _name: [])
    with pytest.raises(database_copies.BackupFailed, match="install postgresql-client-16"):
        database_copies.program("pg_dump", 16)
