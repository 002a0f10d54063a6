"""A backup of both databases, with digests and the end of the audit chain.

Our own database is copied first and the keys' database after it. A key is stored before anything is sealed with it, so
the later copy has every key that the earlier one needs; a key destroyed in between stays destroyed after a restore.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import storage.tables  # noqa: F401  # what is chained is read from all tables
from deployments.backup.database_copies import BackupFailed, copied
from deployments.files import NewFolder, chunks_of, new_folder, reached
from domain.subject import About, Subject
from storage.audit.chain import bind
from storage.audit.events import write_event
from storage.database import Database
from storage.installation import named, opened_database
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


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of a backup, its size and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: its files, when, where, and up to which entry of the chain."""

    database: Path
    keys: Path
    made_at: datetime
    entry: int
    hash: str
    copied: tuple[Copied, ...]


def back_up(settings: Settings, folder: Path, *, keys_to: Path | None, by: str, now: datetime, tell: Tell) -> Backup:
    """Copy both databases, each into a folder of its own; the keys into `keys_to`, or else beside the other."""
    with closing(opened_database(settings)) as database, new_folder(folder):
        named(settings, "keys_url")
        folder_of_data, beside = folder / DATABASE, keys_to or folder / KEYS
        with new_folder(folder_of_data) as data, new_folder(beside) as keys:
            _note(database, by=by, now=now)
            tell("Copying the database \u2026")
            schema = version_of(database)
            one, end = copied(database, settings.database_url, data.path / DATABASE)
            tell("Copying the families' keys \u2026")
            with closing(Database(settings.keys_url)) as of_keys:
                other, _ = copied(of_keys, settings.keys_url, keys.path / KEYS, with_chain=False)
            if end is None:
                raise BackupFailed("the database has no audit chain: run `tilflyt migrate` first")
            made = Backup(folder_of_data, beside, now, end.seq, end.hash, (_as_copied(one), _as_copied(other)))
            _describe(data, made, made.copied[0], schema)
            _describe(keys, made, made.copied[1], schema)
            return made


def _note(database: Database, *, by: str, now: datetime) -> None:
    """Record the backup before it is made, so that the copy's own chain has it too."""
    with database.writing() as session:
        write_event(session, "backed_up", actor=by, about=Subject(About.DATABASE), at=now)
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


def _as_copied(file: Path) -> Copied:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(file, most=MOST_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return Copied(file.name, size, digest.hexdigest())


def checked(folder: Path) -> list[Copied]:
    """The files of a backup, each checked against its manifest; `BackupFailed` names one that differs."""
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
