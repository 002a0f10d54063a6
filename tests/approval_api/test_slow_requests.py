"""A request that comes a byte at a time, or an answer that nobody reads, keeps a connection open only for a while."""

import socket
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http import HTTPStatus
from itertools import cycle
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil
import pytest

from deployments.processes import Processes, free_port
from domain.questions.question import QuestionKind
from templates import DESIGN, DESIGN_VERSION
from tests.world.logging_in import RECEIPT
from tests.world.served import Asked, a_yes, ask, browsing, everything, heading, question_of, send, serving

SOON_S = 0.6
# Longer than any test.
FOR_EVER_S = 600
MOST = 10
PUSH = "/api/v1/vacancies"
FORM = "application/x-www-form-urlencoded"


def reaching(origin, keeps=None):
    """A connection; the kernel buffers about so many bytes that are not read."""
    at = urlsplit(origin)
    line = socket.socket()
    if keeps:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, keeps)
    line.settimeout(60)
    line.connect((at.hostname, at.port))
    return line


@contextmanager
def dripping(line, first, rest=b"a"):
    """Send the beginning at once, and then a byte now and then until the other side closes the connection."""
    enough = Event()

    def drip():
        with suppress(OSError):
            line.sendall(first)
            for byte in cycle(rest):
                if enough.wait(0.05):
                    return
                line.sendall(bytes([byte]))

    thread = Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def all_that_comes(line):
    """Everything that the other side sends until it closes the connection."""
    said = b""
    with suppress(ConnectionError):
        while came := line.recv(65_536):
            said += came
    return said


def head(method, path, *headers):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: desk", *headers, "", ""]).encode()


def of_a_form(path, *more):
    return head("POST", path, f"Content-Type: {FORM}", "Content-Length: 9000", *more)


@pytest.fixture
def impatient(sqlite_world):
    """An endpoint with a short time limit for requests; the path of an open question."""
    with serving(sqlite_world, request_within_s=SOON_S) as origin:
        yield origin, ask(sqlite_world, Asked(QuestionKind.APPROVAL))


