"""A token endpoint that gives access tokens for client credentials, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SECRET = "hemmeligt-paa-loopback"
WANTED = {
    "grant_type": ["client_credentials"],
    "client_id": ["platformen"],
    "client_secret": [SECRET],
    "scope": ["https://outlook.office365.com/.default"],
}


@dataclass
class Endpoint:
    """The endpoint's answers; `given` are the tokens that it gave, each a different one."""

    lasts_s: object = 3600
    status: int = 200
    body: bytes | None = None
    given: list[str] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors, because clients may close the connection."""


@contextmanager
def token_endpoint(endpoint: Endpoint) -> Iterator[str]:
    """Run the endpoint; yields its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if endpoint.hangs:
                endpoint.silent.wait(10)
            status, body = endpoint.status, endpoint.body
            if status == 200 and asked != WANTED:
                status, body = 401, b'{"error": "invalid_client", "error_description": "hvem er du?"}'
            if body is None:
                endpoint.given.append(f"token-{len(endpoint.given) + 1}")
                body = json.dumps({"access_token": endpoint.given[-1], "expires_in": endpoint.lasts_s}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with _Server(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/oauth2/v2.0/token"
        finally:
            endpoint.silent.set()
            server.shutdown()
            thread.join()
