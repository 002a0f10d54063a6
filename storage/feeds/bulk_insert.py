"""Many rows of one table at once, past the session and the statement compiler, which cost more than the database.

`make bench-sync` defends it; how each driver is told values fastest, docs/decisions.md says.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session

from storage.dialect import copied_in

# The values of a row's columns in their order, without the first column, which all rows of a writing share.
Values = Sequence[Any]
# SQLite's driver has a cost for each statement and for each None: many rows go in at once, without the columns that are
# empty in all of them.
ROWS_AT_ONCE = 50


class BulkInsert:
    """Writes rows of one table; its statements are built once."""

    def __init__(self, table: Table) -> None:
        self._table, self._names = table, tuple(column.name for column in table.columns)
        self._filling = lru_cache(maxsize=64)(self._filling_statement)

    def write(self, session: Session, shared: int, rows: Collection[Values]) -> None:
        """Write rows down; `shared` is the first column of each."""
        if not rows:
            return
        if copied_in(session, self._table, ((shared, *row) for row in rows)):
            return
        connection = session.connection()
        for statement, values in self._statements(shared, list(rows)):
            connection.exec_driver_sql(statement, values)

    def _statements(self, shared: int, rows: Sequence[Values]) -> Iterator[tuple[str, Values]]:
        filled = tuple(place for place in range(len(self._names) - 1) if any(row[place] is not None for row in rows))
        values_of = itemgetter(*filled)
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[first : first + ROWS_AT_ONCE]
            yield self._filling(filled, len(some)), (shared, *chain.from_iterable(map(values_of, some)))

    def _filling_statement(self, filled: tuple[int, ...], rows: int) -> str:
        names = ", ".join(self._names[1 + place] for place in filled)
        values = ", ".join([f"(?1{', ?' * len(filled)})"] * rows)
        return f"INSERT INTO {self._table.name} ({self._names[0]}, {names}) VALUES {values}"  # noqa: S608  # names of columns
