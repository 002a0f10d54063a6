"""Whether the keys are still those of this installation: of each a check value is remembered, and compared.

One that is well formed and wrong would be noticed by nobody: other links, other names of cases, a vault that is shut.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, text
from sqlmodel import Field, Session, SQLModel, select

from domain.errors import TilflytError
from storage.columns import UtcDateTime
from storage.database import Database
from storage.settings import Settings, required_key
from storage.vault import Vault

WHICH_KEY = b"tilflyt: which key this is"
VALUE_BYTES = 16
VAULT_KEY = "vault_key"


class WrongKey(TilflytError):
    """A key is not the one that this installation has used until now; the text names it, and never its value."""

    code = "wrong_key"


class KeyCheck(SQLModel, table=True):
    """A key's check value, by the key's name (`link_key`, `pseudonym_key`, `vault_key:k1`), and since when it is so."""

    __tablename__ = "key_check"

    name: str = Field(primary_key=True, max_length=64)
    value: str
    since: datetime = Field(sa_type=UtcDateTime)


_REMEMBER = text(
    "INSERT INTO key_check (name, value, since) VALUES (:name, :value, :since) ON CONFLICT (name) DO NOTHING"
).bindparams(bindparam("since", type_=UtcDateTime()))


def keys_of(settings: Settings) -> dict[str, bytes]:
    """The link key and the pseudonym key by their setting, as far as they are at hand."""
    set_ones = {name: getattr(settings, name) for name in ("link_key", "pseudonym_key")}
    return {name: required_key(name, secret) for name, secret in set_ones.items() if secret is not None}


def check_values(keys: Mapping[str, bytes], vault: Vault) -> dict[str, str]:
    """The check value of each key, and of each of the vault's that is at hand."""
    of_vault = {
        f"{VAULT_KEY}:{key_id}": vault.key_for("check value", key_id=key_id) for key_id in vault.encryption.key_ids
    }
    return {name: hmac.digest(key, WHICH_KEY, sha256)[:VALUE_BYTES].hex() for name, key in {**keys, **of_vault}.items()}


def remembered(session: Session) -> dict[str, KeyCheck]:
    """The check values of the keys that were used until now."""
    return {one.name: one for one in session.exec(select(KeyCheck))}


def remember_keys(session: Session, values: Mapping[str, str], *, now: datetime) -> None:
    """Remember the keys that are used for the first time; those that are known stay as they are."""
    for name in sorted(values.keys() - remembered(session).keys()):
        # Two workers may start at the same instant.
        session.connection().execute(_REMEMBER, {"name": name, "value": values[name], "since": now})


def wrong_keys(known: Mapping[str, KeyCheck], values: Mapping[str, str]) -> list[str]:
    """A sentence for each key that is another than it was."""
    names = {one.value: one.name for one in known.values()}
    found = []
    for name, value in values.items():
        if name not in known or known[name].value == value:
            continue
        if (other := names.get(value)) is not None:
            found.append(f"{_setting(name)} holds the installation's {_setting(other)}: put each in its place")
        else:
            found.append(
                f"{_setting(name)} is not the key that this installation has used since {known[name].since.date()}: "
                f"put that one back; or, if it was replaced on purpose, run `tilflyt keys replaced {name}`"
            )
    return found


def same_keys(database: Database, vault: Vault, settings: Settings) -> None:
    """`WrongKey` when a key is another than it was, or the vault's opens none of the families' keys."""
    values = check_values(keys_of(settings), vault)
    with database.reading() as session:
        known = remembered(session)
    found = wrong_keys(known, values)
    if not found and (why := vault.opens_nothing(known_to_be_new=f"{VAULT_KEY}:{vault.key_id}" in known)):
        found = [f"TILFLYT_VAULT_KEY, TILFLYT_VAULT_KEYS_FILE: {why}"]
    if found:
        raise WrongKey("; ".join(found))


def _setting(name: str) -> str:
    kind, _, key_id = name.partition(":")
    return f"TILFLYT_{kind.upper()}" + (f" (the vault key {key_id})" if key_id else "")
