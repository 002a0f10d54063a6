"""The statements of the bare loop, as plain text."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

import psycopg
from sqlalchemy import make_url

from storage.dialect import BUSY_TIMEOUT_MS

Value = object
# As many digests as in a move's transaction.
STATES = json.dumps({f"outbox:{part}": "9f2c" * 16 for part in range(6)})
REQUEST = '{"pseudonym": "K7Q2-93XM", "persons": "3-4", "rooms": 3, "rent": "7.000-8.000", "from": "2026-12"}'
ENTRIES = ("municipality:0461", "municipality:0430", "department:kloeverlykken/Prøveparken")


@lru_cache
def _insert(table: str, columns: tuple[str, ...], returning: bool) -> str:
    values = ", ".join(f":{name}" for name in columns)
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608  # our own names
    return f"{text} RETURNING id" if returning else text


@lru_cache
def _update(table: str, columns: tuple[str, ...]) -> str:
    values = ", ".join(f"{name} = :{name}" for name in columns)
    return f"UPDATE {table} SET {values} WHERE id = :id"  # noqa: S608  # our own names


@lru_cache
def _in_psycopgs_words(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


class Plain:
    """One connection of a driver, with the settings that the platform's own connections have."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            self.connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"busy_timeout={BUSY_TIMEOUT_MS}",
            ):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)  # type: ignore[assignment]
        self.cursor = self.connection.cursor()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction."""
        self.cursor.execute("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
        yield
        self.cursor.execute("COMMIT")

    def now(self) -> Value:
        """A moment, as the platform's rows store it."""
        now = datetime.now(UTC)
        return now.strftime("%Y-%m-%d %H:%M:%S.%f") if self.sqlite else now

    def insert(self, table: str, **row: Value) -> int:
        """A row; returns its id, when its table numbers its rows."""
        numbered = table not in ("suggested_home", "complete_booking", "lined_up")
        self._execute(_insert(table, tuple(row), numbered), row)
        found = self.cursor.fetchone() if numbered else None
        return int(found[0]) if found else 0

    def update(self, table: str, row_id: int, **row: Value) -> None:
        """A change to a row."""
        self._execute(_update(table, tuple(row)), row | {"id": row_id})

    def leave_line(self, referral_id: int, recipient: str) -> None:
        """Delete a recipient's waiting request."""
        gone = "DELETE FROM lined_up WHERE referral_id = :referral_id AND recipient = :recipient"
        self._execute(gone, {"referral_id": referral_id, "recipient": recipient})

    def _execute(self, statement: str, values: dict[str, Value]) -> None:
        self.cursor.execute(statement if self.sqlite else _in_psycopgs_words(statement), values)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
