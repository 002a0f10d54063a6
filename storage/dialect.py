"""What differs between SQLite and PostgreSQL: how each is opened, what holds others off, and what only one of them can.

Code that needs a difference asks for it here by what it means; no other module asks which database it runs on.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple, cast

from sqlalchemy import URL, Connection, Engine, Table, TextClause, event, func, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, select

# How an address of each begins.
ADDRESSES = ("sqlite:///", "postgresql+psycopg://")
BUSY_TIMEOUT_MS = 20_000
LOOK_AGAIN_AFTER_S = 0.001
# 16 MB, four times SQLite's default: pages that are written again and again, as in staging, are copied back once.
WAL_PAGES = 4_000
IDLE_AT_MOST_S = 5.0
ONE_INSTANT = "REPEATABLE READ"
# On PostgreSQL a row gets its number before other transactions see it: so far back we look for rows that came late.
MAY_COME_LATE = 10_000
# For a table whose rows are looked up by their key alone: SQLite keeps them in its order, and needs no second index.
KEPT_BY_KEY = {"sqlite_with_rowid": False}


class Ways(NamedTuple):
    """The engines for writing, for reading, and for reading one instant.

    `turn` is taken by whoever writes: SQLite has one writer, and a process's threads queue here instead of polling.
    `turn_for_many` is taken by threads that each write in many transactions, before the first: to hand the turn to one
    another between any two transactions takes an eighth of the speed (`make bench-path`).
    """

    writer: Engine
    reader: Engine
    at_one_instant: Engine
    turn: AbstractContextManager[object]
    turn_for_many: AbstractContextManager[object]


def is_sqlite(of: Engine | Connection | Session) -> bool:
    """Whether this is the embedded database."""
    return (of.get_bind() if isinstance(of, Session) else of).dialect.name == "sqlite"


def connect_args(url: str) -> dict[str, str]:
    """What the driver is told when it connects."""
    # The server's own time zone would shift the moments we read, some of them out of the readable range.
    return {} if file_of(url) else {"options": "-c timezone=UTC"}


def set_up(engine: Engine) -> Ways:
    """Have each connection set up as ours are, and tell the ways in."""
    writer = engine.execution_options(writing=True)
    if is_sqlite(engine):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        # Every transaction that reads sees one instant.
        return Ways(writer, engine, engine, RLock(), RLock())
    event.listen(engine, "checkin", _left_idle)
    event.listen(engine, "checkout", partial(_must_still_be_there, engine))
    # A read needs no BEGIN and COMMIT, which are two more round trips to the server.
    looks = engine.execution_options(isolation_level="AUTOCOMMIT")
    return Ways(writer, looks, engine.execution_options(isolation_level=ONE_INSTANT), nullcontext(), nullcontext())


def file_of(url: str | URL) -> Path | None:
    """The file in which a database is; None when it is a server's."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def only_where(words: TextClause) -> dict[str, Any]:
    """What an `Index` is told to hold only the rows for which some words are true."""
    return {"sqlite_where": words, "postgresql_where": words}


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


def one_at_a_time(session: Session, what: str) -> None:
    """Let only one transaction at a time do this, until it ends; on SQLite every writer is alone anyway."""
    connection = session.connection()
    if not is_sqlite(connection):
        connection.execute(_ALONE, {"what": what})


@contextmanager
def one_at_a_time_throughout(connection: Connection, what: str) -> Iterator[None]:
    """On PostgreSQL, make a second process that does this in many transactions wait; on SQLite each takes its turn."""
    if is_sqlite(connection):
        yield
        return
    connection.execute(text("SELECT pg_advisory_lock(hashtext(:what))"), {"what": what})
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(hashtext(:what))"), {"what": what})


def hold_table(session: Session, table: str) -> None:
    """Let nobody else write to a table until the transaction ends; on SQLite whoever writes is alone."""
    if not is_sqlite(session.connection()):
        session.connection().execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))


def passing_by_what_is_held(session: Session) -> str:
    """The end of a query for rows to be written to, which leaves out those that others hold."""
    return "" if is_sqlite(session) else " FOR UPDATE SKIP LOCKED"


def may_come_late(session: Session) -> int:
    """How far back from the newest visible row there may be rows that are not visible yet."""
    return 0 if is_sqlite(session.connection()) else MAY_COME_LATE


def writes_in_a_query(engine: Engine) -> bool:
    """Whether one statement may write to several tables: each statement is a journey to the server."""
    return not is_sqlite(engine)


def holds_up_the_loop(engine: Engine) -> bool:
    """Whether an event loop and a thread that writes make each other slow: SQLite's driver lets go at every row."""
    return is_sqlite(engine)


def told_plainly(session: Session) -> bool:
    """Whether to pass days as text and booleans as numbers, as SQLite's driver is slow with anything else."""
    return is_sqlite(session)


def copied_in(session: Session, table: Table, rows: Iterable[Sequence[Any]]) -> bool:
    """Write rows down past all statements, each with a value for every column; False where a driver has no such way."""
    if is_sqlite(session):
        return False
    copy_into, types = _copy_of(table)
    driver = cast("Any", session.connection().connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(copy_into) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
    return True


@cache
def _copy_of(table: Table) -> tuple[str, list[str]]:
    names = ", ".join(column.name for column in table.columns)
    types = [_POSTGRESQL_TYPES[str(column.type)] for column in table.columns]
    return f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)", types


_POSTGRESQL_TYPES = {"INTEGER": "int4", "VARCHAR": "varchar", "DATE": "date", "BOOLEAN": "bool"}


def placeholder(of: Engine | Connection) -> str:
    """What stands for a value in a statement that the driver is given as it is."""
    return "?" if is_sqlite(of) else "%s"


def clock_of_server(session: Session) -> datetime | None:
    """What time it is for the database's server; None when it has no clock but ours."""
    return None if is_sqlite(session) else session.exec(select(func.clock_timestamp())).one()


def overwrite_what_is_deleted(engine: Engine) -> None:
    """From now on, overwrite what is deleted; PostgreSQL does so when it is vacuumed."""
    if is_sqlite(engine):
        event.listen(engine, "connect", lambda connection, _entry: connection.execute("PRAGMA secure_delete=ON"))


def tidied_up(engine: Engine, table: str) -> bool:
    """Have the bytes of what was deleted from a table leave the files; False when somebody reads and keeps them there.

    PostgreSQL's log of changes keeps them until it is written over: docs/protecting-families.md.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not is_sqlite(engine):
            connection.exec_driver_sql(f"VACUUM FULL {table}")
            return True
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401  # a driver's own connection
    # The driver's own transactions begin deferred, and fail under contention when they upgrade: we say BEGIN.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"wal_autocheckpoint={WAL_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _left_idle(_connection: object, entry: ConnectionPoolEntry) -> None:
    entry.info["idle_since"] = time.monotonic()


def _must_still_be_there(engine: Engine, connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401  # a driver's own connection
    """Check whether the server closed a connection while it was idle.

    The pool's own ping checks at every use, which costs as much as a statement.
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
    """Take the write lock as soon as another process releases it.

    SQLite's own wait sleeps longer each time, up to 100 ms: when several processes write, the lock lies idle a third of
    the time. The driver cannot be given another wait.
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
