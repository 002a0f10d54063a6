"""The doctor reports when Prefect's API needs no login."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.worker import prefect_login
from deployments.worker.prefect_login import own_addresses, prefect_api


class Open(BaseHTTPRequestHandler):
    """Answers as a Prefect server without login does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'"3.8.8"')

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def listening(address: str) -> Iterator[int]:
    with ThreadingHTTPServer((address, 0), Open) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_without_login_on_this_machine_alone_is_well_and_said(host: str):
    with listening("127.0.0.1") as port, temporary_settings({PREFECT_API_URL: f"http://{host}:{port}/api"}):
        assert prefect_api() == "server 3.8.8 answers, without login, but on this machine alone"


def test_without_login_where_others_reach_it_is_not_well(monkeypatch: pytest.MonkeyPatch):
    """A server that listens on all addresses; 127.0.0.2 plays this machine's address on the network."""
    monkeypatch.setattr(prefect_login, "own_addresses", lambda: ["127.0.0.2"])
    refused = pytest.raises(LookupError, match=r"without login at 127\.0\.0\.2:\d+: set PREFECT_SERVER_API_AUTH_STRING")
    everywhere = "0.0.0.0"  # noqa: S104  # which is what is found
    with listening(everywhere) as port, temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api"}), refused:
        prefect_api()


def test_without_login_at_an_address_that_is_not_loopback_is_not_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prefect_login, "_is_loopback", lambda _: False)
    refused = pytest.raises(LookupError, match=r"without login at 127\.0\.0\.1")
    with listening("127.0.0.1") as port, temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api"}), refused:
        prefect_api()


def test_a_server_that_does_not_answer_is_named():
    with listening("127.0.0.1") as port:
        api = f"http://127.0.0.1:{port}/api"
    with temporary_settings({PREFECT_API_URL: api}), pytest.raises(LookupError) as told:
        prefect_api()
    assert str(told.value) == f"{api} does not answer (the connection was refused): does the Prefect server run?"


def test_no_address_of_this_machines_networks_is_loopback():
    assert not any(address.startswith("127.") for address in own_addresses())
