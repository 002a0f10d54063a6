"""What the parties' OpenID providers say of themselves: read beside the visitors' requests, and kept for a while."""

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
# Once it is no longer fresh it is read anew in the background, and serves until that has happened, but no longer than:
KEPT_S = 3600.0
LEFT_IN_PEACE_S = 10.0
# A new key of a provider's is looked for no more often than this.
KEYS_AGAIN_S = 30.0
# Each visitor who comes back from a provider costs a call to it, and at most so many wait at one time.
MOST_AT_ONCE = 8

# A provider as a party's entry has it: its issuer, and where its endpoints may be.
Entry = tuple[str, tuple[str, ...]]


class TakesUsBy(StrEnum):
    """How a provider knows at its token endpoint that it is we who ask: the ways that we know, by their names."""

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
    """The providers. Whoever waits for one holds no thread, so that it keeps nobody else waiting."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo
        self._known: dict[Entry, Known] = {}
        self._reading: dict[Entry, asyncio.Task[Known]] = {}
        self._silent_until: dict[Entry, float] = {}
        self._waiting: Counter[str] = Counter()

    async def known(self, login: Login, *, read_after: float | None = None) -> Known:
        """What a provider says of itself; `LoginFailed` when that does not hold, or it says nothing.

        `read_after` asks for what was read later than that moment of the monotonic clock.
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
        # One call for all who wait; whoever gives up does not end it for the others.
        return await asyncio.shield(reading)

    async def with_new_keys(self, login: Login, known: Known) -> Known:
        """What a provider says now, where a token is signed with none of its keys; not asked for again and again."""
        if time.monotonic() >= known.read_at + KEYS_AGAIN_S:
            with suppress(LoginFailed):
                return await self.known(login, read_after=known.read_at)
        return known

    async def answer(self, login: Login, request: httpx.Request) -> dict[str, Any]:
        """What a provider answers; `ProviderSilent` at once while as many as may be wait for it."""
        with self._turn(login.issuer):
            return await told(request)

    def close(self) -> None:
        """Wait for nobody any more."""
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
        """The one reading of a provider that is under way; None while it is left in peace."""
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
    """The ways that a provider names and we know; one that names none takes us by the usual one."""
    if said is None:
        return frozenset({TakesUsBy.BASIC})
    found = frozenset(way for way in TakesUsBy if isinstance(said, list) and way in said)
    if not found:
        raise LoginFailed("no_client_authentication_of_ours")
    return found
