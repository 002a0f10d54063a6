"""The one seam to HTTP: what a partner's answer means, and none of what it says.

Errors hold the method, the path's template, and the status or the class of the error. They never hold a
body, a host, a token or a value in a path, because their texts end in logs and in Prefect.
"""

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

import httpx

from connectors.retry_after import asked_wait_s
from domain.errors import Invalid, PartnerRefused, PartnerUnavailable

LARGEST_BODY_BYTES = 20_000_000
# The two 4xx that say "not now" and not "no".
NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered: the body, its media type, and whether its length was announced."""

    call: str
    body: bytes
    media_type: str
    measured: bool

    def json(self, parse_float: Callable[[str], float | Decimal] = float) -> object:
        """The body as JSON; `PartnerUnavailable` when it is something else, such as a login page."""
        if self.media_type != "application/json" and not self.media_type.endswith("+json"):
            raise PartnerUnavailable(f"{self.call}: not the content type expected")
        # Raised outside the handler: a JSONDecodeError carries the whole body with it.
        with suppress(ValueError, RecursionError):
            return json.loads(self.body, parse_float=parse_float)
        raise PartnerUnavailable(f"{self.call}: not JSON")


class PartnerHttp:
    """A partner's HTTP interface: where, with which bearer token, and for how long a whole call may take."""

    def __init__(
        self, url: str, *, token: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise Invalid("token", "not_a_bearer_token")
        self._url = http_url(url)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        self._timeout_s = timeout_s
        self._transport = transport

    async def read(self, template: str = "", *, query: Mapping[str, str] | None = None) -> Answer:
        """GET a path below the partner's URL."""
        url = self._below(template).copy_merge_params(dict(query or {}))
        return await self._exchange(f"GET {template or '/'}", httpx.Request("GET", url, headers=self._headers))

    async def write(self, template: str, body: Mapping[str, object], *, key: str, **parts: str) -> Mapping[str, object]:
        """POST JSON under an idempotency key. Acknowledged by any 2xx that is empty or a JSON object."""
        headers = self._headers | {"Idempotency-Key": key}
        request = httpx.Request("POST", self._below(template, **parts), json=body, headers=headers)
        answer = await self._exchange(f"POST {template}", request)
        if answer.measured and not answer.body:
            return {}
        told = answer.json()
        if not isinstance(told, dict):
            raise PartnerUnavailable(f"{answer.call}: not a JSON object")
        return told

    def _below(self, template: str, **parts: str) -> httpx.URL:
        path = template.format(**{name: quote(part, safe="") for name, part in parts.items()})
        return self._url.copy_with(path=self._url.path.rstrip("/") + path) if path else self._url

    def _client(self) -> httpx.AsyncClient:
        # One for each call: nothing is left open between two nights, and nothing is bound to an event loop.
        return httpx.AsyncClient(
            transport=self._transport,
            verify=trusted_authorities(),
            timeout=self._timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    async def _exchange(self, call: str, request: httpx.Request) -> Answer:
        try:
            # httpx bounds each read; the outer limit bounds a partner that answers one byte at a time.
            async with asyncio.timeout(self._timeout_s), self._client() as client:
                response = await client.send(request, stream=True)
                try:
                    return await understood(call, response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            silence = type(error).__name__
        raise PartnerUnavailable(f"{call}: {silence}")


def http_url(url: str) -> httpx.URL:
    """The URL of a partner, as it stands in its file; without a user, who would take the token's place."""
    with suppress(httpx.InvalidURL):
        parsed = httpx.URL(url)
        if parsed.scheme in ("http", "https") and parsed.host and not parsed.userinfo:
            return parsed
    raise Invalid("url", "not_http")


async def understood(call: str, response: httpx.Response) -> Answer:
    """The answer of a partner that did what it was asked; raises what any other answer means."""
    status, headers = response.status_code, response.headers
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in NOT_NOW:
        asked_s = asked_wait_s(headers, now=datetime.now(UTC))
        raise PartnerUnavailable(f"{call}: {status}", retry_after_s=asked_s)
    if not response.is_success:
        raise PartnerRefused(f"{call}: {status}")
    return Answer(
        call=call,
        body=await bounded_body(call, response),
        media_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        measured=status == HTTPStatus.NO_CONTENT or "content-length" in headers or "transfer-encoding" in headers,
    )


async def bounded_body(call: str, response: httpx.Response) -> bytes:
    """The body, up to 20 MB. Compressed bodies are refused: we asked for none, and they hide their size."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise PartnerUnavailable(f"{call}: compressed unasked")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise PartnerUnavailable(f"{call}: body too large")
    return bytes(body)


@lru_cache(maxsize=1)
def trusted_authorities() -> ssl.SSLContext:
    """Who may vouch for a partner; read once, because reading it takes 20 ms."""
    return httpx.create_ssl_context()
