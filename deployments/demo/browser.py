"""How a browser sends requests, for the people of the demo and of the tests."""

import ssl
from functools import lru_cache
from typing import Any

import httpx

CONNECTED = "connection.connect_tcp.started"
NOTHING_CAME = "Server disconnected without sending a response."


class TriesAgain(httpx.HTTPTransport):
    """Sends a request again, forms too, when a kept-alive connection ends before an answer has come.

    The server may close an idle connection at the moment when a request is sent. Chromium does the same, for the
    same requests: `HttpNetworkTransaction::ShouldResendRequest`.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request until it is answered, or fails on a new connection."""
        is_new = False

        def trace(event: str, _facts: dict[str, Any]) -> None:
            nonlocal is_new
            is_new = is_new or event == CONNECTED

        request.extensions = {**request.extensions, "trace": trace}
        while True:
            try:
                return super().handle_request(request)
            except (httpx.ReadError, httpx.RemoteProtocolError) as error:
                # A malformed answer would be malformed on a new connection too.
                is_none = isinstance(error, httpx.RemoteProtocolError) and str(error) != NOTHING_CAME
                if is_new or is_none:
                    raise


def browser(*, transport: httpx.BaseTransport | None = None, **options: Any) -> httpx.Client:  # noqa: ANN401  # httpx.Client's
    """A client of httpx that sends requests as a browser does; it uses no proxy from the environment."""
    line = transport or TriesAgain(verify=_trusted_authorities())
    return httpx.Client(transport=line, timeout=30, trust_env=False, **options)


@lru_cache(maxsize=1)
def _trusted_authorities() -> ssl.SSLContext:
    """Who may vouch for a server; read once, because reading it takes 20 ms, and people open many browsers."""
    return httpx.create_ssl_context()
