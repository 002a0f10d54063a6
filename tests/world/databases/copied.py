"""Databases for tests: migrated once in each process, and copied."""

import itertools
import shutil
import sqlite3
import tempfile
from collections import deque
from contextlib import suppress
from functools import cache
from pathlib import Path

from storage.database import Database
from storage.migrate import migrate
from tests.world.databases.own_postgres import TEMPLATE, OwnPostgres
from tests.world.kept import remembered, written

MEMORY = "/dev/shm"  # noqa: S108  # a folder of our own is made in it
# Bytes of memory that must be free before databases are put into memory: each server holds less than one gigabyte.
ROOM = 6 * 2**30
_names = itertools.count(1)
# The databases of the last tests, of ten megabytes each; older ones are dropped.
_last: deque[str] = deque()
_LAST_KEPT = 10


def in_memory() -> str | None:
    """The folder for files in memory, if there is room: making a database's 500 files costs a quarter as much there."""
    with suppress(OSError):
        if shutil.disk_usage(MEMORY).free > ROOM:
            return MEMORY
    return None


def database_for_a_test(server: OwnPostgres, template: str = TEMPLATE) -> str:
    """Copy a database for one test; returns the URL."""
    while len(_last) >= _LAST_KEPT:
        server.run(f"DROP DATABASE {_last.popleft()} WITH (FORCE)")
    _last.append(f"test_{next(_names)}")
    return server.new_database(_last[-1], template=template)


@cache
def _migrated() -> sqlite3.Connection:
    """A migrated database in memory, from which others are copied: migrating takes 500 ms, copying 4 ms."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/migrated.sqlite")
        migrate(database)
        database.close()
        return remembered(Path(folder) / "migrated.sqlite")


def migrated_sqlite(folder: Path) -> str:
    """The URL of a fresh, migrated database in a folder."""
    file = folder / "tilflyt.sqlite"
    written(_migrated(), file)
    return f"sqlite:///{file}"
