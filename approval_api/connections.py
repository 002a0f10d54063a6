"""How long somebody may take to say what they want: a request that is not whole in time is ended with its connection.

uvicorn bounds neither a head nor a body that comes a byte at a time, nor an answer that nobody reads.
"""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from approval_api.guard import HEADERS
from storage.settings import Settings

TOO_SLOW = HTTPStatus.REQUEST_TIMEOUT
ANSWER = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"connection", b"close"),
    *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
]


@dataclass
class Patience:
    """Within how many seconds a request must be whole, and an answer read; and how many may be unfinished at once."""

    within_s: float
    most: int
    # In the order in which they began.
    unfinished: dict["Connection", asyncio.TimerHandle] = field(default_factory=dict)


class Connection(H11Protocol):
    """A connection of which the next request has to be whole in time; where too many are not, the oldest ends."""

    patience: Patience
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        """Somebody has come."""
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._finished()
        self._was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a request came."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """A request was answered: the next one may come."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """They do not read what we send."""
        super().pause_writing()
        self._must_be_read()

    def resume_writing(self) -> None:
        """They have read most of it."""
        super().resume_writing()
        self._was_read()
        if self.transport.is_closing():
            self._must_be_read()

    def timeout_keep_alive_handler(self) -> None:
        """They ask for nothing more."""
        super().timeout_keep_alive_handler()
        self._must_be_read()

    def _look(self) -> None:
        if self.transport.is_closing():
            self._finished()
            self._must_be_read()
        elif self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._finished()
        elif self not in self.patience.unfinished:
            self._make_room()
            timer = self.loop.call_later(self.patience.within_s, self._end)
            self.patience.unfinished[self] = timer

    def _make_room(self) -> None:
        while len(self.patience.unfinished) >= self.patience.most:
            next(iter(self.patience.unfinished))._end()

    def _finished(self) -> None:
        if timer := self.patience.unfinished.pop(self, None):
            timer.cancel()

    def _end(self) -> None:
        self._finished()
        if self.transport.is_closing():
            return
        came = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if came and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._say_that_it_was_too_slow()
        if self.cycle is not None and not self.cycle.response_complete:
            # Whoever waits for the rest of the body is told that it will not come.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
        self._must_be_read()

    def _say_that_it_was_too_slow(self) -> None:
        events: list[Any] = [
            h11.Response(status_code=TOO_SLOW, headers=ANSWER, reason=TOO_SLOW.phrase.encode()),
            h11.Data(data=b"The request did not come whole in time.\n"),
            h11.EndOfMessage(),
        ]
        for event in events:
            self.transport.write(self.conn.send(event) or b"")

    def _must_be_read(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(self.patience.within_s, self.transport.abort)

    def _was_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def as_served(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves the endpoint. Its access log would hold links, and a link is a right to answer."""
    patience = Patience(settings.request_within_s, settings.unfinished_requests_at_most)
    return {
        "access_log": False,
        "server_header": False,
        "log_level": "warning",
        "ws": "none",
        "forwarded_allow_ips": settings.trusted_proxies,
        "http": type("PatientConnection", (Connection,), {"patience": patience}),
    }
