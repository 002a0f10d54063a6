"""The audit chain as it is remembered: rows that nobody can change, bound into a chain by one sealer.

A move writes its own append-only rows and does not wait for the chain; the sealer binds them within seconds.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import (
    JSON,
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
    text,
)
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from domain.audit import GENESIS, Break, Checkpoint, Fault, Link, first_break, first_missed, hash_of
from domain.working_days import COPENHAGEN
from storage.columns import UtcDateTime
from storage.database import write_at_end
from storage.ledger import Booking, LedgerEntry
from storage.outbox import MAIL_LANE, Telling, put
from storage.parties import partners
from storage.referrals import HistoryLine
from storage.releases import Release
from storage.retention import ArchiveReceipt
from storage.shredding import Shredding
from storage.vault import Vault, VaultOpening

PURPOSE = "audit checkpoints"
SEALED_AT_ONCE = 1_000
READ_AT_ONCE = 5_000
# On PostgreSQL a row's number is drawn before it is seen by others: so far back is looked for those that came late.
MAY_COME_LATE = 10_000


class AuditEvent(SQLModel, table=True):
    """Something that was done and has no append-only row of its own. `about` and `facts` hold codes, never people."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    deed: str
    about: str
    facts: dict[str, str] = Field(sa_type=JSON)


