"""Which rows a transaction locks on PostgreSQL, and in which order, read from the rows after each statement.

A row that a transaction has locked or written holds its id (`xmax`, `xmin`). So locks by an UPDATE or a foreign key are
found too, and the code under test need not report its locks.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from psycopg import Connection, connect
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import event

from storage.database import Database
from tests.stories.locking_deeds import opened_by

# The tables that are locked, with the column that identifies a row; for a question also its case.
TABLES = {
    "referral": "id::text",
    "question": "id::text",
    "feed": "association",
    "vacancy": "id::text",
    "offer": "id::text",
    "disclosure": "id::text",
    "area_name": "id::text",
    "schedule": "name",
    "reference_counter": "year::text",
}
_LOCKED = " UNION ALL ".join(
    f"SELECT '{table}', {key}, xmin = pg_current_xact_id()::xid FROM {table}"  # noqa: S608  # names of ours
    f" WHERE xmin = pg_current_xact_id()::xid OR xmax = pg_current_xact_id()::xid"
    for table, key in TABLES.items()
)
_MODE = re.compile(r"FOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)")
_ALONE = re.compile(r"pg_advisory_xact_lock\(")
# How the names of locks without a row begin (storage/locks.py); a person's is a digest.
NAMED_BY = {
    "flags of ": "flags",
    "families of ": "ceiling",
    "questions about ": "subject",
    "runs of ": "run",
}
STRENGTH = ("KEY SHARE", "SHARE", "NO KEY UPDATE", "UPDATE")


class Step(NamedTuple):
    """A lock of a row, and its mode; `key` is a number or a word."""

    table: str
    key: str
    mode: str


@dataclass
class Trace:
    """The locks of one transaction, in order; `where` is the function of ours that opened it."""

    deed: str
    where: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def rows(self) -> set[tuple[str, str]]:
        """The rows that are locked against writes of others."""
        return {(step.table, step.key) for step in self.steps if step.mode != "KEY SHARE"}


@contextmanager
def recorded(database: Database, deed: str) -> Iterator[list[Trace]]:
    """The traces of all transactions that write while the block runs."""
    traces: list[Trace] = []
    looking = threading.local()

    def after(connection, cursor, statement, parameters, *_more) -> None:
        if getattr(looking, "now", False) or not connection.get_execution_options().get("writing"):
            return
        info = connection.info
        if "trace" not in info:
            info["trace"], info["inserted"], info["modes"] = Trace(deed), set(), {}
        if statement.lstrip().startswith("SELECT") and not (_MODE.search(statement) or _ALONE.search(statement)):
            return
        looking.now = True
        try:
            _note(connection, statement, parameters)
        finally:
            looking.now = False

    def ended(connection) -> None:
        trace = connection.info.pop("trace", None)
        if trace is not None and trace.steps:
            trace.where = opened_by()
            traces.append(trace)

    listeners = (("after_cursor_execute", after), ("commit", ended), ("rollback", ended))
    for name, listener in listeners:
        event.listen(database.engine, name, listener)
    try:
        yield traces
    finally:
        for name, listener in listeners:
            event.remove(database.engine, name, listener)


def _note(connection, statement: str, parameters) -> None:
    info = connection.info
    trace, inserted, modes = info["trace"], info["inserted"], info["modes"]
    if _ALONE.search(statement):
        what = str(next(iter(parameters.values())))
        of = next((kind for words, kind in NAMED_BY.items() if what.startswith(words)), "person")
        trace.steps.append(Step(of, what, "UPDATE"))
        return
    said = _MODE.search(statement)
    head = statement.lstrip().split(None, 3)
    plain_insert = head[0] == "INSERT" and "DO UPDATE" not in statement
    with connection.connection.driver_connection.cursor() as cursor:
        found = cursor.execute(_LOCKED).fetchall()
    new = []
    for table, key, written in found:
        row = (table, key)
        if row in inserted:
            continue
        if plain_insert and head[2].strip('"') == table and row not in modes:
            inserted.add(row)
            continue
        mode = "NO KEY UPDATE" if written else said[1] if said else "KEY SHARE"
        if row not in modes or (written and STRENGTH.index(modes[row]) < STRENGTH.index("NO KEY UPDATE")):
            modes[row] = mode
            new.append(Step(table, key, mode))
    trace.steps += sorted(new, key=lambda step: (step.table, as_number(step.key)))


def as_number(key: str) -> tuple[int, str]:
    """A sort key: numbers by value, words by letters."""
    return (int(key), "") if key.isdecimal() else (0, key)


def as_played(trace: Trace) -> tuple[Step, ...]:
    """The same locks with each table's rows renumbered 1, 2, …, in the order of their keys."""
    keys: dict[str, list[str]] = {}
    for table, key in {(step.table, step.key) for step in trace.steps}:
        keys.setdefault(table, []).append(key)
    number = {
        (table, key): str(place)
        for table, some in keys.items()
        for place, key in enumerate(sorted(some, key=as_number), 1)
    }
    return tuple(Step(step.table, number[step.table, step.key], step.mode) for step in trace.steps)


