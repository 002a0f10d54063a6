"""Whether the chain holds, nothing is missing in it, and the rows that may change still say what it last knew."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from domain.audit import Break, Checkpoint, Fault, Link, digest_of, first_break, first_missed
from storage.audit.chain import AuditLink, chain, is_bound, sources
from storage.audit.checkpoints import is_signed, kept_checkpoints
from storage.audit.restorations import restorations
from storage.audit.states import ChainedStates, name_of, parts_of, said
from storage.columns import UtcDateTime
from storage.dialect import may_come_late

# Another process's clock may be ahead of this machine's.
CLOCKS_DIFFER = timedelta(minutes=1)
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds: its entries, its faults, the rows that wait to be bound, the checkpoints.

    `lost` are kept hashes, by entry, that an entry of the chain says were lost when a backup was put back.
    """

    entries: int
    faults: tuple[Break, ...]
    unchained: int
    checkpoints: int
    lost: tuple[int, ...] = ()

    @property
    def broken(self) -> Break | None:
        """The first fault."""
        return self.faults[0] if self.faults else None

    @property
    def reached(self) -> int:
        """The last entry up to which the chain holds."""
        return next((fault.seq - 1 for fault in self.faults if fault.seq), self.entries)

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, left out or forged."""
        return not self.faults


def verified(
    session: Session,
    *,
    public_keys: Collection[bytes] = (),
    kept: Collection[tuple[int, str]] = (),
    bound_before: datetime | None = None,
) -> Verdict:
    """Read the whole chain. Checkpoints must be signed with one of the public keys, if any are given.

    There are several public keys when the vault's key was rotated. `kept` are hashes by entry, from letters that a
    party has kept: they show whether the chain and our own checkpoints were cut off together. Rows written since
    `bound_before` may still wait to be bound; without it no row may. On PostgreSQL, call it within a snapshot.
    """
    hashes: dict[int, str] = {}

    def noted() -> Iterator[tuple[Link, Mapping[str, Any] | None]]:
        for link, facts in chain(session):
            hashes[link.seq] = link.hash
            yield link, facts

    # Read before the chain: a checkpoint signed while the chain is read would seem to be about an entry cut off.
    checkpoints = kept_checkpoints(session)
    broken = first_break(noted())
    entries = session.exec(select(func.count()).select_from(AuditLink)).one()
    left_out, unchained = _left_out(session, bound_before)
    unsigned = Break(0, Fault.UNSIGNED) if not checkpoints and (entries or unchained) else None
    # Entries after the first break were not read, and would seem to be missing.
    # The ends recorded as lost when a backup was put back.
    known_lost = {one for restoration in restorations(session) for one in restoration.lost}
    still = [one for one in kept if one not in known_lost]
    beside = None if broken else _first_false(checkpoints, hashes, public_keys) or first_missed(still, hashes)
    faults = (broken or beside, left_out, unsigned, *_states_that_differ(session))
    lost = tuple(sorted(seq for seq, _ in set(kept) & known_lost))
    return Verdict(entries, tuple(filter(None, faults)), unchained, len(checkpoints), lost)


def _first_false(
    checkpoints: list[Checkpoint], hashes: Mapping[int, str], public_keys: Collection[bytes]
) -> Break | None:
    for checkpoint in checkpoints:
        if not is_signed(checkpoint) or (public_keys and checkpoint.public_key not in public_keys):
            return Break(checkpoint.seq, Fault.FORGED)
    return first_missed([(checkpoint.seq, checkpoint.hash) for checkpoint in checkpoints], hashes)


def _left_out(session: Session, bound_before: datetime | None) -> tuple[Break | None, int]:
    """The first rows that should be in the chain and are not, and how many rows wait in all."""
    connection, waiting, late, first = session.connection(), 0, 0, None
    for name, table in sources().items():
        unbound = ~is_bound(table, name)
        waiting += connection.execute(sa_select(func.count()).select_from(table).where(unbound)).scalar_one()
        overdue = _overdue(session, name, table, bound_before)
        count, lowest = connection.execute(sa_select(func.count(), func.min(table.c.id)).where(unbound, *overdue)).one()
        late += count
        if count and first is None:
            first = (name, lowest)
    return (Break(0, Fault.LEFT_OUT, *first, count=late) if first else None), waiting


def _overdue(session: Session, name: str, table: Table, bound_before: datetime | None) -> list[ColumnElement[bool]]:
    """Conditions under which an unbound row should be bound: it is old, or of the future, or later rows are bound."""
    if bound_before is None:
        return []
    reached = sa_select(func.max(col(AuditLink.row_id))).where(col(AuditLink.source) == name).scalar_subquery()
    moment = _moment_of(table)
    return [
        or_(
            moment.is_(None),
            moment <= bound_before,
            moment > bound_before + 2 * CLOCKS_DIFFER,
            table.c.id < reached - may_come_late(session),
        )
    ]


def _moment_of(table: Table) -> ColumnElement[Any]:
    """When a row was written: its own first moment, or that of the row that it belongs to."""
    for column in table.columns:
        if isinstance(column.type, UtcDateTime):
            return column
    (parent,) = (key.column for key in table.foreign_keys)
    moment = _moment_of(parent.table)
    (own,) = (key.parent for key in table.foreign_keys)
    return sa_select(moment).where(parent == own).scalar_subquery()


def _states_that_differ(session: Session) -> Iterator[Break]:
    """Rows that were edited, written or deleted behind the platform's back, by the part that shows it."""
    known = _known_states(session)
    found: dict[Fault, list[tuple[str, int | str]]] = {Fault.EDITED: [], Fault.UNKNOWN: [], Fault.GONE: []}
    for table in SQLModel.metadata.sorted_tables:
        if "chained_parts" not in table.info:
            continue
        (number,) = table.primary_key
        for part, row in _rows_by_part(session, table):
            name = name_of(table, part, row)
            blind, digest = known.pop(name, ("", None))
            if digest is None:
                found[Fault.UNKNOWN].append((part, row[number.name]))
            elif digest != digest_of(blind, name, said(table, part, row)):
                found[Fault.EDITED].append((part, row[number.name]))
    for name, (_, digest) in known.items():
        if digest is not None:
            part, _, named = name.partition(":")
            found[Fault.GONE].append((part, named))
    for fault, some in found.items():
        if some:
            yield Break(0, fault, *some[0], count=len(set(some)))


def _rows_by_part(session: Session, table: Table) -> Iterator[tuple[str, Mapping[str, Any]]]:
    (key,) = table.primary_key
    columns = {column for part in parts_of(table).values() for column in part} | {table.info.get("named_by", "id")}
    query = sa_select(key, *(table.c[name] for name in sorted(columns - {key.name}))).order_by(key).limit(ROWS_AT_ONCE)
    rows = session.connection().execute(query).mappings().all()
    while rows:
        for row in rows:
            for part in parts_of(table):
                yield part, dict(row)
        rows = session.connection().execute(query.where(key > rows[-1][key.name])).mappings().all()


def _known_states(session: Session) -> dict[str, tuple[str, str | None]]:
    """What the chain last knew of each row: by its name, the blind and the digest."""
    query = sa_select(col(ChainedStates.blind), col(ChainedStates.digests)).order_by(col(ChainedStates.id))
    known: dict[str, tuple[str, str | None]] = {}
    for blind, digests in session.connection().execute(query):
        known |= {name: (blind, digest) for name, digest in digests.items()}
    return known
