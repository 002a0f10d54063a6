"""A visitor is counted by the address that our own proxy saw, whatever address the visitor claims."""

import base64
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from sqlmodel import select

from approval_api.limits import counted_as, key_of
from deployments.doctor.doctor import findings
from storage.limits import Tally
from tests.world.served import browsing, serving, settings_of

FEW = {"failed_links_at_most": 3}


def counted(world, address):
    found = world.rows(select(Tally.count).where(Tally.key == key_of("link", counted_as(address))))
    return found[0] if found else 0


@pytest.mark.parametrize(
    ("trusted", "said", "address"),
    [
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["x, , 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("127.0.0.1,10.0.0.0/24", ["203.0.113.9, 198.51.100.7, 10.0.0.3"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 10.0.0.3"], "10.0.0.3"),
        ("127.0.0.1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::1"),
        ("127.0.0.1", ["[2001:db8:1:2:3:4:5:6]:443"], "2001:db8:1:2::1"),
        ("127.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["<script>"], "nobody"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("10.0.0.9", ["198.51.100.7"], "127.0.0.1"),
        ("10.0.0.9", ["10.0.0.9"], "127.0.0.1"),
    ],
)
def test_of_what_proxies_say_the_rightmost_that_is_no_proxy_of_ours_counts(sqlite_world, trusted, said, address):
    with serving(sqlite_world, trusted_proxies=trusted) as origin, browsing(origin) as http:
        http.get("/q/guess", headers=[("X-Forwarded-For", one) for one in said])

    assert counted(sqlite_world, address) == 1
    assert len(sqlite_world.rows(select(Tally))) == 1


def passing_on(target, way):
    class Passing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visitor, said = "198.51.100.7", self.headers.get("X-Forwarded-For")
            told = {"overwrites": visitor, "appends": f"{said}, {visitor}" if said else visitor}.get(way, said)
            answer = httpx.get(target + self.path, headers={"X-Forwarded-For": told} if told else {}, trust_env=False)
            self.send_response(418 if way == "answers itself" else answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Passing


@contextmanager
def proxy(target, way):
    """A proxy before the desk, to which every visitor comes from the same address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), passing_on(target, way)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("way", ["overwrites", "appends"])
def test_who_guesses_links_waits_under_whatever_address_they_claim(sqlite_world, way):
    with serving(sqlite_world, **FEW) as origin, proxy(origin, way) as outside, browsing(outside) as http:
        seen = [http.get("/q/guess", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(5)]

    assert seen == [HTTPStatus.NOT_FOUND] * 3 + [HTTPStatus.TOO_MANY_REQUESTS] * 2


def test_who_has_a_whole_ipv6_network_waits_as_one_visitor(sqlite_world):
    with serving(sqlite_world, **FEW) as origin, browsing(origin) as http:
        seen = [http.get("/q/guess", headers={"X-Forwarded-For": f"2001:db8::{n}:1"}).status_code for n in range(1, 6)]
        other = http.get("/q/guess", headers={"X-Forwarded-For": "2001:db8:0:1::1"}).status_code

    assert seen == [HTTPStatus.NOT_FOUND] * 3 + [HTTPStatus.TOO_MANY_REQUESTS] * 2
    assert other == HTTPStatus.NOT_FOUND


def finding(world, outside, **changes):
    """The doctor's finding about the proxies."""
    keys = {f"{name}_key": base64.b64encode(os.urandom(32)).decode() for name in ("link", "pseudonym", "vault")}
    chosen = {"public_url": outside, "world": "production", "smtp_port": 9} | keys
    return next(one for one in findings(settings_of(world, **chosen | changes)) if one.check == "proxies")


@pytest.mark.parametrize(
    ("way", "well", "seen"),
    [
        ("overwrites", True, "not believed"),
        ("appends", True, "not believed"),
        ("passes on", False, "have the proxy overwrite it"),
        ("answers itself", False, "answers 418 before us: not tried"),
    ],
)
def test_doctor_tries_whether_a_visitor_can_choose_their_address(sqlite_world, way, well, seen):
    with serving(sqlite_world) as origin, proxy(origin, way) as outside:
        # The world's clock is set to the machine's, which the doctor uses.
        sqlite_world.clock.at = datetime.now(UTC)
        found = finding(sqlite_world, outside)

    assert (found.well, seen in found.seen) == (well, True), found.seen


def test_doctor_says_when_it_could_not_try(sqlite_world):
    found = finding(sqlite_world, "http://127.0.0.1:9")
    assert (found.well, "does not answer from here" in found.seen) == (False, True)


@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "127.0.0.1, 2001:db8::/32", "192.168.0.0/23"])
def test_doctor_says_that_a_wide_network_is_trusted(sqlite_world, trusted):
    found = finding(sqlite_world, "http://127.0.0.1:9", trusted_proxies=trusted)
    assert (found.well, "is a wide network" in found.seen) == (False, True)
