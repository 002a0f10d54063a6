"""The one seam to HTTP: what a partner's answer means, and none of what it says.

Errors hold the method, the path's template, and the status or the class of the error. They never hold a
body, a host, a token or a value in a path, because their texts end in logs and in Prefect.
"""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

import httpx

from connectors.first_look import without_marks
from connectors.retry_after import asked_wait_s
from domain.errors import Invalid, PartnerRefused, PartnerUnavailable, Seen, Unreadable
from domain.ports import FeedMark
from domain.silence import why_silent

LARGEST_BODY_BYTES = 20_000_000
NOTHING_YET = FeedMark()
# The two 4xx that say "not now" and not "no".
NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
CHUNK_BYTES = 65_536
MARK = re.compile(r"[\x20-\x7e]{1,500}")
TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered: the body, its media type, whether its length was announced, and its version.

    An `unchanged` one has no body: what we had is still so.
    """

    call: str
    body: bytes
    media_type: str
    measured: bool
    etag: str | None = None
    last_modified: str | None = None
    unchanged: bool = False

    def json(self, loads: Callable[[bytes], object] = json.loads) -> object:
        """The body as JSON; `PartnerUnavailable` when it is something else, such as a login page."""
        if self.media_type != "application/json" and not self.media_type.endswith("+json"):
            seen = Seen.PAGE if self.media_type == "text/html" else Seen.OTHER_FORM
            raise Unreadable(f"{self.call}: not the content type expected", seen=seen)
        # Raised outside the handler: a JSONDecodeError carries the whole body with it.
        with suppress(ValueError, RecursionError):
            return loads(self.plain_body)
        raise Unreadable(f"{self.call}: not JSON", seen=Seen.NOT_READABLE if self.plain_body else Seen.EMPTY)

    @property
    def plain_body(self) -> bytes:
        """The body without the marks of its byte order that some serialisers begin it with."""
        return without_marks(self.body)


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer whose body is still to come."""

    call: str
    response: httpx.Response
    # By the event loop's clock.
    until: float

    @property
    def mark(self) -> FeedMark:
        """Which version it is."""
        return FeedMark(self._mark("etag"), self._mark("last-modified"))

    def _mark(self, name: str) -> str | None:
        # What cannot be sent back is no mark.
        return mark if MARK.fullmatch(mark := self.response.headers.get(name, "")) else None

    @property
    def unchanged(self) -> bool:
        """Whether it is the version that was known."""
        return self.response.status_code == HTTPStatus.NOT_MODIFIED

    @property
    def media_type(self) -> str:
        """What the body is."""
        return str(self.response.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def measured(self) -> bool:
        """Whether a body that is cut short would be noticed."""
        headers = self.response.headers
        announced = "content-length" in headers or "transfer-encoding" in headers
        return announced or self.response.status_code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

    async def chunks(self, most_bytes: int) -> AsyncIterator[bytes]:
        """The body as it comes; `PartnerUnavailable` when it is larger than it may be.

        Never a byte at a time, as somebody may send it: what reads it looks again at what it has not understood yet.
        """
        taken, waiting, coming = 0, bytearray(), self.response.aiter_bytes()
        while True:
            # The time limit holds while we wait for the partner, and never while a reader does something with a chunk.
            async with asyncio.timeout_at(self.until):
                chunk = await anext(coming, None)
            if chunk is None:
                break
            taken += len(chunk)
            if taken > most_bytes:
                raise Unreadable(f"{self.call}: body too large", seen=Seen.NOT_READABLE)
            waiting += chunk
            if len(waiting) >= CHUNK_BYTES:
                yield bytes(waiting)
                waiting.clear()
        if waiting:
            yield bytes(waiting)


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

    async def read(
        self,
        template: str = "",
        *,
        query: Mapping[str, str] | None = None,
        last: FeedMark = NOTHING_YET,
        most_bytes: int = LARGEST_BODY_BYTES,
    ) -> Answer:
        """GET a path below the partner's URL, unless it is as it was when it was marked `last`."""
        call, request = self._get(template, query, last)
        async with self._exchange(call, request) as answer:
            return await understood(answer, most_bytes, may_be_unchanged=asks_whether(last))

    async def knock(self, template: str = "") -> int:
        """The status that a GET is answered with; nothing else of the answer is read."""
        call, request = self._get(template, None, NOTHING_YET)
        async with self._exchange(call, request) as answer:
            return answer.response.status_code

    @asynccontextmanager
    async def stream(self, *, last: FeedMark = NOTHING_YET) -> AsyncIterator[Streamed]:
        """GET the partner's URL and read its body as it comes, for at most ten times as long as a call may take."""
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
        headers = self._headers | {"Idempotency-Key": key}
        request = httpx.Request("POST", self._below(template, **parts), json=body, headers=headers)
        async with self._exchange(f"POST {template}", request) as exchanged:
            answer = await understood(exchanged, LARGEST_BODY_BYTES)
        if answer.measured and not answer.body:
            return {}
        told = answer.json()
        if not isinstance(told, dict):
            raise Unreadable(f"{answer.call}: not a JSON object", seen=Seen.NOT_READABLE)
        return told

    def _below(self, template: str, **parts: str) -> httpx.URL:
        path = template.format(**{name: quote(part, safe="") for name, part in parts.items()})
        return self._url.copy_with(path=self._url.path.rstrip("/") + path) if path else self._url

    def _line(self) -> httpx.AsyncBaseTransport:
        # A transport and no client: redirects, cookies and what stands in the environment are nothing for us. One for
        # each call: nothing is left open between two nights, and nothing is bound to an event loop.
        return self._transport or httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False)

    @asynccontextmanager
    async def _exchange(self, call: str, request: httpx.Request, *, calls: int = 1) -> AsyncIterator[Streamed]:
        # httpx bounds each read; the outer limit bounds a partner that answers one byte at a time.
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
    """The URL of a partner, as it stands in its file; without a user, who would take the token's place."""
    with suppress(httpx.InvalidURL):
        parsed = httpx.URL(url)
        if parsed.scheme in ("http", "https") and parsed.host and not parsed.userinfo:
            return parsed
    raise Invalid("url", "not_http")


