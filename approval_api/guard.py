"""The headers of every response, and the page for a failure, which says nothing of its cause."""

from http import HTTPStatus
from pathlib import Path
from traceback import extract_tb

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from approval_api.forms import chosen_language
from domain.referrals.household import Language
from storage.database import DATABASE_IS_AWAY
from templates import page


def policy(*, form_action: str = "'self'") -> str:
    """The Content-Security-Policy: styles, fonts and images of our own, and forms only to `form_action`."""
    return (
        "default-src 'none'; object-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )


HEADERS = {
    "Content-Security-Policy": policy(),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}

INNERMOST_FRAMES = 20
# A database that is restarted is back within a minute.
RETRY_AFTER_S = 60

log = structlog.get_logger()


class Guard:
    """The outermost middleware: it adds the headers to every response, and answers when a route fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # there is nobody to answer
        except Exception as error:
            # An exception's text may hold data, and whoever has the address may answer: neither is logged.
            frames = reversed(extract_tb(error.__traceback__, limit=-INNERMOST_FRAMES))
            away = isinstance(error, DATABASE_IS_AWAY)
            where = " < ".join(f"{Path(frame.filename).stem}.{frame.name}:{frame.lineno}" for frame in frames)
            told = log.warning if away else log.error
            told("database_away" if away else "page_failed", error=type(error).__name__, where=where)
            if begun:
                raise
            await _failed(Request(scope), away=away)(scope, receive, send_with_headers)


def _failed(request: Request, *, away: bool) -> HTMLResponse:
    html = page("failed", chosen_language(request) or Language.DANISH)
    if away:
        return HTMLResponse(html, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_S)})
    return HTMLResponse(html, HTTPStatus.INTERNAL_SERVER_ERROR)
