"""Time limits on a connection: when a request is not complete or an answer not read in time, the connection is closed.

uvicorn has no time limit for a head or a body that comes a byte at a time, nor for an answer that the client never
reads.
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
    """Within how many seconds a request must be complete and an answer read; how many may be incomplete at once."""

    within_s: float
    most: int
    # The connections with an incomplete request, oldest first.
    unfinished: dict["Connection", asyncio.TimerHandle] = field(default_factory=dict)


class Connection(H11Protocol):
    """A connection whose next request must be complete in time; when too many are incomplete, the oldest is closed."""

    patience: Patience
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        """A client has connected."""
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._finished()
        self._was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request arrived."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """A request was answered: the next one may arrive."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """The client does not read what we send: the send buffer is full."""
        super().pause_writing()
        self._must_be_read()

    def resume_writing(self) -> None:
        """The client has read most of the send buffer."""
        super().resume_writing()
        self._was_read()
        if self.transport.is_closing():
            self._must_be_read()

    def timeout_keep_alive_handler(self) -> None:
        """No further request arrived within the keep-alive time."""
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
            # Code that waits for the rest of the body gets `ClientDisconnect`.
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
    """uvicorn's settings. No access log: it would hold links, and whoever has a link may answer."""
    patience = Patience(settings.request_within_s, settings.unfinished_requests_at_most)
    return {
        "access_log": False,
        "server_header": False,
        "log_level": "warning",
        "ws": "none",
        "forwarded_allow_ips": settings.trusted_proxies,
        "http": type("PatientConnection", (Connection,), {"patience": patience}),
    }
