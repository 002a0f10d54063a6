"""The vault: who a family is, sealed per case. Four doors open it, and each opening leaves a line.

AES-256-GCM under a data key of the case, itself sealed under a key-encryption key and kept in a database of its own;
associated data binds each ciphertext to its table, case and column, so that none can be moved.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.errors import VaultClosed
from domain.household import Identity
from storage.columns import UtcDateTime, one_of
from storage.database import Database, write_at_end
from storage.key_encryption import KeyEncryption
from storage.keys import KeyStore, SealedKey
from storage.sealing import new_key, seal, unseal


class Door(StrEnum):
    """Why the vault is opened."""

    ADDRESS_FAMILY = "address_family"
    SENDERS_OWN_VIEW = "senders_own_view"
    DISCLOSURE = "disclosure"
    RIGHT_OF_ACCESS = "right_of_access"


class VaultEntry(SQLModel, table=True):
    """A sealed identity. The key that opens it is kept in a database of its own (storage/keys.py).

    `key_id` and `sealed_key` are empty: before, the key stood beside what it opens, and a migration took it out.
    """

    __tablename__ = "vault_entry"

    case_key: str = Field(primary_key=True, max_length=32)
    key_id: str | None = None
    sealed_key: bytes | None = None
    sealed_identity: bytes
    sealed_at: datetime = Field(sa_type=UtcDateTime)


class VaultOpening(SQLModel, table=True):
    """That the vault was opened: which case, through which door, for whom. Append-only, by trigger."""

    __tablename__ = "vault_opening"

    id: int | None = Field(default=None, primary_key=True)
    case_key: str = Field(index=True)
    door: Door = Field(sa_type=one_of(Door, "vault_door"))
    opened_for: str
    at: datetime = Field(sa_type=UtcDateTime)


_ENTRY = "SELECT sealed_identity FROM vault_entry WHERE case_key = "


def _sealed_identity(session: Session, case_key: str) -> bytes | None:
    """A sealed entry, past SQLAlchemy's statements: they cost more than an opening does."""
    connection = session.connection()
    cursor = connection.connection.cursor()
    cursor.execute(_ENTRY + ("?" if connection.dialect.name == "sqlite" else "%s"), (case_key,))
    row = cursor.fetchone()
    cursor.close()
    return bytes(row[0]) if row else None


_FIELDS = tuple(field.name for field in fields(Identity))


class DataKey(NamedTuple):
    """A case's key: what is sealed with it can be opened until the key is destroyed."""

    case_key: str
    key: bytes


