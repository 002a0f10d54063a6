"""The keys of a provider with which a signature can be checked; others are ignored (RFC 7517, section 5)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.jose import JsonWebKey, Key, KeySet

from approval_api.login.provider_calls import LoginFailed

# Signed by the provider's private key; `none` and shared secrets are refused.
ALGORITHMS = ["RS256", "PS256", "ES256"]
TYPES = frozenset({"RSA", "EC"})
# What Authlib and the libraries below it raise for a malformed key or token.
WRONG = (AuthlibBaseError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def usable_keys(said: dict[str, Any]) -> KeySet:
    """The usable keys of a key set. `LoginFailed` when there is none."""
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
                key.get_public_key()  # `import_key` does not check the key's numbers; this does
                yield key


def _is_for_signatures(key: dict[str, Any]) -> bool:
    """Whether a key checks signatures, by its type and, where they are given, its `use`, `key_ops` and `alg`."""
    kty, operations = key.get("kty"), key.get("key_ops")
    return (
        isinstance(kty, str)
        and kty in TYPES
        and key.get("use") in (None, "sig")
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
        and key.get("alg") in (None, *ALGORITHMS)
    )