@pytest.mark.parametrize("first", [b"G", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: desk\r\nX-Long: "])
def test_a_head_that_drips_is_ended(impatient, first):
    with closing(reaching(impatient[0])) as line, dripping(line, first):
        said = all_that_comes(line)

    assert said.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"\r\nConnection: close\r\n" in said
    assert b"content-security-policy: default-src 'none'" in said


def test_who_comes_and_says_nothing_is_hung_up_on(impatient):
    with closing(reaching(impatient[0])) as line:
        assert all_that_comes(line) == b""


@pytest.mark.parametrize("path", ["{question}", "{question}/consent", "/drift/feeds/havblik", "/drift/attention/1"])
def test_a_form_that_drips_is_ended_and_records_nothing(sqlite_world, impatient, path):
    origin, question = impatient
    before = everything(sqlite_world)
    sent = of_a_form(path.format(question=question))
    with closing(reaching(origin)) as line, dripping(line, sent, b"answer=yes&"):
        said = all_that_comes(line)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert everything(sqlite_world) == before
    assert question_of(sqlite_world, question).answer is None


def test_vacancies_that_drip_are_ended(sqlite_world, impatient, monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", "token-of-havblik")
    asked = ("Authorization: Bearer token-of-havblik", "Content-Type: application/json", "Idempotency-Key: k")
    for length, rest in (("Content-Length: 3000000", b"{"), ("Transfer-Encoding: chunked", b"1\r\n{\r\n")):
        sent = head("POST", PUSH, *asked, length)
        with closing(reaching(impatient[0])) as line, dripping(line, sent, rest):
            assert all_that_comes(line).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", ["/logout", "/mine/login", "{question}/login", "/nothing", "/static/desk.css", PUSH])
def test_a_body_that_nobody_reads_holds_the_connection_no_longer(impatient, path):
    """The answer is sent before the body is complete; the rest of the body has a time limit too."""
    origin, question = impatient
    with closing(reaching(origin)) as line, dripping(line, of_a_form(path.format(question=question))):
        said = all_that_comes(line)

    assert said.startswith(b"HTTP/1.1 ")
    assert not said.startswith(b"HTTP/1.1 5")


def test_who_sends_in_time_is_answered_however_long_they_stay(sqlite_world):
    within_s = 1.5
    with serving(sqlite_world, request_within_s=within_s) as origin, closing(reaching(origin)) as line:
        begun = time.monotonic()
        while time.monotonic() < begun + 1.5 * within_s:
            for part in (b"GET /livez HTTP/1.1\r\nHost: ", b"desk\r\n", b"\r\n"):
                time.sleep(within_s / 20)  # a slow connection, but within the limit
                line.sendall(part)
            said = b""
            while not said.endswith(b"ok"):
                said += line.recv(65_536)
            assert said.startswith(b"HTTP/1.1 200 ")
        question = ask(sqlite_world, Asked(QuestionKind.APPROVAL))
        with browsing(origin) as http:
            sent = send(http, question, a_yes(http, question))
            assert heading(http.get(sent.headers["location"])) == RECEIPT


def test_what_comes_behind_a_slow_request_is_not_taken_for_it(impatient):
    """Two requests at once on one connection: each has its own time limit."""
    whole = head("GET", "/livez")
    with closing(reaching(impatient[0])) as line, dripping(line, whole + whole[:20]):
        said = all_that_comes(line)
    assert said.count(b"HTTP/1.1 200 ") == 1
    assert said.count(b"HTTP/1.1 408 ") == 1


@pytest.mark.parametrize("first", [b"", b"GET /livez HTTP/1.1\r\n", of_a_form("/q/" + "x" * 43), of_a_form("/logout")])
def test_so_many_and_no_more_requests_are_unfinished_and_everybody_else_is_answered(sqlite_world, first):
    few = {"request_within_s": FOR_EVER_S, "unfinished_requests_at_most": MOST}
    with serving(sqlite_world, **few) as origin, ExitStack() as all_of_them:
        lines = []
        for _ in range(4 * MOST):
            lines.append(all_of_them.enter_context(closing(reaching(origin))))
            lines[-1].sendall(first)
        with browsing(origin) as http:
            assert [http.get("/livez").status_code for _ in range(5)] == [HTTPStatus.OK] * 5
        # The oldest connections have been closed, before their time was over.
        for line in lines[: 3 * MOST]:
            all_that_comes(line)
        still = [line for line in lines if not _hung_up(line)]
        assert still
        assert len(still) <= MOST


def _hung_up(line):
    line.settimeout(0.05)
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def _is_held(line):
    """Whether the endpoint, which runs in this process, still has the other end of a connection open."""
    (_, ours), (_, theirs) = line.getsockname(), line.getpeername()
    held = psutil.Process().net_connections("tcp4")
    return any(one.raddr and (one.laddr.port, one.raddr.port) == (theirs, ours) for one in held)


def test_an_answer_that_nobody_reads_holds_the_connection_no_longer(impatient):
    largest = max((DESIGN / "css").glob("*.css"), key=lambda file: file.stat().st_size)
    asked = head("GET", f"/design/{DESIGN_VERSION}/css/{largest.name}")
    whole = 100 * largest.stat().st_size
    assert whole > 20_000_000, "more than the kernel keeps"
    with closing(reaching(impatient[0], keeps=65_536)) as line:
        line.sendall(asked * 100)
        while not _is_held(line):
            time.sleep(0.001)  # polled: that the connection is accepted shows only in the process's list
        while _is_held(line):
            time.sleep(0.02)  # polled: the kernel goes on sending what it has, so the closing shows only in the list
        assert len(all_that_comes(line)) < whole


def test_the_real_command_limits_slow_requests(sqlite_world, tmp_path):
    port = free_port()
    ours = {
        "TILFLYT_DATABASE_URL": sqlite_world.platform.database.engine.url.render_as_string(hide_password=False),
        "TILFLYT_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TILFLYT_SERVE_PORT": str(port),
        "TILFLYT_REQUEST_WITHIN_S": str(SOON_S),
    }
    with Processes(tmp_path / "logs", ours) as processes:
        processes.start("serve", "-m", "deployments.cli.main", "serve")
        processes.wait_for("serve", f"http://127.0.0.1:{port}/livez")
        with closing(reaching(f"http://127.0.0.1:{port}")) as line, dripping(line, b"GET /livez HTTP/1.1\r\nX: "):
            assert all_that_comes(line).startswith(b"HTTP/1.1 408 ")
    assert "Traceback" not in (tmp_path / "logs" / "serve.log").read_text()
