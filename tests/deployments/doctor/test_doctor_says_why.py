"""The doctor's words for a connection that does not answer are the same for every kind of connection."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from approval_api.login import provider_calls
from connectors import http
from connectors.mail import imap as mailbox
from deployments.processes import free_port
from domain import silence
from domain.parties.party import Connection, Login
from storage.parties.partners import partners, remember_partner
from tests.world.commands import CommandLine
from tests.world.servers.certificates import Authority
from tests.world.world import World

PARTY = "municipality:0461"


def until_tls(line: socket.socket, *, mail: bool) -> None:
    """Talk SMTP until its encryption begins (RFC 3207)."""
    if mail:
        line.sendall(b"220 ready\r\n")
        line.recv(1000)
        line.sendall(b"250-localhost\r\n250 STARTTLS\r\n")
        line.recv(1000)
        line.sendall(b"220 go on\r\n")


@contextmanager
def server(context: ssl.SSLContext | None, *, mail: bool = False) -> Iterator[int]:
    """A server that shows its certificate, or without one answers TLS unencrypted; its port."""

    def talk() -> None:
        with suppress(OSError):
            while True:
                with listener.accept()[0] as line, suppress(OSError):  # the client closes the connection
                    line.settimeout(5)
                    until_tls(line, mail=mail)
                    if context is None:
                        line.recv(4000)
                        line.sendall(b"* BYE in the clear\r\n")
                        line.recv(4000)
                    else:
                        context.wrap_socket(line, server_side=True).recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """A certificate authority that is trusted during the test."""
    found = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.trusted))
    kept = {http: "trusted_authorities", mailbox: "_trusted", provider_calls: "_trusted_authorities"}
    for module, reads in kept.items():
        monkeypatch.setattr(module, reads, getattr(module, reads).__wrapped__)
    return found


@pytest.fixture
def said(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> Callable[..., dict[str, str]]:
    tilflyt = CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)

    def doctor(host: str, web: int, mail: int, scheme: str = "https") -> dict[str, str]:
        """The doctor's words for each connection, all to one host."""
        monkeypatch.setenv("SECRET_0461", "token-0461")
        told = {"IMAP_HOST": host, "IMAP_PORT": web, "SMTP_HOST": host, "SMTP_PORT": mail, "SMTP_STARTTLS": "true"}
        for name, value in (told | {"IMAP_USERNAME": "a", "IMAP_PASSWORD": "b", "PARTNER_TIMEOUT_S": 2}).items():
            monkeypatch.setenv(f"TILFLYT_{name}", str(value))
        url = f"{scheme}://{host}:{web}"
        with sqlite_world.platform.database.writing() as session:
            for at in partners(session):
                here = at.party == PARTY
                systems = {"finance": Connection("json-finance", f"{url}/finance", "SECRET_0461")} if here else {}
                login = Login(url, "klient", "SECRET_0461", acr=("x",)) if here else None
                remember_partner(session, replace(at, systems=systems, login=login), now=sqlite_world.clock.now())
        found = {one["check"]: one for one in json.loads(tilflyt("doctor", "--json", code=1))}
        names = ("smtp", "imap", f"{PARTY} login", f"{PARTY} finance")
        assert not any(found[name]["well"] for name in names)
        return {name: found[name]["seen"] for name in names}

    return doctor


def as_told(why: str) -> dict[str, str]:
    return {
        "smtp": f"smtp: {why}",
        "imap": f"imap: {why}",
        f"{PARTY} login": why,
        f"{PARTY} finance": f"GET /: {why}",
    }


@pytest.mark.parametrize(
    ("host", "lasts", "why"),
    [
        ("localhost", timedelta(hours=-1), silence.EXPIRED),
        ("elsewhere.invalid", timedelta(hours=1), silence.ANOTHER_NAME),
    ],
)
def test_a_certificate_that_is_over_or_anothers(authority: Authority, said, host: str, lasts: timedelta, why: str):
    context = authority.server(host, lasts=lasts)
    with server(context) as web, server(context, mail=True) as mail:
        assert said("localhost", web, mail) == as_told(why)


def test_a_certificate_that_nobody_here_trusts(said, tmp_path: Path):
    context = Authority(tmp_path).server()
    with server(context) as web, server(context, mail=True) as mail:
        assert said("localhost", web, mail) == as_told(silence.UNTRUSTED)


def test_a_port_at_which_nobody_speaks_tls(said):
    with server(None) as web, server(None, mail=True) as mail:
        found = said("localhost", web, mail)
    assert {why.partition(": ")[2] or why for why in found.values()} == {f"{silence.NO_TLS} (WRONG_VERSION_NUMBER)"}


def test_a_port_at_which_nobody_listens(said):
    assert said("127.0.0.1", free_port(), free_port()) == as_told(silence.REFUSED)


def test_a_name_that_nobody_has(said):
    assert said("nobody.invalid", 443, 25) == as_told(silence.NO_NAME)


def test_one_that_takes_the_connection_and_says_nothing(said, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deployments.doctor.connections.CALLS_A_CHECK", 30)
    with ExitStack() as stack:
        web, mail = (stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(2))
        assert said("127.0.0.1", web, mail, "http") == as_told(silence.TIMED_OUT)