class AuditLink(SQLModel, table=True):
    """A row's place in the chain. Append-only, by trigger, as are the rows."""

    __tablename__ = "audit_link"
    __table_args__ = (UniqueConstraint("source", "row_id"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    row_id: int
    previous: str
    hash: str


class AuditCheckpoint(SQLModel, table=True):
    """A signed checkpoint of the chain."""

    __tablename__ = "audit_checkpoint"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str
    at: datetime = Field(sa_type=UtcDateTime)
    public_key: bytes
    signature: bytes


# What is chained, by the name it has in the chain.
SOURCES: dict[str, Table] = {
    "history": SQLModel.metadata.tables[HistoryLine.__tablename__],
    "opening": SQLModel.metadata.tables[VaultOpening.__tablename__],
    "release": SQLModel.metadata.tables[Release.__tablename__],
    "booking": SQLModel.metadata.tables[Booking.__tablename__],
    "ledger": SQLModel.metadata.tables[LedgerEntry.__tablename__],
    "shredding": SQLModel.metadata.tables[Shredding.__tablename__],
    "archived": SQLModel.metadata.tables[ArchiveReceipt.__tablename__],
    "event": SQLModel.metadata.tables[AuditEvent.__tablename__],
}
LINK: Table = SQLModel.metadata.tables[AuditLink.__tablename__]


def write_event(session: Session, deed: str, *, actor: str, about: str, at: datetime, **facts: str) -> None:
    """Write down that something was done."""
    write_at_end(session, AuditEvent, {"at": at, "actor": actor, "deed": deed, "about": about, "facts": facts})


def _is_bound(table: Table, source: str) -> Exists:
    return exists(sa_select(LINK.c.seq).where(LINK.c.source == source, LINK.c.row_id == table.c.id))


def _unchained(table: Table, source: str) -> Select[Any]:
    waits = sa_select(table).where(table.c.id > bindparam("after"), ~_is_bound(table, source))
    return waits.order_by(table.c.id)


_UNCHAINED = {name: _unchained(table, name).limit(SEALED_AT_ONCE) for name, table in SOURCES.items()}
_REACHED = sa_select(func.max(LINK.c.row_id)).where(LINK.c.source == bindparam("source"))
_LAST = sa_select(LINK).order_by(LINK.c.seq.desc()).limit(1)


def _any_unchained(table: Table, source: str) -> Exists:
    reached = sa_select(func.coalesce(func.max(LINK.c.row_id), 0)).where(LINK.c.source == source).scalar_subquery()
    newer = table.c.id > reached - bindparam("late", type_=Integer())
    return exists(sa_select(table.c.id).where(newer, ~_is_bound(table, source)))


# At once: a platform on which nothing is done asks this every two seconds.
_ANY_UNCHAINED = sa_select(or_(*(_any_unchained(table, name) for name, table in SOURCES.items())))


def anything_unchained(session: Session) -> bool:
    """Whether a row waits to be bound into the chain."""
    return bool(session.connection().execute(_ANY_UNCHAINED, {"late": _late(session)}).scalar_one())


def _late(session: Session) -> int:
    return MAY_COME_LATE if session.connection().dialect.name == "postgresql" else 0


def _reached(session: Session) -> dict[str, int]:
    """From which row on to look, by source."""
    connection, late = session.connection(), _late(session)
    return {name: (connection.execute(_REACHED, {"source": name}).scalar() or 0) - late for name in SOURCES}


def last_link(session: Session) -> Link | None:
    """The end of the chain."""
    row = session.connection().execute(_LAST).one_or_none()
    return Link(**row._mapping) if row else None


def _one_sealer_at_a_time(session: Session) -> None:
    """Hold the chain's end until the transaction ends; on SQLite whoever writes does."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE audit_link IN EXCLUSIVE MODE"))


def bind(session: Session) -> int:
    """Bind the rows that wait into the chain, some at once; how many. One sealer at a time."""
    _one_sealer_at_a_time(session)
    connection = session.connection()
    last = last_link(session)
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    links = []
    for name, after in _reached(session).items():
        for row in connection.execute(_UNCHAINED[name], {"after": after}).mappings():
            seq += 1
            hash_ = hash_of(seq, name, previous, dict(row))
            links.append({"seq": seq, "source": name, "row_id": row["id"], "previous": previous, "hash": hash_})
            previous = hash_
    if links:
        connection.execute(insert(LINK), links)
    return len(links)


def chain(session: Session) -> Iterator[tuple[Link, Mapping[str, Any] | None]]:
    """The chain from its beginning, each link with its row as it stands now; None when the row is gone."""
    connection, after = session.connection(), 0
    by_seq = sa_select(LINK).where(LINK.c.seq > bindparam("after")).order_by(LINK.c.seq).limit(READ_AT_ONCE)
    while links := [Link(*row) for row in connection.execute(by_seq, {"after": after}).all()]:
        rows: dict[tuple[str, int], Mapping[str, Any]] = {}
        for name in {link.source for link in links} & SOURCES.keys():
            numbers = [link.row_id for link in links if link.source == name]
            table = SOURCES[name]
            query = sa_select(table).where(table.c.id.between(min(numbers), max(numbers)))
            found = connection.execute(query)
            names = tuple(found.keys())
            at = names.index("id")
            rows |= {(name, row[at]): dict(zip(names, row, strict=True)) for row in found.all()}
        for link in links:
            yield link, rows.get((link.source, link.row_id))
        after = links[-1].seq


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds: its entries, the first that does not, the rows that are in no link, the checkpoints."""

    entries: int
    broken: Break | None
    unchained: int
    checkpoints: int

    @property
    def holds(self) -> bool:
        """Whether nothing was changed."""
        return self.broken is None


def verified(
    session: Session, *, public_keys: Collection[bytes] = (), kept: Collection[tuple[int, str]] = ()
) -> Verdict:
    """Read the whole chain; checkpoints must be signed with one of the public keys that somebody has kept, if any.

    There are several when the vault's key was rotated. `kept` are hashes by their entry, from the letters that a party
    has kept: with them it shows when the chain and our own checkpoints were cut off together. With a public key at
    least one checkpoint must be there.
    """
    hashes: dict[int, str] = {}

    def noted() -> Iterator[tuple[Link, Mapping[str, Any] | None]]:
        for link, facts in chain(session):
            hashes[link.seq] = link.hash
            yield link, facts

    # Before the chain: one that is signed while it is read would seem to be about what was cut off.
    checkpoints = kept_checkpoints(session)
    broken = first_break(noted())
    entries = session.exec(select(func.count()).select_from(AuditLink)).one()
    if broken is None:
        broken = _first_false(checkpoints, hashes, public_keys) or first_missed(kept, hashes)
    return Verdict(entries, broken, sum(_count_unchained(session).values()), len(checkpoints))


def _first_false(
    checkpoints: list[Checkpoint], hashes: Mapping[int, str], public_keys: Collection[bytes]
) -> Break | None:
    for checkpoint in checkpoints:
        if not is_signed(checkpoint) or (public_keys and checkpoint.public_key not in public_keys):
            return Break(checkpoint.seq, Fault.FORGED)
    if public_keys and not checkpoints:
        return Break(max(hashes, default=0), Fault.FORGED)
    return first_missed([(checkpoint.seq, checkpoint.hash) for checkpoint in checkpoints], hashes)


def _count_unchained(session: Session) -> dict[str, int]:
    connection = session.connection()
    return {
        name: connection.execute(
            sa_select(func.count()).select_from(_unchained(table, name).subquery()), {"after": 0}
        ).scalar_one()
        for name, table in SOURCES.items()
    }


def checkpoint_is_due(session: Session, *, today: date) -> bool:
    """Whether the chain has grown since it was signed, and that was not today."""
    end, signed = last_link(session), last_checkpoint(session)
    if end is None or signed is None:
        return end is not None
    return signed.seq < end.seq and signed.at.astimezone(COPENHAGEN).date() != today


def sign_if_due(session: Session, vault: Vault, *, now: datetime) -> Checkpoint | None:
    """Sign where the chain is, unless somebody has today."""
    _one_sealer_at_a_time(session)
    due = checkpoint_is_due(session, today=now.astimezone(COPENHAGEN).date())
    return checkpoint(session, vault, now=now) if due else None


def bind_and_sign(session: Session, vault: Vault, *, now: datetime) -> Checkpoint | None:
    """Bind everything that waits, and sign where the chain is then."""
    while bind(session):
        pass
    return checkpoint(session, vault, now=now)


def checkpoint(session: Session, vault: Vault, *, now: datetime) -> Checkpoint | None:
    """Sign where the chain is now, and have every party told; None when it has nothing new since the last one."""
    _one_sealer_at_a_time(session)
    end = last_link(session)
    if end is None or session.get(AuditCheckpoint, end.seq) is not None:
        return None
    private = _signing_key(vault)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    unsigned = Checkpoint(end.seq, end.hash, now, public, b"")
    signature = private.sign(unsigned.signed)
    session.add(AuditCheckpoint(seq=end.seq, hash=end.hash, at=now, public_key=public, signature=signature))
    # What they keep shows when the chain's end is cut off, with the checkpoints that we keep beside it.
    for one in partners(session):
        if (keeper := one.keeper) is not None:
            addressee = f"{one.party}/{keeper.id}"
            put(session, Telling.AUDIT_CHECKPOINT, to=addressee, lane=MAIL_LANE, now=now, checkpoint_seq=end.seq)
    return Checkpoint(end.seq, end.hash, now, public, signature)


def _signing_key(vault: Vault) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.key_for(PURPOSE))


def verifying_key(vault: Vault) -> bytes:
    """What checkpoints that are signed now can be verified with."""
    return _signing_key(vault).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(one: Checkpoint) -> bool:
    """Whether a checkpoint is signed with the key that it names."""
    try:
        Ed25519PublicKey.from_public_bytes(one.public_key).verify(one.signature, one.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def kept_checkpoints(session: Session) -> list[Checkpoint]:
    """Every checkpoint, oldest first."""
    return [_as_checkpoint(row) for row in session.exec(select(AuditCheckpoint).order_by(col(AuditCheckpoint.seq)))]


def last_checkpoint(session: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    row = session.exec(select(AuditCheckpoint).order_by(col(AuditCheckpoint.seq).desc()).limit(1)).first()
    return _as_checkpoint(row) if row else None


def _as_checkpoint(row: AuditCheckpoint) -> Checkpoint:
    return Checkpoint(**{field.name: getattr(row, field.name) for field in fields(Checkpoint)})
