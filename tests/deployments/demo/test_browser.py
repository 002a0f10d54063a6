"""The people's browser sends a request again when the server closes a kept-alive connection without an answer."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from deployments.demo.browser import browser

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def hangs_up(line: socket.socket) -> None:
    """Close the connection."""
    line.shutdown(socket.SHUT_RDWR)


def resets(line: socket.socket) -> None:
    """Reset the connection."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def talks_nonsense(line: socket.socket) -> None:
    line.sendall(b"HTTP?\r\n\r\n")


def a_request(line: socket.socket) -> bytes:
    """One whole request; empty when the client closed the connection."""
    heard = b""
    while b"\r\n\r\n" not in heard or (heard.startswith(b"POST") and not heard.endswith(b"a=1")):
        if not (more := line.recv(65_536)):
            return b""
        heard += more
    return heard


@contextmanager
def served(ends: Callable[[socket.socket], None], *, answers: int) -> Iterator[tuple[str, list[bytes]]]:
    """A server that ends each connection after some answers; its address, and the requests that it got."""
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            line, _ = listening.accept()
            with closing(line):
                for left in range(answers, -1, -1):
                    if not (request := a_request(line)):
                        break
                    if request.startswith(b"GET /end"):
                        return
                    heard.append(request.partition(b" HTTP")[0])
                    if left:
                        line.sendall(ANSWER)
                    else:
                        ends(line)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield address, heard
        finally:
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(f"{address}/end", trust_env=False)
            thread.join()


@pytest.mark.parametrize("ends", [hangs_up, resets])
def test_a_page_and_a_form_are_sent_again_when_a_kept_connection_ends_unanswered(ends):
    with served(ends, answers=1) as (address, heard), browser(base_url=address) as http:
        assert http.get("/first").text == "ok"
        assert http.get("/page").text == "ok"
        assert http.post("/form", data={"a": "1"}).text == "ok"
    assert heard == [b"GET /first", b"GET /page", b"GET /page", b"POST /form", b"POST /form"]


@pytest.mark.parametrize("ends", [hangs_up, resets])
def test_who_hangs_up_on_a_new_connection_is_not_asked_again(ends):
    either = (httpx.RemoteProtocolError, httpx.ReadError)
    with served(ends, answers=0) as (address, heard), browser(base_url=address) as http, pytest.raises(either):
        http.post("/form", data={"a": "1"})
    assert heard == [b"POST /form"]


def test_an_answer_that_is_none_is_an_answer():
    with served(talks_nonsense, answers=1) as (address, heard), browser(base_url=address) as http:
        http.get("/first")
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/form", data={"a": "1"})
    assert heard == [b"GET /first", b"POST /form"]