class Vault:
    """Seals and opens with a data key for each case; the data keys lie in their own store, sealed themselves."""

    def __init__(self, encryption: KeyEncryption, keys: KeyStore) -> None:
        self.encryption = encryption
        self.keys = keys

    @property
    def key_id(self) -> str:
        """The name of the key-encryption key that seals now."""
        return self.encryption.key_id

    def key_for(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """A key of 32 bytes for another purpose, derived from the vault's own."""
        return self.encryption.derived(purpose, key_id=key_id)

    def new_keys(self, count: int, *, now: datetime) -> list[DataKey]:
        """Keys for new cases, kept before they seal anything: a crash leaves a key too many, never one short."""
        made = [DataKey(uuid4().hex, new_key()) for _ in range(count)]
        wrapped = {one.case_key: self.encryption.wrap(one.key, bound_to=_key_of(one.case_key)) for one in made}
        self.keys.lay(wrapped, now=now)
        return made

    def seal(self, session: Session, data_key: DataKey, identity: Identity, *, now: datetime) -> None:
        """Lay an identity in the vault, under a key from `new_keys`."""
        entry = {
            "case_key": data_key.case_key,
            "sealed_identity": seal(data_key.key, _written(identity), _identity_of(data_key.case_key)),
            "sealed_at": now,
        }
        write_at_end(session, VaultEntry, entry)

    def seal_again(self, session: Session, case_key: str, identity: Identity, *, now: datetime) -> None:
        """Lay a corrected identity in the place of what was there, under the same key."""
        sealed = self.sealed(case_key, _written(identity), _identity_of(case_key))
        entry = update(VaultEntry).where(col(VaultEntry.case_key) == case_key)
        session.connection().execute(entry.values(sealed_identity=sealed, sealed_at=now))

    def open(self, session: Session, case_key: str, door: Door, *, opened_for: str, now: datetime) -> Identity:
        """Who the family is; the opening is recorded in the same transaction. `VaultClosed` when it cannot be."""
        sealed = _sealed_identity(session, case_key)
        if sealed is None:
            raise VaultClosed(f"case {case_key} has no entry")
        identity = Identity(**json.loads(self.unsealed(case_key, sealed, _identity_of(case_key))))
        opening = {"case_key": case_key, "door": door, "opened_for": opened_for, "at": now}
        write_at_end(session, VaultOpening, opening)
        return identity

    def sealed(self, case_key: str, text: bytes, bound_to: str) -> bytes:
        """Something else of a case, sealed under its key."""
        return seal(self._data_key(case_key), text, bound_to)

    def unsealed(self, case_key: str, sealed: bytes, bound_to: str) -> bytes:
        """What was sealed under a case's key. `VaultClosed` names the case, and never what it holds."""
        try:
            return unseal(self._data_key(case_key), sealed, bound_to)
        except InvalidTag:
            raise VaultClosed(f"case {case_key}: not sealed with its key, or changed") from None

    def _data_key(self, case_key: str) -> bytes:
        key = self.keys.key(case_key)
        if key is None:
            raise VaultClosed(f"case {case_key} has no key: it was shredded, or `tilflyt migrate` has not run")
        return self.encryption.unwrap(key, bound_to=_key_of(case_key))

    def rotate(self, *, some: int = 500) -> Iterator[int]:
        """Seal every data key anew under the key that seals now, some at a time; how many each time.

        What is sealed stays as it is, and can be opened all the while. `VaultClosed` at the end when some could not be
        opened; the others are done by then.
        """
        after, closed = "", 0
        while keys := self.keys.not_under(self.key_id, most=some, after=after):
            after, rewrapped = max(keys), {}
            for case_key, was in keys.items():
                try:
                    data_key = self.encryption.unwrap(was, bound_to=_key_of(case_key))
                except VaultClosed:
                    closed += 1
                else:
                    rewrapped[case_key] = (was, self.encryption.wrap(data_key, bound_to=_key_of(case_key)))
            self.keys.rewrap(rewrapped)
            yield len(rewrapped)
        if closed:
            raise VaultClosed(f"{closed} keys are sealed under a key that is not at hand, or were changed")


def _written(identity: Identity) -> bytes:
    return json.dumps({name: getattr(identity, name) for name in _FIELDS}, ensure_ascii=False).encode()


def _key_of(case_key: str) -> str:
    return f"vault_entry|{case_key}|sealed_key"


def _identity_of(case_key: str) -> str:
    return f"vault_entry|{case_key}|sealed_identity"


def take_keys_out(database: Database, keys: KeyStore) -> int:
    """Bring the keys that stand beside what they open into their own database; how many there were.

    First they are kept there, and then they are taken out here: whatever ends this in between, it can be done again.
    """
    with database.reading() as session:
        beside = session.exec(select(VaultEntry).where(col(VaultEntry.sealed_key).is_not(None))).all()
    for entry in beside:
        # One that was destroyed since is not brought back by an old backup.
        if keys.key(entry.case_key) is None and keys.destroyed_at(entry.case_key) is None:
            sealed = SealedKey(entry.key_id or "", entry.sealed_key or b"")
            keys.lay({entry.case_key: sealed}, now=entry.sealed_at)
        with database.writing() as session:
            this_one = update(VaultEntry).where(col(VaultEntry.case_key) == entry.case_key)
            session.connection().execute(this_one.values(key_id=None, sealed_key=None))
    return len(beside)
