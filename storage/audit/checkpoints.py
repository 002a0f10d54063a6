"""Signed checkpoints of the chain: each hour that it has grown, and after a person has opened the vault."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Select, and_, bindparam, exists, false, or_
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from domain.audit import Checkpoint, is_to_be_signed
from storage.audit.chain import LINK, bind, last_link, one_sealer_at_a_time, sources
from storage.columns import UtcDateTime

PURPOSE = "audit checkpoints"


class AuditCheckpoint(SQLModel, table=True):
    """A signed checkpoint of the chain."""

    __tablename__ = "audit_checkpoint"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str
    at: datetime = Field(sa_type=UtcDateTime)
    public_key: bytes
    signature: bytes


class SigningKeys(Protocol):
    """The vault's keys, from each of which a signing key is derived."""

    @property
    def key_id(self) -> str:
        """The name of the key that is used now."""
        ...

    @property
    def key_ids(self) -> Collection[str]:
        """The names of all keys that are at hand."""
        ...

    def key_for(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """A key of 32 bytes for a purpose."""
        ...


@cache
def _to_be_signed_at_once() -> Select[Any]:
    """A query for an entry after the last checkpoint whose table says that such a row is signed at once.

    `info={"signed_at_once": {"door": [Door.PRINTED_LETTER, …]}}` names the columns, each with the values that say so.
    """
    those = [
        and_(LINK.c.source == source, exists().where(table.c.id == LINK.c.row_id, table.c[column].in_(values)))
        for source, table in sources().items()
        for column, values in table.info.get("signed_at_once", {}).items()
    ]
    return sa_select(LINK.c.seq).where(LINK.c.seq > bindparam("after"), or_(false(), *those)).limit(1)


def checkpoint_is_due(session: Session, *, now: datetime) -> bool:
    """Whether the chain has grown since it was signed an hour ago, or by a row that is signed at once."""
    end, signed = last_link(session), last_checkpoint(session)
    if end is None or signed is None:
        return end is not None
    if signed.seq >= end.seq:
        return False
    at_once = session.connection().execute(_to_be_signed_at_once(), {"after": signed.seq}).first()
    return at_once is not None or is_to_be_signed(signed, now=now)


def sign_if_due(session: Session, keys: SigningKeys, *, now: datetime) -> Checkpoint | None:
    """Sign the chain's end if that is due; None when another process just has."""
    one_sealer_at_a_time(session)
    return checkpoint(session, keys, now=now) if checkpoint_is_due(session, now=now) else None


def bind_and_sign(session: Session, keys: SigningKeys, *, now: datetime) -> Checkpoint | None:
    """Bind everything that waits, and then sign the chain's end."""
    while bind(session):
        pass
    return checkpoint(session, keys, now=now)


def checkpoint(session: Session, keys: SigningKeys, *, now: datetime) -> Checkpoint | None:
    """Sign the chain's end; None when it has nothing new since the last checkpoint."""
    one_sealer_at_a_time(session)
    end = last_link(session)
    if end is None or session.get(AuditCheckpoint, end.seq) is not None:
        return None
    private = _signing_key(keys, keys.key_id)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    unsigned = Checkpoint(end.seq, end.hash, now, public, b"")
    signature = private.sign(unsigned.signed)
    session.add(AuditCheckpoint(seq=end.seq, hash=end.hash, at=now, public_key=public, signature=signature))
    return Checkpoint(end.seq, end.hash, now, public, signature)


def _signing_key(keys: SigningKeys, key_id: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.key_for(PURPOSE, key_id=key_id))


def verifying_keys(keys: SigningKeys) -> Mapping[str, bytes]:
    """The public keys that verify the checkpoints signed under these keys, by the key's id."""
    return {
        key_id: _signing_key(keys, key_id).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        for key_id in keys.key_ids
    }


def verifying_key(keys: SigningKeys) -> bytes:
    """The public key that verifies the checkpoints signed now."""
    return verifying_keys(keys)[keys.key_id]


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
