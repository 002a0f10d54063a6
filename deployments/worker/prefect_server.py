"""Runs a Prefect server with our settings, which tries again when SQLite is busy."""

import asyncio
import os
from http import HTTPStatus
from importlib.util import find_spec

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.worker.prefect_settings import REDIS
from storage.database import FOR_OTHERS
from storage.settings import WrongSettings

ATTEMPTS = 20
PAUSE_S = 0.02


class TryAgainWhenBusy:
    """Middleware that repeats a request which failed because another was writing to SQLite.

    Prefect undoes such a request and answers 503, and its client sends the same request again two seconds later: a
    case would wait as long. With PostgreSQL this does not happen.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; every answer but a 503 is sent at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        for left in reversed(range(ATTEMPTS)):
            if not await self._busy(dict(scope), body, receive, send, last=left == 0):
                return
            await asyncio.sleep(PAUSE_S)

    async def _busy(self, scope: Scope, body: bytes, receive: Receive, send: Send, *, last: bool) -> bool:
        """Whether the server was busy, and no answer was sent."""
        sent = busy = False

        async def once() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def pass_on(message: Message) -> None:
            nonlocal busy
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
                busy = not last
            if not busy:
                await send(message)

        try:
            await self.app(scope, once, pass_on)
        except Exception:
            # After it has answered 503, the server raises the error again.
            if not busy:
                raise
        return busy


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def serve() -> None:
    """Run the server, on the host and port that Prefect's own settings name."""
    if os.environ.get(REDIS) and find_spec("prefect_redis") is None:
        raise WrongSettings(f"{REDIS} is set, and prefect-redis is not installed: make install EXTRAS=redis")
    # Imported here, because these take two seconds.
    import uvicorn  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415
    from prefect.settings import get_current_settings  # noqa: PLC0415

    # Only the owner may read Prefect's SQLite file: it holds the cases' references.
    os.umask(FOR_OTHERS)
    chosen = get_current_settings().server
    app = TryAgainWhenBusy(create_app(final=True))
    uvicorn.run(app, host=chosen.api.host, port=chosen.api.port, log_level="warning")
