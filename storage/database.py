"""The database: one engine, two ways in. SQLite and PostgreSQL run the same code.

`writing()` is a transaction that takes its lock at once; `reading()` never writes. Neither is ever open
while a partner answers.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Engine, Insert, Update, insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlmodel import Session, SQLModel, create_engine

from domain.errors import TilflytError
from storage.dialect import connect_args, file_of, is_sqlite, set_up

OWNER_ALONE = stat.S_IRUSR | stat.S_IWUSR
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# The errors raised while a database cannot be reached, for example while its server restarts.
DATABASE_IS_AWAY = (OperationalError, InterfaceError, NoConnectionFree)


class DatabaseOutOfReach(TilflytError):
    """The database's file cannot be made or opened; the text says where it should be, and why."""

    code = "database_out_of_reach"


def _keep_from_others(file: Path) -> None:
    """Make a database's file readable by its owner alone, whatever the umask; narrow one that is there.

    SQLite gives its log and its index the rights of the database file.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDONLY | os.O_CREAT, OWNER_ALONE))
    except OSError as error:
        raise DatabaseOutOfReach(f"the database {file} cannot be opened: {error.strerror}") from None
    for one in files_of(file):
        # Only the owner can narrow the rights of another user's file; `tilflyt doctor` reports it.
        with suppress(OSError):
            if one.stat().st_mode & FOR_OTHERS:
                one.chmod(OWNER_ALONE)


def files_of(file: Path) -> list[Path]:
    """A SQLite database's file, and the files that SQLite keeps beside it, where they exist."""
    return [one for ending in ("", "-wal", "-shm", "-journal") if (one := Path(f"{file}{ending}")).exists()]


def _as_json(document: object) -> str:
    return orjson.dumps(document).decode()


class Database:
    """The platform's database."""

    def __init__(self, url: str) -> None:
        if (file := file_of(url)) is not None:
            _keep_from_others(file)
        self.engine: Engine = create_engine(
            url, hide_parameters=True, connect_args=connect_args(url), json_serializer=_as_json
        )
        # A thread that reads much before it writes takes its `turn` for both: computing in one thread slows the thread
        # that holds SQLite's lock.
        self._writer, self._reader, self._at_one_instant, self.turn, self.turn_for_many = set_up(self.engine)
        # A cache of rows that never change once written; every session finds it in its `info`.
        self._for_good: dict[str, Any] = {}

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return is_sqlite(self.engine)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it, or nothing on an exception."""
        with self._session(self._writer) as session, self.turn, session.begin():
            yield session
            _write_what_waits(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads what is committed."""
        with self._session(self._reader) as session:
            yield session
            if unwritten(session):
                raise RuntimeError("somebody who only looks has something to write")

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that reads what was committed at one instant, however long it takes."""
        with self._session(self._at_one_instant) as session:
            yield session

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A connection without a session, for a single statement: on PostgreSQL one round trip to the server.

        On SQLite it only reads, as `reading()` does.
        """
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing_at_once(self) -> Iterator[Connection]:
        """A connection without a session, for a short write: on PostgreSQL one statement, on SQLite a transaction."""
        if self.is_sqlite:
            with self.turn, self._writer.begin() as connection:
                yield connection
        else:
            with self.at_once() as connection:
                yield connection

    def _session(self, on: Engine) -> Session:
        return Session(on, expire_on_commit=False, info={"for_good": self._for_good})

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def changed(session: Session, statement: Update, values: dict[str, Any] | None = None) -> int:
    """Carry out an update and return how many rows it changed: the compare-and-swap's answer.

    It bypasses the session: rows that the session has read are not refreshed.
    """
    return session.connection().execute(statement, values).rowcount


def write(session: Session, row: SQLModel) -> None:
    """Insert a new row, and set its `id`.

    It bypasses the session, which costs a move half as much: for rows that nobody changes before the transaction ends.
    """
    written = session.connection().execute(_insert_into(type(row)), row.model_dump(exclude={"id"}))
    row.id = cast("tuple[int]", written.inserted_primary_key)[0]


def write_at_end(session: Session, table: type[SQLModel], row: dict[str, Any]) -> None:
    """Insert a row when the transaction ends, together with others of its table.

    For rows that every move writes several of and nobody reads back before; their keys are always the same.
    """
    session.info.setdefault("at_end", {}).setdefault(table, []).append(row)


def waiting_to_be_written(session: Session, table: type[SQLModel]) -> list[dict[str, Any]]:
    """The rows of a table that will be inserted when the transaction ends, as they are so far."""
    found: list[dict[str, Any]] = session.info.get("at_end", {}).get(table, [])
    return found


Rows = dict[type[SQLModel], list[dict[str, Any]]]


def unwritten(session: Session) -> Rows:
    """Take the waiting rows out of a session, to write them in another one."""
    rows: Rows = session.info.pop("at_end", {})
    return rows


def write_for_another(session: Session, rows: Rows) -> None:
    """Insert another session's waiting rows when this transaction ends."""
    for table, some in rows.items():
        for row in some:
            write_at_end(session, table, row)


def _write_what_waits(session: Session) -> None:
    waiting = unwritten(session)
    if waiting:
        # The rows that these rows refer to must be written before them.
        session.flush()
    for table, rows in waiting.items():
        session.connection().execute(_insert_into(table), rows)


@cache
def _insert_into(table: type[SQLModel]) -> Insert:
    return insert(table)
