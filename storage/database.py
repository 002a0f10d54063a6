"""The database: one engine, two ways in. SQLite and PostgreSQL run the same code.

`writing()` is a transaction that takes its lock at once; `reading()` never writes. Neither is ever open
while a partner answers.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cache, partial
from pathlib import Path
from threading import RLock
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Engine, Insert, Update, event, insert, make_url, text
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel, create_engine

from domain.errors import TilflytError

BUSY_TIMEOUT_MS = 20_000
LOOK_AGAIN_AFTER_S = 0.001
# 16 MB, four times SQLite's own: pages that are written again and again, as staging is, are copied back once.
WAL_PAGES = 4_000
IDLE_AT_MOST_S = 5.0
OWNER_ALONE = stat.S_IRUSR | stat.S_IWUSR
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class DatabaseOutOfReach(TilflytError):
    """The database's file cannot be made or opened; the text says where it should be, and why."""

    code = "database_out_of_reach"


ONE_INSTANT = "REPEATABLE READ"
# What is raised while a database cannot be reached, as when its server is started anew.
DATABASE_IS_AWAY = (OperationalError, InterfaceError, NoConnectionFree)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401  # a driver's own connection
    # The driver's own transactions are deferred and upgrade into errors under contention; we say BEGIN.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"wal_autocheckpoint={WAL_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_from_others(file: Path) -> None:
    """Make a database's file, which nobody but its owner may read, whatever the mask; narrow one that is there.

    SQLite gives its log and its index the rights of the file beside which they lie.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDONLY | os.O_CREAT, OWNER_ALONE))
    except OSError as error:
        raise DatabaseOutOfReach(f"the database {file} cannot be opened: {error.strerror}") from None
    for one in files_of(file):
        # Somebody else's is theirs to narrow, and `tilflyt doctor` says so.
        with suppress(OSError):
            if one.stat().st_mode & FOR_OTHERS:
                one.chmod(OWNER_ALONE)


def files_of(file: Path) -> list[Path]:
    """A SQLite database's file, and what SQLite lays beside it, as far as they are there."""
    return [one for ending in ("", "-wal", "-shm", "-journal") if (one := Path(f"{file}{ending}")).exists()]


def _as_json(document: object) -> str:
    return orjson.dumps(document).decode()


def _left_idle(_connection: object, entry: ConnectionPoolEntry) -> None:
    entry.info["idle_since"] = time.monotonic()


def _must_still_be_there(engine: Engine, connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401  # a driver's own connection
    """Look whether the server has left while a connection lay idle.

    The pool's own ping looks each time, which costs as much as a statement.
    """
    if time.monotonic() - entry.info.get("idle_since", 0.0) < IDLE_AT_MOST_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writing", False):
        _begin_writing(cast("sqlite3.Connection", connection.connection.driver_connection))
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: sqlite3.Connection) -> None:
    """Take the write lock as soon as another process lets go of it.

    SQLite's own wait sleeps longer each time, up to 100 ms, and lets the lock lie idle a third of the time when
    several processes write; the driver has no way to give it another.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                time.sleep(LOOK_AGAIN_AFTER_S)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


class Database:
    """The platform's database."""

    def __init__(self, url: str) -> None:
        # A server's own time zone would move what we read, and some moments out of what can be read.
        utc = {} if make_url(url).get_backend_name() == "sqlite" else {"options": "-c timezone=UTC"}
        self.engine: Engine = create_engine(url, hide_parameters=True, connect_args=utc, json_serializer=_as_json)
        if not self.is_sqlite:
            event.listen(self.engine, "checkin", _left_idle)
            event.listen(self.engine, "checkout", partial(_must_still_be_there, self.engine))
        else:
            _keep_from_others(Path(make_url(url).database or ""))
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(writing=True)
        # A look at PostgreSQL need not begin and end a transaction, which are two more journeys to the server.
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        # What never changes once it is written, by what it is; every session finds it in its `info`.
        self._for_good: dict[str, Any] = {}
        # SQLite has one writer; the threads of a process queue here instead of polling for its lock. Who looks much
        # up before it writes takes its turn for both: a thread that computes slows the one that holds the lock.
        self.turn: AbstractContextManager[object] = RLock() if self.is_sqlite else nullcontext()
        # Threads that each write much in many transactions queue here before the first: to hand the turn to one
        # another between any two transactions takes an eighth of the speed (`make bench-path`).
        self.turn_for_many: AbstractContextManager[object] = RLock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it, or on an exception nothing."""
        with self._session(self._writer) as session, self.turn, session.begin():
            yield session
            _write_what_waits(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at what is committed."""
        with self._session(self._reader) as session:
            yield session
            if unwritten(session):
                raise RuntimeError("somebody who only looks has something to write")

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A look at what was committed at one instant, however long it takes."""
        # On SQLite every transaction that reads is one.
        at_an_instant = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level=ONE_INSTANT)
        with self._session(at_an_instant) as session:
            yield session

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A connection without a session, for one statement by itself: on PostgreSQL one journey to the server.

        On SQLite it only reads, as `reading()` does.
        """
        with self._reader.connect() as connection:
            yield connection

    def _session(self, on: Engine) -> Session:
        return Session(on, expire_on_commit=False, info={"for_good": self._for_good})

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


def one_at_a_time(session: Session, what: str) -> None:
    """Have one transaction at a time do this, until it ends; on SQLite whoever writes is alone."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE, {"what": what})


def changed(session: Session, statement: Update, values: dict[str, Any] | None = None) -> int:
    """Carry out an update and tell how many rows it changed: the compare-and-swap's answer.

    Past the session: rows that it has read are not told.
    """
    return session.connection().execute(statement, values).rowcount


def write(session: Session, row: SQLModel) -> None:
    """Write a new row down; it knows its `id` then.

    Past the session, which costs a move half as much: for rows that nobody changes before the transaction ends.
    """
    written = session.connection().execute(_insert_into(type(row)), row.model_dump(exclude={"id"}))
    row.id = cast("tuple[int]", written.inserted_primary_key)[0]


def write_at_end(session: Session, table: type[SQLModel], row: dict[str, Any]) -> None:
    """Write a row down when the transaction ends, together with its like.

    For what is told in every move, more than once, and read back by nobody before; its keys are always the same.
    """
    session.info.setdefault("at_end", {}).setdefault(table, []).append(row)


def waiting_to_be_written(session: Session, table: type[SQLModel]) -> list[dict[str, Any]]:
    """The rows of a table that are written when the transaction ends, as they stand so far."""
    found: list[dict[str, Any]] = session.info.get("at_end", {}).get(table, [])
    return found


Rows = dict[type[SQLModel], list[dict[str, Any]]]


def unwritten(session: Session) -> Rows:
    """Take what waits to be written from a session, to write it in another one."""
    rows: Rows = session.info.pop("at_end", {})
    return rows


def write_for_another(session: Session, rows: Rows) -> None:
    """Write down when the transaction ends what another session had to write."""
    for table, some in rows.items():
        for row in some:
            write_at_end(session, table, row)


def _write_what_waits(session: Session) -> None:
    waiting = unwritten(session)
    if waiting:
        # What these rows name must stand before them.
        session.flush()
    for table, rows in waiting.items():
        session.connection().execute(_insert_into(table), rows)


@cache
def _insert_into(table: type[SQLModel]) -> Insert:
    return insert(table)
