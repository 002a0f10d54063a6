"""The configuration and keys of the parties' OpenID providers, read in tasks of their own and cached."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from authlib.jose import KeySet

from approval_api.login.provider_calls import LoginFailed, ProviderSilent, endpoint, told
from approval_api.login.provider_keys import usable_keys
from domain.parties.party import Login

FRESH_S = 600.0
# After `FRESH_S` a provider is read again in the background; what was read before is used meanwhile, at most so long:
KEPT_S = 3600.0
LEFT_IN_PEACE_S = 10.0
# A provider is asked for new keys at most this often.
KEYS_AGAIN_S = 30.0
# Each visitor who comes back from a provider costs a call to it; at most so many calls to one provider wait at once.
MOST_AT_ONCE = 8

# What identifies a provider in a party's entry: its issuer, and the hosts on which its endpoints may be.
Entry = tuple[str, tuple[str, ...]]


class TakesUsBy(StrEnum):
    """The ways in which we can authenticate at a provider's token endpoint, by their names in the standard."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Known:
    """A provider's endpoints and keys, and whether it promises to name itself in its answers (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet
    names_itself: bool
    read_at: float
    takes_us_by: frozenset[TakesUsBy] = frozenset({TakesUsBy.BASIC})


class Providers:
    """The providers. A request that waits for a provider holds no thread, so that it delays no other request."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo
        self._known: dict[Entry, Known] = {}
        self._reading: dict[Entry, asyncio.Task[Known]] = {}
        self._silent_until: dict[Entry, float] = {}
        self._waiting: Counter[str] = Counter()

    async def known(self, login: Login, *, read_after: float | None = None) -> Known:
        """A provider's endpoints and keys; `LoginFailed` when they are not valid, or the provider does not answer.

        With `read_after`, only what was read after that moment of the monotonic clock will do.
        """
        if login.in_the_open and not self._demo:
            raise LoginFailed("not_over_https")
        key = (login.issuer, login.hosts)
        found, now = self._known.get(key), time.monotonic()
        if found is not None and now < found.read_at + FRESH_S and (read_after is None or found.read_at > read_after):
            return found
        reading = self._read(key, login)
        if found is not None and read_after is None and now < found.read_at + KEPT_S:
            return found
        if reading is None:
            raise ProviderSilent("silent")
        # All requests wait for the same reading; when one of them is cancelled, the reading goes on for the others.
        return await asyncio.shield(reading)

    async def with_new_keys(self, login: Login, known: Known) -> Known:
        """The provider read again, when no known key fits a token; unchanged if it was read within `KEYS_AGAIN_S`."""
        if time.monotonic() >= known.read_at + KEYS_AGAIN_S:
            with suppress(LoginFailed):
                return await self.known(login, read_after=known.read_at)
        return known

    async def answer(self, login: Login, request: httpx.Request) -> dict[str, Any]:
        """A provider's answer; `ProviderSilent` at once when `MOST_AT_ONCE` calls wait for it already."""
        with self._turn(login.issuer):
            return await told(request)

    def close(self) -> None:
        """Cancel the readings that are under way."""
        for reading in list(self._reading.values()):
            reading.cancel()

    @contextmanager
    def _turn(self, issuer: str) -> Iterator[None]:
        if self._waiting[issuer] >= MOST_AT_ONCE:
            raise ProviderSilent("busy")
        self._waiting[issuer] += 1
        try:
            yield
        finally:
            self._waiting[issuer] -= 1

    def _read(self, key: Entry, login: Login) -> "asyncio.Task[Known] | None":
        """The reading of a provider that is under way, or a new one; None for `LEFT_IN_PEACE_S` after a failed one."""
        if key not in self._reading:
            if time.monotonic() < self._silent_until.get(key, 0.0):
                return None
            reading = asyncio.create_task(_read(login))
            self._reading[key] = reading
            reading.add_done_callback(lambda done: self._was_read(key, done))
        return self._reading[key]

    def _was_read(self, key: Entry, done: "asyncio.Task[Known]") -> None:
        del self._reading[key]
        if not done.cancelled() and done.exception() is None:
            self._known[key] = done.result()
        else:
            self._silent_until[key] = time.monotonic() + LEFT_IN_PEACE_S


async def _read(login: Login) -> Known:
    where = f"{login.issuer.rstrip('/')}/.well-known/openid-configuration"
    said = await told(httpx.Request("GET", where))
    if said.get("issuer") != login.issuer:
        raise LoginFailed("another_issuer")
    authorization, token = (endpoint(login, said.get(f"{name}_endpoint")) for name in ("authorization", "token"))
    ways = takes_us_by(said.get("token_endpoint_auth_methods_supported"))
    keys = usable_keys(await told(httpx.Request("GET", endpoint(login, said.get("jwks_uri")))))
    names_itself = said.get("authorization_response_iss_parameter_supported") is True
    return Known(authorization, token, keys, names_itself, read_at=time.monotonic(), takes_us_by=ways)


def takes_us_by(said: object) -> frozenset[TakesUsBy]:
    """The ways that a provider accepts and we know; `client_secret_basic` when it names none."""
    if said is None:
        return frozenset({TakesUsBy.BASIC})
    found = frozenset(way for way in TakesUsBy if isinstance(said, list) and way in said)
    if not found:
        raise LoginFailed("no_client_authentication_of_ours")
    return found
