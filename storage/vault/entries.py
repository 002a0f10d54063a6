"""The vault's rows: the sealed entries, and that they were opened."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, delete, false, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from storage.audit.states import chain_gone, chain_state
from storage.columns import UtcDateTime, one_of
from storage.database import Database
from storage.dialect import only_where, placeholder
from storage.vault.data_keys import KeyStore, SealedKey


class Door(StrEnum):
    """Why the vault is opened."""

    ADDRESS_FAMILY = "address_family"
    PRINTED_LETTER = "printed_letter"
    SENDERS_OWN_VIEW = "senders_own_view"
    DISCLOSURE = "disclosure"
    RIGHT_OF_ACCESS = "right_of_access"
    RECOGNITION = "recognition"


# The doors that a person opens, from the command line; the platform itself opens the others.
BY_A_PERSON = frozenset({Door.PRINTED_LETTER, Door.SENDERS_OWN_VIEW, Door.RIGHT_OF_ACCESS})

_NOT_YET = text("NOT bound_to_reference")


class VaultEntry(SQLModel, table=True):
    """A sealed identity. The key that opens it is kept in a database of its own (storage/vault/data_keys.py).

    `key_id` and `sealed_key` are empty: earlier the key stood beside what it opens, until a migration moved it.
    """

    __tablename__ = "vault_entry"
    __table_args__ = (
        Index("not_bound_to_reference", "case_key", **only_where(_NOT_YET)),
        {"info": {"chained_parts": {"sealed": ("sealed_identity", "sealed_at")}, "named_by": "case_key"}},
    )

    case_key: str = Field(primary_key=True, max_length=32)
    key_id: str | None = None
    sealed_key: bytes | None = None
    sealed_identity: bytes
    sealed_at: datetime = Field(sa_type=UtcDateTime)
    # Only to find entries that are not bound: the case's key, not this, says whether the old binding still counts.
    bound_to_reference: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class VaultOpening(SQLModel, table=True):
    """An opening of the vault: which case, through which door, for whom. Append-only, by trigger."""

    __tablename__ = "vault_opening"
    __table_args__ = {"info": {"chained_as": "opening", "signed_at_once": {"door": sorted(BY_A_PERSON)}}}

    id: int | None = Field(default=None, primary_key=True)
    case_key: str = Field(index=True)
    door: Door = Field(sa_type=one_of(Door, "vault_door"))
    opened_for: str
    at: datetime = Field(sa_type=UtcDateTime)


_ENTRY = "SELECT sealed_identity FROM vault_entry WHERE case_key = "


def sealed_identity_of(session: Session, case_key: str) -> bytes | None:
    """A sealed entry, read without SQLAlchemy's statements, which cost more than the opening itself."""
    connection = session.connection()
    cursor = connection.connection.cursor()
    cursor.execute(_ENTRY + placeholder(connection), (case_key,))
    row = cursor.fetchone()
    cursor.close()
    return bytes(row[0]) if row else None


def replace_entry(session: Session, case_key: str, sealed: bytes, *, now: datetime) -> None:
    """Replace an entry with its resealed form."""
    said = {"sealed_identity": sealed, "sealed_at": now}
    entry = update(VaultEntry).where(col(VaultEntry.case_key) == case_key).values(**said)
    if session.connection().execute(entry).rowcount:
        chain_state(session, VaultEntry, {"case_key": case_key, **said}, now=now)


def take_entry_away(session: Session, case_key: str, *, now: datetime) -> None:
    """Delete the entry of a family whose key was destroyed."""
    if session.connection().execute(delete(VaultEntry).where(col(VaultEntry.case_key) == case_key)).rowcount:
        chain_gone(session, VaultEntry, {"case_key": case_key}, now=now)


def take_keys_out(database: Database, keys: KeyStore) -> int:
    """Move the keys that stand beside what they open into their own database; returns how many there were.

    They are first stored there and then removed here: after a crash in between, it can be done again.
    """
    with database.reading() as session:
        beside = session.exec(select(VaultEntry).where(col(VaultEntry.sealed_key).is_not(None))).all()
    for entry in beside:
        # A key that was destroyed since is not restored by an old backup.
        if keys.key(entry.case_key) is None and keys.destroyed_at(entry.case_key) is None:
            sealed = SealedKey(entry.key_id or "", entry.sealed_key or b"")
            keys.lay({entry.case_key: sealed}, now=entry.sealed_at)
        with database.writing() as session:
            this_one = update(VaultEntry).where(col(VaultEntry.case_key) == entry.case_key)
            session.connection().execute(this_one.values(key_id=None, sealed_key=None))
    return len(beside)
