"""nginx with our configuration before the real endpoint: it passes on the visitor's address, and logs no link."""

import base64
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from approval_api.limits import counted_as, key_of
from connectors.http import trusted_authorities
from deployments.demo.browser import TriesAgain, browser
from deployments.doctor import entrance as doctor_entrance
from deployments.doctor.entrance import proxies
from deployments.processes import LOOPBACK, free_port
from domain.questions.question import QuestionKind
from storage.limits import Tally
from tests.world.served import Asked, a_yes, ask, opened, send, serving, settings_of, words
from tests.world.servers.certificates import Authority

ROOT = Path(__file__).parents[3]
CONF = ROOT / "deployments" / "nginx" / "tilflyt.conf"
# Links that are whole, and as mail programs mangle them: no part of one may be logged.
MANGLED = (
    "/q/{}",
    "/q/{}/",
    "/q%2F{}",
    "/q/%20{}",
    "//q/{}",
    "/Q/{}",
    "/{}",
    "/q?x={}",
    "/q/{}?lang=en",
    "/q.{}",
    "/q/../{}",
)
ELSEWHERE = "127.0.0.2"
# Our own name, which the certificate has, and a stranger's name whose address leads to our server.
NAME, STRANGERS = "localhost", "evil.example"


def nginx_here() -> str | None:
    """The path of nginx: installed, or unpacked by `make proxy`."""
    unpacked = ROOT / "var" / "nginx" / "usr" / "sbin" / "nginx"
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or (
        str(unpacked) if unpacked.exists() else None
    )


@dataclass
class Proxy:
    """nginx before an endpoint: its addresses and its logs."""

    folder: Path
    https: str
    http: str

    def browsing(self, address: str = LOOPBACK) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        return browser(base_url=self.https, transport=TriesAgain(verify=trusted, local_address=address))

    @property
    def written(self) -> str:
        files = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".pem")
        return "\n".join(path.read_text(errors="replace") for path in files)

    @property
    def lines(self) -> list[str]:
        return (self.folder / "tilflyt.log").read_text().splitlines()


@contextmanager
def nginx_before(origin: str, folder: Path, conf: str, *, tls: int | None = None) -> Iterator[Proxy]:
    """nginx with our configuration, in which only ports, files and the endpoint are changed."""
    if (nginx := nginx_here()) is None:
        pytest.skip("no nginx: run `make proxy`; the configuration was only read")
    folder.mkdir()
    Authority(folder).vouch_for(NAME)
    tls, plain = tls or free_port(), free_port()
    conf = re.sub(r"listen \[::\].*;", "", conf)
    for ours, here in (
        ("listen 80", f"listen {LOOPBACK}:{plain}"), ("listen 443 ssl", f"listen {LOOPBACK}:{tls} ssl"),
        ("desk.example.dk", NAME),
        ("127.0.0.1:8400", origin.removeprefix("http://")), ("/etc/ssl/tilflyt/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
    ):  # fmt: skip  # a text of the configuration and its replacement
        assert ours in conf
        conf = conf.replace(ours, here)
    (folder / "tilflyt.conf").write_text(conf)
    held = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; master_process off; pid {folder}/pid; error_log {folder}/start.log error; events {{}}"
        f" http {{ access_log {folder}/others.log; {held} include {folder}/tilflyt.conf; }}"
    )
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            listens(process, tls, folder)
            yield Proxy(folder, f"https://{NAME}:{tls}", f"http://{NAME}:{plain}")
        finally:
            process.send_signal(signal.SIGTERM)


def listens(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    while True:
        assert process.poll() is None, (folder / "start.log").read_text()
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.01)  # polled: nginx does not signal when it listens


@pytest.fixture
def proxy(sqlite_world, tmp_path: Path) -> Iterator[Proxy]:
    """nginx with our configuration before the endpoint, whose public address is nginx's."""
    tls = free_port()
    with (
        serving(sqlite_world, public_url=f"https://{NAME}:{tls}") as origin,
        nginx_before(origin, tmp_path / "nginx", CONF.read_text(), tls=tls) as found,
    ):
        yield found


@pytest.fixture
def token(sqlite_world) -> str:
    return ask(sqlite_world, Asked(QuestionKind.SIGN_OFF)).removeprefix("/q/")


def test_a_link_that_is_opened_answered_mangled_or_held_back_is_in_no_log(proxy: Proxy, token: str):
    link = f"/q/{token}"
    told = {"Referer": f"{proxy.https}{link}", "User-Agent": token, "Cookie": f"sitting={token}"}
    with proxy.browsing() as http:
        answer = send(http, link, a_yes(http, link), before=opened(http, link))
        assert answer.status_code == HTTPStatus.SEE_OTHER, words(answer)
        for way in MANGLED:
            http.get(way.format(token), headers=told)
        # The requests that nginx itself answers: too large ones, plain HTTP, and addresses that are not public.
        assert http.post(link, content=b"x" * 5_000_000).status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert http.get(f"{link}?{'x' * 20_000}", headers=told).status_code == HTTPStatus.REQUEST_URI_TOO_LONG
        assert httpx.get(f"{proxy.http}{link}", trust_env=False).headers["location"].startswith("https://")
        assert http.get("/metrics").status_code == http.get("/readyz").status_code == HTTPStatus.NOT_FOUND
        hsts = http.get("/livez").headers.get_list("strict-transport-security")
        assert hsts == ["max-age=31536000; includeSubDomains"], "once, and by the endpoint"
        # More requests at once than a person makes.
        assert HTTPStatus.TOO_MANY_REQUESTS in [http.get(link, headers=told).status_code for _ in range(120)]
    assert token not in proxy.written
    assert token[:12] not in proxy.written
    seen = [line.split()[2:5] for line in proxy.lines]
    assert ["POST", "/q", "303"] in seen
    assert ["GET", "/livez", "200"] in seen
    assert ["GET", "(other)", "404"] in seen


