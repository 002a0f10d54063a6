"""The only place that speaks HTTP with partners: it says what an answer means, never what it contains.

Errors hold the method, the path's template, and the status or the error's class. They never hold a
body, a host, a token or a value in a path, because their texts end up in logs and in Prefect.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

import httpx

from connectors.http_answers import Answer, Streamed
from connectors.retry_after import asked_wait_s
from domain.errors import Invalid, PartnerRefused, PartnerUnavailable, Seen, Unreadable
from domain.ports.vacancy_feed import FeedMark
from domain.silence import why_silent

LARGEST_BODY_BYTES = 20_000_000
NOTHING_YET = FeedMark()
# The two 4xx statuses that mean "not now" rather than "no".
NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

TOKEN = re.compile(r"[\x21-\x7e]+")


class PartnerHttp:
    """A partner's HTTP interface: its URL, our bearer token, and how long a whole call may take."""

    def __init__(
        self, url: str, *, token: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise Invalid("token", "not_a_bearer_token")
        self._url = http_url(url)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        self._timeout_s = timeout_s
        self._transport = transport

    async def read(
        self,
        template: str = "",
        *,
        query: Mapping[str, str] | None = None,
        last: FeedMark = NOTHING_YET,
        most_bytes: int = LARGEST_BODY_BYTES,
    ) -> Answer:
        """GET a path below the partner's URL, unless it is unchanged since it was marked `last`."""
        call, request = self._get(template, query, last)
        async with self._exchange(call, request) as answer:
            return await understood(answer, most_bytes, may_be_unchanged=asks_whether(last))

    async def knock(self, template: str = "") -> int:
        """The status of a GET; nothing else of the answer is read."""
        call, request = self._get(template, None, NOTHING_YET)
        async with self._exchange(call, request) as answer:
            return answer.response.status_code

    @asynccontextmanager
    async def stream(self, *, last: FeedMark = NOTHING_YET) -> AsyncIterator[Streamed]:
        """GET the partner's URL and read its body as it comes, for at most ten times a call's time limit."""
        call, request = self._get("", None, last)
        async with self._exchange(call, request, calls=10) as answer:
            refuse_unless_done(call, answer.response, may_be_unchanged=asks_whether(last))
            yield answer

    def _get(self, template: str, query: Mapping[str, str] | None, last: FeedMark) -> tuple[str, httpx.Request]:
        url = self._below(template)
        if query:
            url = url.copy_merge_params(dict(query))
        marks = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
        headers = self._headers | {name: value for name, value in marks.items() if value}
        return f"GET {template or '/'}", httpx.Request("GET", url, headers=headers)

    async def write(self, template: str, body: Mapping[str, object], *, key: str, **parts: str) -> Mapping[str, object]:
        """POST JSON under an idempotency key. Acknowledged by any 2xx that is empty or a JSON object."""
        return (await self.write_answered(template, body, key=key, **parts))[1]

    async def write_answered(
        self, template: str, body: Mapping[str, object], *, key: str, **parts: str
    ) -> tuple[int, Mapping[str, object]]:
        """The same, with the status of the acknowledgement."""
        headers = self._headers | {"Idempotency-Key": key}
        request = httpx.Request("POST", self._below(template, **parts), json=body, headers=headers)
        async with self._exchange(f"POST {template}", request) as exchanged:
            answer = await understood(exchanged, LARGEST_BODY_BYTES)
        status = exchanged.response.status_code
        if answer.measured and not answer.body:
            return status, {}
        told = answer.json()
        if not isinstance(told, dict):
            raise Unreadable(f"{answer.call}: not a JSON object", seen=Seen.NOT_READABLE)
        return status, told

    def _below(self, template: str, **parts: str) -> httpx.URL:
        path = template.format(**{name: quote(part, safe="") for name, part in parts.items()})
        return self._url.copy_with(path=self._url.path.rstrip("/") + path) if path else self._url

    def _line(self) -> httpx.AsyncBaseTransport:
        # A transport and not a client: we want no redirects, no cookies and nothing from the environment. A new one for
        # each call: nothing stays open between two nights, and nothing is bound to an event loop.
        return self._transport or httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False)

    @asynccontextmanager
    async def _exchange(self, call: str, request: httpx.Request, *, calls: int = 1) -> AsyncIterator[Streamed]:
        # httpx limits each read; this outer limit stops a partner that answers one byte at a time.
        until = asyncio.get_running_loop().time() + self._timeout_s * calls
        try:
            async with self._line() as line:
                request.extensions["timeout"] = httpx.Timeout(self._timeout_s).as_dict()
                async with asyncio.timeout_at(until):
                    response = await line.handle_async_request(request)
                try:
                    yield Streamed(call, response, until)
                finally:
                    await response.aclose()
                return
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            silence = why_silent(error)
        raise PartnerUnavailable(f"{call}: {silence}")


def http_url(url: str) -> httpx.URL:
    """A partner's URL as its file has it; without a user part, which would replace the token."""
    with suppress(httpx.InvalidURL):
        parsed = httpx.URL(url)
        if parsed.scheme in ("http", "https") and parsed.host and not parsed.userinfo:
            return parsed
    raise Invalid("url", "not_http")


def asks_whether(last: FeedMark) -> bool:
    """Whether a request can say which version it knows."""
    return bool(last.etag or last.last_modified)


def refuse_unless_done(call: str, response: httpx.Response, *, may_be_unchanged: bool = False) -> None:
    """Raise the error that an answer means, unless the partner did what it was asked."""
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in NOT_NOW:
        asked_s = asked_wait_s(response.headers, now=datetime.now(UTC))
        raise PartnerUnavailable(f"{call}: {status}", retry_after_s=asked_s)
    if not response.is_success and not (may_be_unchanged and status == HTTPStatus.NOT_MODIFIED):
        raise PartnerRefused(f"{call}: {status}")
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        # We asked for the whole: a part would look like a feed that shrank.
        raise Unreadable(f"{call}: {status}", seen=Seen.NOT_WHOLE)
    if response.headers.get("content-encoding", "identity") != "identity":
        # We asked for no compression; a compressed body hides its size.
        raise Unreadable(f"{call}: compressed unasked", seen=Seen.OTHER_FORM)


async def understood(streamed: Streamed, most_bytes: int, *, may_be_unchanged: bool = False) -> Answer:
    """The answer of a partner that did what it was asked; any other answer raises its error."""
    refuse_unless_done(streamed.call, streamed.response, may_be_unchanged=may_be_unchanged)
    body = bytearray()
    # An unchanged feed has no body; waiting for it would take a tenth of a night on which nothing is new.
    if not streamed.unchanged:
        async for chunk in streamed.chunks(most_bytes):
            body += chunk
    return Answer(
        call=streamed.call,
        body=bytes(body),
        media_type=streamed.media_type,
        measured=streamed.measured,
        etag=streamed.mark.etag,
        last_modified=streamed.mark.last_modified,
        unchanged=streamed.unchanged,
    )


@lru_cache(maxsize=1)
def trusted_authorities() -> ssl.SSLContext:
    """The certificate authorities trusted for partners; read once, because reading them takes 20 ms."""
    return httpx.create_ssl_context()
