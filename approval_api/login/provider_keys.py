"""The keys of a provider that we can check a signature with; the others are nothing to us (RFC 7517, section 5)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.jose import JsonWebKey, Key, KeySet

from approval_api.login.provider_calls import LoginFailed

# Signed by the provider's private key; `none` and shared secrets are refused.
ALGORITHMS = ["RS256", "PS256", "ES256"]
TYPES = frozenset({"RSA", "EC"})
# What third parties' code raises about a key or a token in which nothing is as it should be.
WRONG = (AuthlibBaseError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def usable_keys(said: dict[str, Any]) -> KeySet:
    """The keys of a set that we know how to use. `LoginFailed` when there is none."""
    listed = said.get("keys")
    found = KeySet(list(_usable(listed))) if isinstance(listed, list) else KeySet([])
    if not found.keys:
        raise LoginFailed("no_usable_key")
    return found


def _usable(listed: list[object]) -> Iterator[Key]:
    for one in listed:
        if isinstance(one, dict) and _is_for_signatures(one):
            with suppress(*WRONG):
                key = JsonWebKey.import_key(one)
                key.get_public_key()  # only now is it looked at whether it is one
                yield key


def _is_for_signatures(key: dict[str, Any]) -> bool:
    """By its type, and by what it says that it is for, where it says so."""
    kty, operations = key.get("kty"), key.get("key_ops")
    return (
        isinstance(kty, str)
        and kty in TYPES
        and key.get("use") in (None, "sig")
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
        and key.get("alg") in (None, *ALGORITHMS)
    )
