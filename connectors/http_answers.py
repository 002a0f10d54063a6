"""A partner's answers: whole, or as they come."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from connectors.first_look import without_marks
from domain.errors import Seen, Unreadable
from domain.ports.vacancy_feed import FeedMark

CHUNK_BYTES = 65_536
MARK = re.compile(r"[\x20-\x7e]{1,500}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered: the body, its media type, whether its length was announced, and its version.

    An `unchanged` answer has no body: the version that we had still holds.
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
    # The end of the time limit, by the event loop's clock.
    until: float

    @property
    def mark(self) -> FeedMark:
        """The marks of the answer's version."""
        return FeedMark(self._mark("etag"), self._mark("last-modified"))

    def _mark(self, name: str) -> str | None:
        # A value that cannot be sent back in a header is no mark.
        return mark if MARK.fullmatch(mark := self.response.headers.get(name, "")) else None

    @property
    def unchanged(self) -> bool:
        """Whether it is the version that we know."""
        return self.response.status_code == HTTPStatus.NOT_MODIFIED

    @property
    def media_type(self) -> str:
        """The body's media type."""
        return str(self.response.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def measured(self) -> bool:
        """Whether a body that is cut short would be noticed."""
        headers = self.response.headers
        announced = "content-length" in headers or "transfer-encoding" in headers
        return announced or self.response.status_code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

    async def chunks(self, most_bytes: int) -> AsyncIterator[bytes]:
        """The body as it comes; `PartnerUnavailable` when it is larger than it may be.

        Not byte by byte, even if it is sent so: a reader looks at all that it has not understood yet with each chunk.
        """
        taken, waiting, coming = 0, bytearray(), self.response.aiter_bytes()
        while True:
            # The time limit runs while we wait for the partner, not while a reader works on a chunk.
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
