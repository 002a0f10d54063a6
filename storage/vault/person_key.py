"""The key with which persons are recognised, and the digest that it makes of a CPR number."""

import hashlib
import hmac
from typing import NamedTuple

NAME_CHARACTERS = 16


class PersonMark(NamedTuple):
    """The digest of somebody's CPR number, and which key made it."""

    digest: str
    made_with: str


class PersonKey:
    """The key of the digests. It is random, made once, and survives every rotation of the key that seals it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name = hmac.digest(key, b"its name", hashlib.sha256).hex()[:NAME_CHARACTERS]

    def mark(self, cpr: str) -> PersonMark:
        """The digest of a CPR number, with or without its hyphen."""
        digits = cpr.replace("-", "")
        return PersonMark(hmac.digest(self._key, f"person|{digits}".encode(), hashlib.sha256).hex(), self.name)