def asks_whether(last: FeedMark) -> bool:
    """Whether a request says which version it knows."""
    return bool(last.etag or last.last_modified)


def refuse_unless_done(call: str, response: httpx.Response, *, may_be_unchanged: bool = False) -> None:
    """Raise what any answer means of a partner that did not do what it was asked."""
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in NOT_NOW:
        asked_s = asked_wait_s(response.headers, now=datetime.now(UTC))
        raise PartnerUnavailable(f"{call}: {status}", retry_after_s=asked_s)
    if not response.is_success and not (may_be_unchanged and status == HTTPStatus.NOT_MODIFIED):
        raise PartnerRefused(f"{call}: {status}")
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        # We asked for all of it: a part would look like a feed that shrank.
        raise Unreadable(f"{call}: {status}", seen=Seen.NOT_WHOLE)
    if response.headers.get("content-encoding", "identity") != "identity":
        # We asked for none, and compressed bodies hide their size.
        raise Unreadable(f"{call}: compressed unasked", seen=Seen.OTHER_FORM)


async def understood(streamed: Streamed, most_bytes: int, *, may_be_unchanged: bool = False) -> Answer:
    """The answer of a partner that did what it was asked; raises what any other answer means."""
    refuse_unless_done(streamed.call, streamed.response, may_be_unchanged=may_be_unchanged)
    body = bytearray()
    # What is unchanged has no body, and to wait for none is a tenth of a night on which nothing is new.
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
    """Who may vouch for a partner; read once, because reading it takes 20 ms."""
    return httpx.create_ssl_context()
