"""In a wrong folder, or without its database, every command prints one sentence and makes no file."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlmodel import text
from typer.main import get_command

from deployments.cli.main import app
from deployments.doctor.doctor import CHECKS
from storage.database import Database
from storage.migrate import newest_version
from tests.world.commands import CommandLine
from tests.world.databases.copied import migrated_sqlite
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.world import World

# Commands that use no database, or one of their own.
WITHOUT = {("audit", "key"), ("demo",), ("up",), ("prefect-server",), ("feed", "check"), ("privacy", "record")}
OURS = ("WORLD", "DATABASE_URL", "KEYS_URL", "LINK_KEY", "PSEUDONYM_KEY", "VAULT_KEY", "DEMO_CLOCK_FILE")
GIVEN = {
    "field": "phone",
    "how": "in_writing",
    "children": "heard",
    "said": "yes",
    "given_on": "2026-03-02",
    "on": "2026-03-02",
    "month": "2026-03",
    "from_": "2026-03",
    "to": "2026-03",
    "amount_ore": "100",
    "evidence_on": "2026-03-02",
    "as_": "accepted",
    "until": "2026-03-31",
}
GIVEN |= dict.fromkeys(("number", "numbers", "least"), "1")


def commands(group: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, with the words that call it."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
            if command.invoke_without_command:
                yield (*names, name), command
        else:
            yield (*names, name), command


def typed(command: Any) -> Iterator[str]:
    """A value for every argument that a command needs."""
    for option in command.params:
        if option.required:
            if isinstance(option, typer.core.TyperOption):
                yield option.opts[0]
            yield "phone" if (command.name, option.name) == ("withdraw", "how") else GIVEN.get(option.name, "havblik")


EVERY = {words: (*words, *typed(command)) for words, command in commands(get_command(app)) if words not in WITHOUT}


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return CommandLine(sqlite_world, monkeypatch, capsys, folder)


def all_say(tilflyt: CommandLine, says: str, *, but: tuple[str, ...] = ()) -> None:
    """Check that every command prints this and changes nothing in the folder."""
    before = sorted(tilflyt.folder.rglob("*"))
    for words, order in EVERY.items():
        if words[0] not in but:
            # As JSON, because a table may break a line anywhere.
            told = tilflyt(*order, *(("--json",) if words == ("doctor",) else ()), code=1)
            assert re.search(says, told), f"{' '.join(order)}: {told}"
            assert words == ("doctor",) or told.count("tilflyt doctor") <= 1
    assert sorted(tilflyt.folder.rglob("*")) == before


def test_there_are_commands_and_each_can_be_called():
    assert len(EVERY) >= 36
    assert {words[0] for words in EVERY} >= {"migrate", "import", "worker", "serve", "doctor", "sync", "vault"}


def test_in_a_folder_without_settings_every_command_says_where_they_are_looked_for(tilflyt: CommandLine, monkeypatch):
    for name in OURS:
        monkeypatch.delenv(f"TILFLYT_{name}")

    all_say(tilflyt, rf"TILFLYT_(DATABASE_URL|VAULT_KEY) is not set.*{tilflyt.folder}/\.env, which is not there")
    for order in (("vault", "rotate"), ("audit", "key")):
        assert "openssl" not in tilflyt(*order, code=1)


def test_the_folder_of_the_default_database_is_not_made(tilflyt: CommandLine, monkeypatch):
    for name in ("DATABASE_URL", "KEYS_URL"):
        monkeypatch.delenv(f"TILFLYT_{name}")

    all_say(
        tilflyt, r"there is no database at .*tilflyt(-keys)?\.sqlite: .*`tilflyt migrate`", but=("migrate", "audit")
    )


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (None, "no schema of ours: run `tilflyt migrate`"),
        ("0022", "at 0022, .*run `tilflyt migrate`"),
        ("9999", "newer"),
    ],
)
def test_a_schema_that_is_missing_older_or_newer_is_said(tilflyt: CommandLine, monkeypatch, version, says):
    file = tilflyt.folder / "tilflyt.sqlite"
    if version is None:
        file.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as empty:
            empty.execute("PRAGMA journal_mode=WAL")
    else:
        database = Database(migrated_sqlite(tilflyt.folder))
        with database.writing() as session:
            session.exec(text("UPDATE alembic_version SET version_num = :version"), params={"version": version})
        database.close()
    monkeypatch.setenv("TILFLYT_DATABASE_URL", f"sqlite:///{file}")

    all_say(tilflyt, says, but=("migrate",) if version != "9999" else ())


@pytest.fixture
def locked(postgres: OwnPostgres) -> str:
    """The URL of a real database with a wrong password."""
    database = Database(postgres.url)
    with database.reading() as session:
        rules = Path(session.exec(text("SHOW hba_file")).one()[0])
    database.close()
    if "locked_out" not in rules.read_text():
        postgres.run("CREATE ROLE locked_out LOGIN PASSWORD 'right'")
        ours = "local all locked_out scram-sha-256\nhost all locked_out all scram-sha-256\n"
        rules.write_text(ours + rules.read_text())
        postgres.run("SELECT pg_reload_conf()")
    return re.sub(r"://[^@]*@", "://locked_out:wrong@", postgres.url)


def test_a_wrong_password_is_one_sentence_that_does_not_repeat_it(tilflyt: CommandLine, monkeypatch, locked: str):
    monkeypatch.setenv("TILFLYT_DATABASE_URL", locked)

    all_say(tilflyt, "password authentication failed")
    assert "wrong@" not in tilflyt("doctor", code=1)


def test_a_host_where_nobody_answers_is_one_sentence(tilflyt: CommandLine, monkeypatch):
    monkeypatch.setenv("TILFLYT_DATABASE_URL", "postgresql+psycopg://us:secret@127.0.0.1:1/tilflyt")
    all_say(tilflyt, "Connection refused")

    monkeypatch.setenv("TILFLYT_DATABASE_URL", "postgresql+psycopg://us:secret@nowhere.invalid/tilflyt")
    assert "nowhere.invalid" in tilflyt("attention", code=1)


def test_a_file_that_is_no_database_is_one_sentence(tilflyt: CommandLine, monkeypatch):
    (tilflyt.folder / "none").write_bytes(b"This is no database at all, whatever it is called." * 100)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", f"sqlite:///{tilflyt.folder}/none")

    all_say(tilflyt, "file is not a database")


@pytest.mark.parametrize(
    "url",
    ["postgresql://us@host/x", "mysql://us@host/x", "postgresql+psycopg://us:p@ss:w@host:port/x", "sqlite://", "x"],
)
def test_an_address_that_is_none_is_one_sentence_without_it(tilflyt: CommandLine, monkeypatch, url: str):
    monkeypatch.setenv("TILFLYT_DATABASE_URL", url)

    told = tilflyt("attention", code=1)

    assert told.startswith("wrong_settings: TILFLYT_DATABASE_URL: ")
    assert "us@host" not in told
    assert "p@ss" not in told


@pytest.mark.parametrize("setting", ["DATABASE_URL", "KEYS_URL"])
def test_migrate_says_in_one_sentence_where_nothing_can_be_made(tilflyt: CommandLine, monkeypatch, setting: str):
    monkeypatch.setenv(f"TILFLYT_{setting}", "sqlite:////proc/x/tilflyt.sqlite")
    assert "database_out_of_reach: the database /proc/x/tilflyt.sqlite" in tilflyt("migrate", code=1)


def test_keys_that_are_elsewhere_are_not_made_anew(tilflyt: CommandLine, monkeypatch):
    monkeypatch.setenv("TILFLYT_KEYS_URL", f"sqlite:///{tilflyt.folder}/keys.sqlite")
    assert "there is no database at" in tilflyt("vault", "sweep", code=1)

    (tilflyt.folder / "keys.sqlite").touch(mode=0o600)
    assert "the keys' database has no table data_key: run `tilflyt migrate`" in tilflyt("vault", "sweep", code=1)

    assert f"at {newest_version()}." in tilflyt("migrate")
    tilflyt("vault", "sweep")


@pytest.mark.parametrize("url", ["nonsense", "http://", "127.0.0.1:4200/api"])
def test_an_address_of_prefect_that_is_none_is_one_sentence(tilflyt: CommandLine, monkeypatch, url: str):
    monkeypatch.setattr("deployments.worker.prefect_login.get_current_settings", lambda: Settings(url))

    assert "PREFECT_API_URL: must be an address" in tilflyt("worker", code=1)
    assert "PREFECT_API_URL: must be an address" in tilflyt("doctor", code=1)


class Settings:
    """Prefect's settings, which this process has read already."""

    def __init__(self, url: str) -> None:
        self.api, self.url, self.auth_string = self, url, None


def test_every_check_of_the_doctor_has_its_line_whatever_is_missing(tilflyt: CommandLine, monkeypatch):
    for name in OURS:
        monkeypatch.delenv(f"TILFLYT_{name}")
    told = tilflyt("doctor", code=1)
    assert [name for name in CHECKS if name not in told] == []


def test_the_deliverer_too_ends_with_one_sentence(tmp_path: Path):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TILFLYT_")}
    done = subprocess.run(
        [sys.executable, "-m", "deployments.worker.deliverer"],
        cwd=tmp_path,
        env={**ours, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("wrong_settings: TILFLYT_DATABASE_URL is not set, and in production no database ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
