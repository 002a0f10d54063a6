"""An OpenID provider on a real port, whose answers and speed a test chooses."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from authlib.jose import JsonWebKey, JsonWebToken

from deployments.demo.world import SUBSTANTIAL
from tests.world.logging_in import SECRET, Hand

METADATA, AUTHORIZE, TOKEN, KEYS = "/.well-known/openid-configuration", "/authorize", "/token", "/keys"


@lru_cache
def key(name: str):
    return JsonWebKey.generate_key("RSA", 2048, options={"kid": name}, is_private=True)


class OwnProvider:
    """`metadata` is the provider's configuration, `claims` are its tokens' claims, `answers` has whole bodies by path.

    A path in `leads_on` is answered with a redirect. Paths in `drips` send a byte now and then until `let_go` is set.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.metadata: dict[str, object] = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + AUTHORIZE,
            "token_endpoint": self.issuer + TOKEN,
            "jwks_uri": self.issuer + KEYS,
        }
        self.claims: dict[str, object] = {}
        self.nonce = ""
        self.answers: dict[str, object] = {}
        self.leads_on: dict[str, str] = {}
        self.drips: set[str] = set()
        self.let_go = Event()
        self.asked: list[str] = []
        self.signs_with = "first"
        self.given: dict[str, str | None] = {}

    def body(self, path: str) -> object:
        """The body of a path's answer."""
        if path in self.answers:
            return self.answers[path]
        if path == METADATA:
            return self.metadata
        if path == KEYS:
            return {"keys": [key(self.signs_with).as_dict(is_private=False)]}
        return {"id_token": self.id_token(), "access_token": "x", "token_type": "Bearer"} if path == TOKEN else {}

    def id_token(self) -> str:
        """A signed ID token."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": "tilflytterstyring", "sub": "sub-anvisning-1", "acr": SUBSTANTIAL}
        usual |= {"iat": now, "exp": now + 300, "auth_time": now, "nonce": self.nonce}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not ...}
        header = {"alg": "RS256", "kid": self.signs_with}
        return JsonWebToken(["RS256"]).encode(header, claims, key(self.signs_with), check=False).decode()


def _speaking_for(found: list[OwnProvider]) -> type[BaseHTTPRequestHandler]:
    class Speaking(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one, path = found[0], urlsplit(self.path).path
            sent = self.rfile.read(int(self.headers.get("content-length", 0)))
            one.asked.append(path)
            if path == TOKEN:
                one.given = {"authorization": self.headers.get("authorization"), **dict(parse_qsl(sent.decode()))}
            if path in one.leads_on:
                self.send_response(302)
                self.send_header("Location", one.leads_on[path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            said = one.body(path)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            if path in one.drips:
                self.end_headers()
                self._drip(one)
                return
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # the base class's name

        def _drip(self, one: OwnProvider) -> None:
            with suppress(OSError):
                while not one.let_go.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Speaking


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, *_: object) -> None:
        """Ignore errors, because the client may have closed the connection."""


@contextmanager
def own_provider() -> Iterator[OwnProvider]:
    """Run a provider that the test controls."""
    found: list[OwnProvider] = []
    os.environ[SECRET] = "secret"
    with Server(("127.0.0.1", 0), _speaking_for(found)) as server:
        found.append(OwnProvider(server.server_address[1]))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found[0]
        finally:
            found[0].let_go.set()
            server.shutdown()
            thread.join()


def sent_off(hand: Hand, where: str) -> dict[str, str]:
    """Press the button of a login page; returns the parameters with which the browser came to the provider."""
    there = hand.go(where, form={})
    assert urlsplit(str(there.url)).path == AUTHORIZE, there.text
    return dict(parse_qsl(urlsplit(str(there.url)).query))


def come_back(hand: Hand, asked: dict[str, str], *, to: str = "", **more: str) -> httpx.Response:
    """Come back from a provider with a code, to the address that was asked for or to another one."""
    where = to or asked["redirect_uri"]
    return hand.go(f"{where}?{urlencode({'code': 'c', 'state': asked['state']} | more)}")
