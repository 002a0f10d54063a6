"""The middleware before every stand-in: it writes the journal, then applies outages."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.standins.journal import Journal

CONTROL = "/_control"
# The pages that people and tests read; reading them tells no partner anything, and is not written to the journal.
LOOKED_AT = (CONTROL, "/inbox")


@dataclass(frozen=True, slots=True)
class Outage:
    """How a partner fails, and until when on the monotonic clock: with a status, or by not answering."""

    until_s: float
    status: int | Literal["hang"]


@dataclass(slots=True)
class Outages:
    """The paths that have an outage. The mail server's path is `/smtp`."""

    by_prefix: dict[str, Outage] = field(default_factory=dict)

    def begin(self, prefix: str, seconds: float, status: int | Literal["hang"]) -> None:
        """Begin an outage of a path and all below it; zero seconds end it."""
        self.by_prefix[prefix] = Outage(time.monotonic() + seconds, status)

    def at(self, path: str) -> Outage | None:
        """The outage of a path now, if any."""
        now_s = time.monotonic()
        suffered = (outage for prefix, outage in self.by_prefix.items() if path.startswith(prefix))
        return next((outage for outage in suffered if outage.until_s > now_s), None)


class Gate:
    """ASGI middleware: writes each request with its body to the journal, and passes it on unless there is an outage."""

    def __init__(self, app: ASGIApp, *, journal: Journal, outages: Outages) -> None:
        self._app = app
        self._journal = journal
        self._outages = outages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await whole_body(receive)
        self._note(scope, body)
        path = str(scope["path"])
        outage = None if path.startswith(CONTROL) else self._outages.at(path)
        if outage:
            await fail(outage, send)
        else:
            await self._app(scope, replayed(body, receive), send)

    def _note(self, scope: Scope, body: bytes) -> None:
        path, query = str(scope["path"]), scope["query_string"].decode("latin-1")
        if body or not path.startswith(LOOKED_AT):
            shown = f"{path}?{query}" if query else path
            self._journal.write("http", method=scope["method"], path=shown, body=body.decode("utf-8", "replace"))


async def whole_body(receive: Receive) -> bytes:
    """The body of a request."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, and then the later messages."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


async def fail(outage: Outage, send: Send) -> None:
    """Answer as in an outage; a system that hangs does not answer until the outage is over."""
    status = outage.status
    if status == "hang":
        await asyncio.sleep(max(0.0, outage.until_s - time.monotonic()))
        status = 503
    body = json.dumps({"detail": "out of order"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