def opposed(one: tuple[Step, ...], other: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """Where two traces lock the same two rows in opposite orders: how far each gets before it needs the other's row."""
    places = {(step.table, step.key): place for place, step in reversed(list(enumerate(other)))}
    for second in range(len(one)):
        for first in range(second):
            mine, theirs = places.get(one[first][:2]), places.get(one[second][:2])
            if mine is not None and theirs is not None and theirs < mine:
                yield second, mine


class Ring:
    """A PostgreSQL database in which two transactions repeat the locks of two traces, on rows made for that."""

    def __init__(self, url: str) -> None:
        at = url.replace("postgresql+psycopg://", "postgresql://")
        self.pair = [connect(at) for _ in range(2)]

    def hold_ready(self, rows: set[tuple[str, str]]) -> None:
        """Insert the rows to be locked."""
        connection = self.pair[0]
        connection.execute("CREATE TABLE held (of text, key text, PRIMARY KEY (of, key))")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO held VALUES (%s, %s)", sorted(rows))
        connection.commit()

    def deadlocks(self, one: tuple[Step, ...], other: tuple[Step, ...]) -> bool:
        """Whether two transactions with these locks can come to a deadlock."""
        return any(self._meet(one, other, *places) for places in opposed(one, other))

    def _meet(self, one: tuple[Step, ...], other: tuple[Step, ...], up_to: int, up_to_other: int) -> bool:
        mine, theirs = self.pair
        try:
            self._play(mine, one[:up_to])
            try:
                self._play(theirs, other[:up_to_other], patience="20ms")
            except LockNotAvailable:
                return False  # the second waits at an earlier lock that both take, so there is no deadlock
            wrong: list[BaseException] = []

            def go_on() -> None:
                try:
                    self._play(mine, one[up_to : up_to + 1])
                except DeadlockDetected as error:
                    wrong.append(error)
                    mine.rollback()

            first = threading.Thread(target=go_on)
            first.start()
            try:
                self._play(theirs, other[up_to_other : up_to_other + 1])
            except DeadlockDetected as error:
                wrong.append(error)
            theirs.rollback()
            first.join()
            return bool(wrong)
        finally:
            for connection in self.pair:
                connection.rollback()

    @staticmethod
    def _play(connection: Connection, steps: tuple[Step, ...], patience: str = "0") -> None:
        connection.execute(f"SET LOCAL lock_timeout = '{patience}'")
        connection.execute("SET LOCAL deadlock_timeout = '10ms'")
        for step in steps:
            row = (step.table, step.key)
            connection.execute(f"SELECT 1 FROM held WHERE of = %s AND key = %s FOR {step.mode}", row)  # noqa: S608  # ours

    def close(self) -> None:
        """Close both connections."""
        for connection in self.pair:
            connection.close()