def test_whoever_says_another_name_than_ours_is_answered_nothing_and_sent_nowhere(proxy: Proxy, token: str):
    link = f"/q/{token}"
    redirect = httpx.get(f"{proxy.http}{link}", trust_env=False)
    assert (redirect.status_code, redirect.headers["location"]) == (301, f"https://{NAME}{link}")
    for name in (STRANGERS, f"{STRANGERS}:443", "127.0.0.1", f"{NAME}.{STRANGERS}"):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{proxy.http}{link}", headers={"Host": name}, trust_env=False)
        # The TLS handshake is for our own name.
        with proxy.browsing() as http, pytest.raises(httpx.RemoteProtocolError):
            http.get(link, headers={"Host": name})
    for name in (STRANGERS, None):
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            handshake(proxy, name)
    assert handshake(proxy, NAME) in ("TLSv1.2", "TLSv1.3")
    assert token not in proxy.written
    assert ["GET", "/q", "444"] in [line.split()[2:5] for line in proxy.lines]


def handshake(proxy: Proxy, name: str | None) -> str | None:
    """Begin TLS with nginx for a name, without checking the certificate; returns the TLS version."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    at = (LOOPBACK, int(proxy.https.rpartition(":")[2]))
    with socket.create_connection(at, timeout=5) as line, anybody.wrap_socket(line, server_hostname=name) as spoken:
        return spoken.version()


def test_while_the_endpoint_is_away_the_visitor_reads_why_and_no_link_is_logged(
    sqlite_world, token: str, tmp_path: Path
):
    nobody = f"http://{LOOPBACK}:{free_port()}"
    with nginx_before(nobody, tmp_path / "nginx", CONF.read_text()) as proxy, proxy.browsing() as http:
        answer = http.get(f"/q/{token}")
    assert (answer.status_code, answer.headers["retry-after"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "60")
    assert "Linket i brevet virker stadig." in answer.text
    assert token not in proxy.written
    assert "upstream=502" in proxy.lines[0]


def test_the_usual_error_log_would_hold_the_link(token: str, tmp_path: Path):
    """Shows why the configuration turns this log off, and that the test above can fail."""
    usual = CONF.read_text().replace("tilflyt-error.log emerg", "tilflyt-error.log error")
    with nginx_before(f"http://{LOOPBACK}:{free_port()}", tmp_path / "nginx", usual) as proxy, proxy.browsing() as http:
        http.get(f"/q/{token}")
    assert token in proxy.written


def test_the_visitor_is_counted_by_their_own_address_whatever_they_say(proxy: Proxy, sqlite_world):
    with proxy.browsing(ELSEWHERE) as http:
        http.get("/q/guess", headers={"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"})
    counted = {row.key: row.count for row in sqlite_world.rows(select(Tally))}
    assert counted == {key_of("link", counted_as(ELSEWHERE)): 1}


def test_the_doctor_is_content_with_it(proxy: Proxy, sqlite_world, monkeypatch: pytest.MonkeyPatch):
    keys = {f"{name}_key": base64.b64encode(bytes(32)).decode() for name in ("link", "pseudonym", "vault")}
    # The certificate is this test's own; another test may have loaded the machine's authorities.
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.folder / "authority.pem"))
    monkeypatch.setattr(doctor_entrance, "trusted_authorities", trusted_authorities.__wrapped__)
    settings = settings_of(sqlite_world, world="production", public_url=proxy.https, **keys)
    assert proxies(settings).startswith("a forged X-Forwarded-For is not believed")


def test_no_line_of_the_log_can_hold_an_address_a_referrer_or_a_name():
    """The configuration's text is checked, for a machine without nginx."""
    conf = CONF.read_text()
    named = set(re.findall(r"\$\{?(\w+)", re.search(r"log_format tilflyt ([^;]+);", conf)[1]))
    assert named == {
        "remote_addr", "time_iso8601", "request_method", "tilflyt_word", "status", "body_bytes_sent", "request_time",
        "upstream_status",
    }  # fmt: skip
    assert re.findall(r"error_log \S+ (\w+);", conf) == ["emerg"] * conf.count("server {\n")
    assert len(re.findall(r"access_log \S+ tilflyt;", conf)) == conf.count("server {\n")
    pattern = re.compile(re.search(r'"~(\^[^"]+)" \$word', conf)[1].replace("?<", "?P<"))
    token = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    for way in MANGLED:
        found = pattern.match(way.format(token))
        assert found is None or found["word"] == "/q", way
