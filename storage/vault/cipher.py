"""The one way in which anything is sealed: AES-256-GCM, bound to the place where it is stored."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12


def new_key() -> bytes:
    """A random key."""
    return AESGCM.generate_key(KEY_BYTES * 8)


def seal(key: bytes, text: bytes, bound_to: str) -> bytes:
    """Seal a text; `bound_to` names table, row and column: it can be opened nowhere else."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """The text. `InvalidTag` when it was sealed with another key or for another place, was changed or is cut short."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    if len(nonce) < NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(nonce, rest, bound_to.encode())
