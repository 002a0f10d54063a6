"""How we log in at a mail server: with a password, or with an access token (XOAUTH2) where passwords are refused."""

import asyncio
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from connectors.http import NOT_NOW, http_url, trusted_authorities
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.silence import why_silent

LARGEST_ANSWER_BYTES = 65_536
# A token is not used in its last minute; a token that names no lifetime is kept for five minutes.
SPARE_S, USUAL_S, LONGEST_S = 60.0, 300.0, 86_400.0
TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
CODE = re.compile(r"[a-z_]{1,64}")


@dataclass(slots=True)
class ClientCredentials:
    """An access token by OAuth 2.0 client credentials (RFC 6749 § 4.4), kept until shortly before it expires.

    `timeout_s` is for the whole call. `PartnerRefused`, with the endpoint's code, when it gives us no token.
    """

    url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str
    timeout_s: float
    _token: str | None = field(default=None, repr=False)
    _until: float = 0.0

    async def token(self) -> str:
        """A token that may be used now."""
        if self._token is None or time.monotonic() >= self._until:
            self._token, lasts_s = await self._asked_for()
            self._until = time.monotonic() + max(0.0, lasts_s - SPARE_S)
        return self._token

    def forget(self) -> None:
        """Ask for a new token next time: the mail server refused this one."""
        self._token = None

    async def _asked_for(self) -> tuple[str, float]:
        status, body = await self._answer()
        said = _object_in(body)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in NOT_NOW:
            raise PartnerUnavailable(f"oauth: {status}")
        if status != HTTPStatus.OK:
            code = said.get("error")
            told = f" {code}" if isinstance(code, str) and CODE.fullmatch(code) else ""
            raise PartnerRefused(f"oauth: {status}{told}")
        token, lasts_s = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise PartnerUnavailable("oauth: no token in the answer")
        # Some endpoints send the number as text.
        with suppress(ValueError, TypeError):
            return token, min(LONGEST_S, float(lasts_s))  # type: ignore[arg-type]  # that is what is tried
        return token, USUAL_S

    async def _answer(self) -> tuple[int, bytes]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "scope": self.scope,
        }
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        request = httpx.Request("POST", http_url(self.url), data=form, headers=headers)
        request.extensions["timeout"] = httpx.Timeout(self.timeout_s).as_dict()
        try:
            # A transport and not a client: we want no redirects, no cookies and nothing from the environment.
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False) as line,
            ):
                answer = await line.handle_async_request(request)
                try:
                    return answer.status_code, await _body(answer)
                finally:
                    await answer.aclose()
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            silence = why_silent(error)
        raise PartnerUnavailable(f"oauth: {silence}")


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise PartnerUnavailable("oauth: answer too large")
    return bytes(body)


def _object_in(body: bytes) -> dict[str, object]:
    with suppress(ValueError, RecursionError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}
