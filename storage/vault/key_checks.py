"""Whether the keys are still those of this installation: a check value of each is remembered, and compared.

Nobody would notice a well-formed but wrong key: it makes other links, other pseudonyms, and a vault that cannot be
opened.
"""

import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, text
from sqlmodel import Field, Session, SQLModel, select

from domain.errors import TilflytError
from storage.columns import UtcDateTime
from storage.database import Database
from storage.settings import Settings, required_key
from storage.vault.data_keys import TOLD_ONCE
from storage.vault.key_encryption import KeyEncryption, key_ring
from storage.vault.vault import Vault

WHICH_KEY = b"tilflyt: which key this is"
VALUE_BYTES = 16
VAULT_KEY = "vault_key"
NEVER_IN_PLACE = (
    "a vault key is never replaced in its place: a new one gets a new id beside the old one, and "
    "`tilflyt vault rotate` seals the families' keys anew under it"
)
NOT_AT_HAND = (
    "the keys' database does not hold the key under which this installation tells partners what must be done once, or "
    "no vault key at hand opens it: put the installation's own keys' database back, and the vault key it was sealed "
    f"under; only when that key is lost for good, run `tilflyt keys replaced {TOLD_ONCE}`"
)


class WrongKey(TilflytError):
    """A key is not the one that this installation used until now; the text names the key, never its value."""

    code = "wrong_key"


class KeyCheck(SQLModel, table=True):
    """A key's check value, by the key's name, and since when it has been so.

    The names are `link_key`, `pseudonym_key`, `vault_key:` and an id, and `told_once` for the one that the vault keeps.
    """

    __tablename__ = "key_check"

    name: str = Field(primary_key=True, max_length=64)
    value: str
    since: datetime = Field(sa_type=UtcDateTime)


def keys_of(settings: Settings) -> dict[str, bytes]:
    """The link key and the pseudonym key by their settings, where this process has them."""
    set_ones = {name: getattr(settings, name) for name in ("link_key", "pseudonym_key")}
    return {name: required_key(name, secret) for name, secret in set_ones.items() if secret is not None}


def check_values(keys: Mapping[str, bytes], vault: Vault) -> dict[str, str]:
    """The check values of these keys, of each vault key at hand, and of the told-once key that the vault keeps."""
    told_key = vault.told_key_at_hand()
    kept = {TOLD_ONCE: told_key} if told_key is not None else {}
    return _values({**keys, **_vault_keys(vault.encryption), **kept})


def _vault_keys(encryption: KeyEncryption) -> dict[str, bytes]:
    return {f"{VAULT_KEY}:{key_id}": encryption.derived("check value", key_id=key_id) for key_id in encryption.key_ids}


def _values(keys: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hmac.digest(key, WHICH_KEY, sha256)[:VALUE_BYTES].hex() for name, key in keys.items()}


def remembered(session: Session) -> dict[str, KeyCheck]:
    """The remembered check values of the keys used until now."""
    return {one.name: one for one in session.exec(select(KeyCheck))}


_REMEMBER = text(
    "INSERT INTO key_check (name, value, since) VALUES (:name, :value, :since) ON CONFLICT (name) DO NOTHING"
).bindparams(bindparam("since", type_=UtcDateTime()))


def remember_keys(session: Session, values: Mapping[str, str], *, now: datetime) -> None:
    """Remember the check values of new keys; known ones stay as they are."""
    for name in sorted(values.keys() - remembered(session).keys()):
        # Two workers may start at the same instant.
        session.execute(_REMEMBER, {"name": name, "value": values[name], "since": now})


def wrong_keys(known: Mapping[str, KeyCheck], values: Mapping[str, str]) -> list[str]:
    """A sentence for each key that differs from the remembered one."""
    names = {one.value: one.name for one in known.values()}
    found = []
    for name, value in values.items():
        if name not in known or known[name].value == value:
            continue
        if (other := names.get(value)) is not None:
            found.append(f"{_setting(name)} holds the installation's {_setting(other)}: put each in its place")
        else:
            since = known[name].since.date()
            found.append(
                f"{_named(name)} is not the key that this installation has used since {since}: {_remedy(name)}"
            )
    return found


def _named(name: str) -> str:
    return "the key in the vault under which partners are told once" if name == TOLD_ONCE else _setting(name)


def _remedy(name: str) -> str:
    if name.startswith(f"{VAULT_KEY}:"):
        return f"put that one back; {NEVER_IN_PLACE}"
    if name == TOLD_ONCE:
        return f"put its keys' database back; only when that is lost for good, run `tilflyt keys replaced {name}`"
    return f"put that one back; or, if it was replaced on purpose, run `tilflyt keys replaced {name}`"


def same_keys(database: Database, vault: Vault, settings: Settings) -> None:
    """`WrongKey` when a key differs from the remembered one, or the vault's key opens none of the families' keys."""
    values = check_values(keys_of(settings), vault)
    with database.reading() as session:
        known = remembered(session)
    found = wrong_keys(known, values)
    if not found and TOLD_ONCE in known and TOLD_ONCE not in values:
        found = [NOT_AT_HAND]
    if not found and (why := vault.opens_nothing(known_to_be_new=f"{VAULT_KEY}:{vault.key_id}" in known)):
        found = [f"TILFLYT_VAULT_KEY, TILFLYT_VAULT_KEYS_FILE: {why}"]
    if found:
        raise WrongKey("; ".join(found))


def same_keys_without_the_vault(database: Database, settings: Settings) -> None:
    """`WrongKey` when a key set here differs from the remembered one; for a process that opens no vault."""
    keys, file = keys_of(settings), settings.vault_keys_file
    # A file that this user cannot read is not checked: then the endpoint has none of its keys.
    if os.access(file, os.R_OK) if file is not None else settings.vault_key is not None:
        keys |= _vault_keys(key_ring(settings))
    with database.reading() as session:
        if found := wrong_keys(remembered(session), _values(keys)):
            raise WrongKey("; ".join(found))


def _setting(name: str) -> str:
    kind, _, key_id = name.partition(":")
    return f"TILFLYT_{kind.upper()}" + (f" (the vault key {key_id})" if key_id else "")
