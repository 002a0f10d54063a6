"""The key-encryption keys (KEK) that seal the families' data keys: from the environment, from a file, or elsewhere."""

import base64
import binascii
import stat
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import VaultClosed
from storage.installation import named
from storage.settings import Settings, WrongSettings, required_key
from storage.vault.cipher import KEY_BYTES, seal, unseal
from storage.vault.data_keys import KeyStore, SealedKey
from storage.vault.destroyed import destroyed_keys

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyEncryption(Protocol):
    """Seals data keys; a key-management service could be used instead. `key_id` names the current key."""

    @property
    def key_id(self) -> str:
        """The name of the key that seals now."""
        ...

    @property
    def key_ids(self) -> Collection[str]:
        """The names of all keys that are at hand."""
        ...

    def wrap(self, data_key: bytes, *, bound_to: str) -> SealedKey:
        """Seal a data key, bound to what it is for."""
        ...

    def unwrap(self, key: SealedKey, *, bound_to: str) -> bytes:
        """The data key. `VaultClosed` when the key that sealed it is not at hand, or it was changed."""
        ...

    def derived(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """A key of 32 bytes for another purpose, derived from the current key or from an earlier one."""
        ...


class KeyRing:
    """Key-encryption keys of 32 bytes by id. The current one seals; the others still open what they sealed."""

    def __init__(self, keys: Mapping[str, bytes], *, current: str) -> None:
        self._keys = dict(keys)
        self.key_id = current

    @property
    def key_ids(self) -> Collection[str]:
        """The names of the ring's keys."""
        return self._keys.keys()

    def wrap(self, data_key: bytes, *, bound_to: str) -> SealedKey:
        """Seal a data key with the current key (AES-256-GCM)."""
        return SealedKey(self.key_id, seal(self._keys[self.key_id], data_key, f"{bound_to}|{self.key_id}"))

    def unwrap(self, key: SealedKey, *, bound_to: str) -> bytes:
        """The data key, whichever key of the ring sealed it."""
        try:
            return unseal(self._named(key.key_id), key.sealed, f"{bound_to}|{key.key_id}")
        except InvalidTag:
            raise VaultClosed("the entry's key is not sealed with this key, or was changed") from None

    def derived(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """A key derived by HKDF (RFC 5869)."""
        of = key_id or self.key_id
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"vault|{purpose}|{of}".encode()).derive(self._named(of))

    def _named(self, key_id: str) -> bytes:
        if key_id not in self._keys:
            raise VaultClosed(f"sealed under key {key_id}, which is not at hand")
        return self._keys[key_id]


def key_ring(settings: Settings) -> KeyRing:
    """The keys named by the settings; `WrongSettings` says in one sentence what is wrong with them."""
    if settings.vault_keys_file is not None:
        keys = _keys_of(settings.vault_keys_file)
        if settings.vault_key_id not in keys:
            raise WrongSettings(f"TILFLYT_VAULT_KEYS_FILE holds no key {settings.vault_key_id}")
        return KeyRing(keys, current=settings.vault_key_id)
    current = required_key("vault_key", settings.vault_key)
    return KeyRing({settings.vault_key_id: current}, current=settings.vault_key_id)


def key_store(settings: Settings, *, make: bool = False) -> KeyStore:
    """The store of the families' keys, with the destroyed ones. `make` it, or else it must exist."""
    there = None if make else partial(named, settings, "keys_url")
    return KeyStore(settings.keys_url, destroyed_keys(settings), must_be_there=there)


def _keys_of(file: Path) -> dict[str, bytes]:
    """The keys of a file, `id=key` on each line, the key in base64. Only its owner may be able to read it."""
    setting = "TILFLYT_VAULT_KEYS_FILE"
    try:
        if file.stat().st_mode & FOR_OTHERS:
            raise WrongSettings(f"{setting}: others than its owner may read it: run chmod 600")
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        raise WrongSettings(f"{setting}: cannot be read") from None
    keys = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        key_id, _, written = line.partition("=")
        try:
            keys[key_id.strip()] = base64.b64decode(written.strip(), validate=True)
        except binascii.Error:
            raise WrongSettings(f"{setting}: line {number} is not id=key in base64") from None
        if len(keys[key_id.strip()]) != KEY_BYTES or not key_id.strip():
            raise WrongSettings(f"{setting}: line {number} is not an id and a key of {KEY_BYTES} bytes")
    return keys
