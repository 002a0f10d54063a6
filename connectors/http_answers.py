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
