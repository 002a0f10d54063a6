"""Calls to a login provider: only at the origins that its party names, and with a limit on time and on size."""

import asyncio
import json
import ssl
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import httpx

from domain.errors import TilflytError
from domain.parties.party import Login
from domain.silence import why_silent
from domain.text.origin import origin_of

WHOLE_ANSWER_S = 5.0
# A provider's keys may come with their certificates; a larger answer would take long to read.
LARGEST_ANSWER_BYTES = 65_536


class LoginFailed(TilflytError):
    """Nobody was logged in, because the provider's answer is not valid. The text is a code."""

    code = "login_failed"


class ProviderSilent(LoginFailed):
    """The provider did not answer in time, or too many wait for it already; trying again may help."""


def endpoint(login: Login, address: object) -> str:
    """An address that a provider names; `LoginFailed` when its origin is not one that the party's entry allows."""
    if not isinstance(address, str) or origin_of(address) not in login.origins:
        raise LoginFailed("endpoint_elsewhere")
    return address


async def told(request: httpx.Request) -> dict[str, Any]:
    """The JSON object that a provider answers with. Any other answer is an error; redirects are not followed."""
    try:
        # httpx limits the time of each read, and a provider that sends a byte at a time would never reach that limit.
        async with asyncio.timeout(WHOLE_ANSWER_S):
            body = await _body(request)
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise ProviderSilent(why_silent(error)) from None
    return object_in(body)


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; `LoginFailed` when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LoginFailed(type(error).__name__) from None
    if not isinstance(found, dict):
        raise LoginFailed("not_an_object")
    return found


async def _body(request: httpx.Request) -> bytes:
    request.headers["Accept-Encoding"] = "identity"
    request.extensions["timeout"] = httpx.Timeout(WHOLE_ANSWER_S).as_dict()
    body = bytearray()
    # A transport and no client: without redirects, cookies and proxies from the environment.
    async with httpx.AsyncHTTPTransport(verify=_trusted_authorities(), trust_env=False) as line:
        response = await line.handle_async_request(request)
        try:
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise ProviderSilent(str(response.status_code))
            if not response.is_success:
                raise LoginFailed(str(response.status_code))
            if response.headers.get("content-encoding", "identity") != "identity":
                raise LoginFailed("compressed_unasked")  # its size is known only once it is decompressed
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER_BYTES:
                    raise LoginFailed("too_large")
        finally:
            await response.aclose()
    return bytes(body)


@lru_cache(maxsize=1)
def _trusted_authorities() -> ssl.SSLContext:
    """The certificate authorities that are trusted; read once, because reading them takes 20 ms."""
    return httpx.create_ssl_context()
