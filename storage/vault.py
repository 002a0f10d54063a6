"""The vault: who a family is, sealed per case. Four doors open it, and each opening leaves a line.

AES-256-GCM under a data key of the case, itself sealed under the key-encryption key that `key_id` names;
associated data binds each ciphertext to its table, case and column, so that none can be moved.
"""

import json
import os
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import bindparam, insert
from sqlmodel import Field, Session, SQLModel, select

from domain.errors import VaultClosed
from domain.household import Identity
from storage.columns import UtcDateTime, one_of

NONCE_BYTES = 12
KEY_BITS = 256


class Door(StrEnum):
    """Why the vault is opened."""

    ADDRESS_FAMILY = "address_family"
    SENDERS_OWN_VIEW = "senders_own_view"
    DISCLOSURE = "disclosure"
    RIGHT_OF_ACCESS = "right_of_access"


class VaultEntry(SQLModel, table=True):
    """A sealed identity and the sealed key that opens it."""

    __tablename__ = "vault_entry"

    case_key: str = Field(primary_key=True, max_length=32)
    key_id: str
    sealed_key: bytes
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


class Disclosure(SQLModel, table=True):
    """That a party was told who a family is: which fields, on what basis, and whether it was recalled."""

    __tablename__ = "disclosure"

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    offer_id: int = Field(foreign_key="offer.id", unique=True)
    to_party: str
    fields: str
    basis: str
    decided_at: datetime = Field(sa_type=UtcDateTime)
    disclosed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recalled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deletion_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_LAY_DOWN = insert(VaultEntry)
_ENTRY = select(VaultEntry.key_id, VaultEntry.sealed_key, VaultEntry.sealed_identity).where(
    VaultEntry.case_key == bindparam("of")
)


def _seal(key: bytes, text: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to.encode())


def _unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())


class Vault:
    """Seals and opens entries under one key-encryption key of 32 bytes."""

    def __init__(self, key: bytes, *, key_id: str) -> None:
        self._key = key
        self.key_id = key_id

    def key_for(self, purpose: str) -> bytes:
        """A key of 32 bytes for another purpose, derived from the vault's own."""
        return HKDF(SHA256(), KEY_BITS // 8, salt=None, info=f"vault|{purpose}|{self.key_id}".encode()).derive(
            self._key
        )

    def seal(self, session: Session, case_key: str, identity: Identity, *, now: datetime) -> None:
        """Lay an identity in the vault."""
        data_key = AESGCM.generate_key(KEY_BITS)
        text = json.dumps(asdict(identity), ensure_ascii=False).encode()
        entry = {
            "case_key": case_key,
            "key_id": self.key_id,
            "sealed_key": _seal(self._key, data_key, f"vault_entry|{case_key}|sealed_key|{self.key_id}"),
            "sealed_identity": _seal(data_key, text, f"vault_entry|{case_key}|sealed_identity"),
            "sealed_at": now,
        }
        session.connection().execute(_LAY_DOWN, entry)

    def open(self, session: Session, case_key: str, door: Door, *, opened_for: str, now: datetime) -> Identity:
        """Who the family is; the opening is recorded in the same transaction. `VaultClosed` when it cannot be."""
        session.add(VaultOpening(case_key=case_key, door=door, opened_for=opened_for, at=now))
        entry = session.connection().execute(_ENTRY, {"of": case_key}).one_or_none()
        if entry is None:
            raise VaultClosed("no entry")
        key_id, sealed_key, sealed_identity = entry
        if key_id != self.key_id:
            raise VaultClosed(f"sealed under key {key_id}, which is not at hand")
        try:
            data_key = _unseal(self._key, sealed_key, f"vault_entry|{case_key}|sealed_key|{key_id}")
            text = _unseal(data_key, sealed_identity, f"vault_entry|{case_key}|sealed_identity")
        except InvalidTag:
            raise VaultClosed("the entry is not sealed with this key, or was changed") from None
        return Identity(**json.loads(text))
