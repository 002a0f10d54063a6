"""Partners over HTTP with chosen answers."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

import httpx

from connectors.http import PartnerHttp

TOKEN = secrets.token_urlsafe(16)
SAID_BY_PARTNER = "Prøve Opdigtsen"

Handler = Callable[[httpx.Request], httpx.Response]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Talking = Callable[[Talk], Awaitable[int]]

LOGIN_PAGE = httpx.Response(200, html=f"<html>Log ind, {SAID_BY_PARTNER}</html>")
TRUNCATED = httpx.Response(200, content=b'{"flags": ["Pr', headers={"content-type": "application/json"})


def partner(handler: Handler | httpx.Response, timeout_s: float = 5.0) -> PartnerHttp:
    """A partner that answers with a function's result, or always the same."""
    answers = (lambda _: handler) if isinstance(handler, httpx.Response) else handler
    transport = httpx.MockTransport(answers)
    return PartnerHttp("https://partner.test/api", token=TOKEN, timeout_s=timeout_s, transport=transport)
