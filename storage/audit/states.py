"""The chained states of rows that may change: each time a part of such a row is written, its digest is chained.

A table says which parts of its rows are chained: `info={"chained_parts": {"answer": ("standing", …)}}`. The columns of
a part are written together. `"named_by"` is the column that names the rows, where that is not `id`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Table
from sqlmodel import Field, Session, SQLModel

from domain.audit import digest_of, is_empty
from storage.columns import UtcDateTime
from storage.database import waiting_to_be_written, write_at_end

# The columns whose values may name a row openly; any other name is secret, and only its digest is chained.
NAMED_IN_THE_OPEN = ("id", "case_key")


class ChainedStates(SQLModel, table=True):
    """What some rows said when a transaction ended: a digest by part and row, None when the row is gone. Append-only.

    `blind` goes into each digest and is not chained, so that readers of the chain cannot guess what a row said.
    """

    __tablename__ = "chained_states"
    __table_args__ = {"info": {"chained_as": "states", "not_chained": ("blind",)}}

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    digests: dict[str, str | None] = Field(sa_type=JSON)
    blind: str


def chain_state(
    session: Session,
    table: type[SQLModel],
    row: SQLModel | Mapping[str, Any],
    *,
    now: datetime,
    parts: Collection[str] | None = None,
) -> None:
    """Chain what a row says from now on: all of its chained parts, or only `parts`, those that were written."""
    of = table_of(table)
    states, told = _states_of(session, now), parts or tuple(parts_of(of))
    facts = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in _needed(of, told)}
    for part in told:
        name = name_of(of, part, facts)
        states["digests"][name] = digest_of(states["blind"], name, said(of, part, facts))


def chain_gone(session: Session, table: type[SQLModel], row: Mapping[str, Any], *, now: datetime) -> None:
    """Chain that a row was deleted."""
    of, states = table_of(table), _states_of(session, now)
    states["digests"] |= {name_of(of, part, row): None for part in parts_of(of)}


def _states_of(session: Session, now: datetime) -> dict[str, Any]:
    """The transaction's one row of states, which is written when the transaction ends."""
    if not (waiting := waiting_to_be_written(session, ChainedStates)):
        write_at_end(session, ChainedStates, {"at": now, "digests": {}, "blind": uuid4().hex})
        waiting = waiting_to_be_written(session, ChainedStates)
    return waiting[-1]


def table_of(table: type[SQLModel]) -> Table:
    """The table of a class."""
    return SQLModel.metadata.tables[str(table.__tablename__)]


def parts_of(table: Table) -> Mapping[str, tuple[str, ...]]:
    """The chained parts of a table's rows, each with its columns."""
    found: Mapping[str, tuple[str, ...]] = table.info["chained_parts"]
    return found


def _needed(table: Table, parts: Iterable[str]) -> set[str]:
    """The columns that some parts of a row, and its name, are made of."""
    return {named_by(table)}.union(*(parts_of(table)[part] for part in parts))


def named_by(table: Table) -> str:
    """The column by which the rows of a table are named."""
    by: str = table.info.get("named_by", "id")
    return by


def name_of(table: Table, part: str, row: Mapping[str, Any]) -> str:
    """The name of a part of a row in the chain."""
    by = named_by(table)
    named = str(row[by])
    return f"{part}:{named if by in NAMED_IN_THE_OPEN else sha256(named.encode()).hexdigest()[:32]}"


def said(table: Table, part: str, row: Mapping[str, Any]) -> dict[str, object]:
    """What a part of a row says, as it is digested: a column that came later only where it says something."""
    later = table.info.get("came_later", ())
    columns = (one for one in parts_of(table)[part] if one not in later or not is_empty(row[one]))
    return {column: _plain(row[column]) for column in columns}


def _plain(value: Any) -> object:  # noqa: ANN401  # whatever a column holds
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return sha256(value).hexdigest() if isinstance(value, bytes) else value
