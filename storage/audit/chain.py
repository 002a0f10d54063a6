"""The stored audit chain: rows that nobody can change, bound into a chain by one sealer.

A move writes its own append-only rows and does not wait for the chain; the sealer binds them within seconds. A table
says itself that it is chained, by its name in the chain: `info={"chained_as": "history"}`. Whoever binds or verifies
must have imported all tables (storage/tables.py).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Exists,
    Integer,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    exists,
    func,
    insert,
    or_,
)
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel

from domain.audit import GENESIS, Link, hash_of, is_empty
from storage.dialect import hold_table, may_come_late

SEALED_AT_ONCE = 1_000
READ_AT_ONCE = 5_000


class AuditLink(SQLModel, table=True):
    """A row's place in the chain. Append-only, by trigger, like the chained rows."""

    __tablename__ = "audit_link"
    __table_args__ = (UniqueConstraint("source", "row_id"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    row_id: int
    previous: str
    hash: str


LINK: Table = SQLModel.metadata.tables[AuditLink.__tablename__]


@cache
def sources() -> dict[str, Table]:
    """The chained tables, by their names in the chain."""
    tables = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
    return {table.info["chained_as"]: table for table in tables if "chained_as" in table.info}


def _chained_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in table.info.get("not_chained", ())]


def _facts(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row as it is chained. A column that came later (`info={"came_later": …}`) is left out where it is empty."""
    for name in table.info.get("came_later", ()):
        if is_empty(row[name]):
            del row[name]
    return row


def is_bound(table: Table, source: str) -> Exists:
    """The condition that a row of a table has a place in the chain."""
    return exists(sa_select(LINK.c.seq).where(LINK.c.source == source, LINK.c.row_id == table.c.id))


@cache
def _unchained(source: str) -> Select[Any]:
    table = sources()[source]
    waits = sa_select(*_chained_columns(table)).where(table.c.id > bindparam("after"), ~is_bound(table, source))
    return waits.order_by(table.c.id).limit(SEALED_AT_ONCE)


def _any_unchained(table: Table, source: str) -> Exists:
    reached = sa_select(func.coalesce(func.max(LINK.c.row_id), 0)).where(LINK.c.source == source).scalar_subquery()
    newer = table.c.id > reached - bindparam("late", type_=Integer())
    return exists(sa_select(table.c.id).where(newer, ~is_bound(table, source)))


@cache
def _anything_unchained() -> Select[Any]:
    # One statement for all tables, because an idle platform asks this every two seconds.
    return sa_select(or_(*(_any_unchained(table, name) for name, table in sources().items())))


def anything_unchained(session: Session) -> bool:
    """Whether a row waits to be bound into the chain."""
    return bool(session.connection().execute(_anything_unchained(), {"late": may_come_late(session)}).scalar_one())


_REACHED = sa_select(func.max(LINK.c.row_id)).where(LINK.c.source == bindparam("source"))


def _reached(session: Session) -> dict[str, int]:
    """The row from which to look, by source."""
    connection, late = session.connection(), may_come_late(session)
    return {name: (connection.execute(_REACHED, {"source": name}).scalar() or 0) - late for name in sources()}


_LAST = sa_select(LINK).order_by(LINK.c.seq.desc()).limit(1)


def last_link(session: Session) -> Link | None:
    """The end of the chain."""
    row = session.connection().execute(_LAST).one_or_none()
    return Link(**row._mapping) if row else None


def one_sealer_at_a_time(session: Session) -> None:
    """Hold the chain's end until the transaction ends."""
    hold_table(session, AuditLink.__tablename__)


def bind(session: Session) -> int:
    """Bind waiting rows into the chain, a bounded number at once; returns how many. One sealer at a time."""
    one_sealer_at_a_time(session)
    connection = session.connection()
    last = last_link(session)
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    links = []
    for name, after in _reached(session).items():
        for row in connection.execute(_unchained(name), {"after": after}).mappings():
            seq += 1
            hash_ = hash_of(seq, name, previous, _facts(sources()[name], dict(row)))
            links.append({"seq": seq, "source": name, "row_id": row["id"], "previous": previous, "hash": hash_})
            previous = hash_
    if links:
        connection.execute(insert(LINK), links)
    return len(links)


def bind_alone(session: Session, source: str, row_id: int) -> Link:
    """Bind a row that this transaction has written, as the end of the chain; what else waits is bound after it."""
    one_sealer_at_a_time(session)
    connection, table, last = session.connection(), sources()[source], last_link(session)
    row = connection.execute(sa_select(*_chained_columns(table)).where(table.c.id == row_id)).mappings().one()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    link = Link(seq, source, row_id, previous, hash_of(seq, source, previous, _facts(table, dict(row))))
    connection.execute(insert(LINK), asdict(link))
    return link


def entries_in_the_chain(
    session: Session, source: str, row_ids: Collection[int]
) -> Iterator[tuple[Link, Mapping[str, Any]]]:
    """Some rows of a table with their places in the chain; a row that is not bound yet is left out."""
    waiting = sorted(row_ids)
    for first in range(0, len(waiting), SEALED_AT_ONCE):
        some = waiting[first : first + SEALED_AT_ONCE]
        query = sa_select(LINK).where(LINK.c.source == source, LINK.c.row_id.in_(some))
        links = [Link(*row) for row in session.connection().execute(query).all()]
        rows = _rows_of(session, links)
        yield from ((link, rows[source, link.row_id]) for link in links)


def chain(session: Session) -> Iterator[tuple[Link, Mapping[str, Any] | None]]:
    """The chain from its beginning, each link with its row as it is now; None when the row is gone."""
    connection, after = session.connection(), 0
    by_seq = sa_select(LINK).where(LINK.c.seq > bindparam("after")).order_by(LINK.c.seq).limit(READ_AT_ONCE)
    while links := [Link(*row) for row in connection.execute(by_seq, {"after": after}).all()]:
        rows = _rows_of(session, links)
        for link in links:
            yield link, rows.get((link.source, link.row_id))
        after = links[-1].seq


def _rows_of(session: Session, links: list[Link]) -> dict[tuple[str, int], Mapping[str, Any]]:
    rows: dict[tuple[str, int], Mapping[str, Any]] = {}
    for name in {link.source for link in links} & sources().keys():
        numbers = [link.row_id for link in links if link.source == name]
        table = sources()[name]
        query = sa_select(*_chained_columns(table)).where(table.c.id.between(min(numbers), max(numbers)))
        found = session.connection().execute(query)
        names = tuple(found.keys())
        column = names.index("id")
        for row in found.all():
            rows[name, row[column]] = _facts(table, dict(zip(names, row, strict=True)))
    return rows
