"""Faults of the connection between a partner and us."""

import asyncio
import gzip
import socket
import struct

from tests.faults.bad_feeds import Form, Outcome, Talk, as_json, rows


async def answer(out: asyncio.StreamWriter, body: bytes, *, status: str = "200 OK", **headers: str) -> None:
    """A whole HTTP answer."""
    told = {"Content-Length": str(len(body)), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    out.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)
    await out.drain()


async def well(form: Form, out: asyncio.StreamWriter) -> None:
    """The correct feed, with higher rents."""
    await answer(out, form.write(rows(rent_monthly_ore=710_000)), Content_Type=form.media_type)


def always(status: str, body: bytes = b"{}", **headers: str) -> Talk:
    """The same answer to every request."""

    async def talk(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
        await answer(out, body, status=status, **{"Content_Type": form.media_type} | headers)

    return talk


def first(bad: Talk) -> Talk:
    """The bad answer to the first request, and the correct feed afterwards."""

    async def talk(form: Form, nth: int, out: asyncio.StreamWriter) -> None:
        await (bad(form, nth, out) if nth == 1 else well(form, out))

    return talk


def reset(out: asyncio.StreamWriter) -> None:
    """Reset the connection, which is an error to the other side."""
    found: socket.socket = out.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    out.transport.abort()


async def begun(form: Form, out: asyncio.StreamWriter, *, length: int | None = None) -> bytes:
    """Send the first half of a feed; returns the second half."""
    body = form.write(rows(rent_monthly_ore=710_000))
    out.write(
        f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nContent-Length: {length or len(body)}\r\n\r\n".encode()
    )
    out.write(body[: len(body) // 2])
    await out.drain()
    return body[len(body) // 2 :]


async def reset_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)
    await asyncio.sleep(0.01)  # The first half must be sent before the connection is cut.
    reset(out)


async def ended_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)


async def silent_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)
    await asyncio.sleep(30)  # Longer than any time limit.


async def longer_than_announced(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    rest = await begun(form, out, length=200)
    out.write(rest)
    await out.drain()


async def cut_between_chunks(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    body = form.write(rows())[:300]
    out.write(f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    out.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
    await out.drain()


async def drips(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 3000:
        out.write(bytes([sign]))
        await out.drain()
        await asyncio.sleep(0.01)  # As slow as a slowloris attack.


async def never_ends(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    out.write(f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    body = form.write(rows())
    while True:
        out.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        await out.drain()
        await asyncio.sleep(0)  # Other tasks run meanwhile.


async def hangs_up(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    reset(out)


async def speaks_something_else(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    out.write(b"220 mail.example ESMTP\r\n")
    await out.drain()


async def bomb(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    packed = gzip.compress(b" " * 30_000_000)
    await answer(out, packed, Content_Type=form.media_type, Content_Encoding="gzip")


async def without_a_length(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await answer(out, form.write(rows())[:-40], Content_Type=form.media_type, Content_Length="")


LOGIN = b"<!doctype html><html><body><form>Log ind</form></body></html>"
ON_THE_LINE: dict[str, tuple[Talk, Outcome]] = {
    "a login page": (always("200 OK", LOGIN, Content_Type="text/html; charset=utf-8"), Outcome.REFUSED),
    "a redirect to another host": (always("302 Found", Location="http://evil.invalid/"), Outcome.REFUSED),
    "a redirect that keeps the method": (always("307 Temporary Redirect", Location="/elsewhere"), Outcome.REFUSED),
    "unauthorised": (always("401 Unauthorized"), Outcome.REFUSED),
    "forbidden": (always("403 Forbidden"), Outcome.REFUSED),
    "not found": (always("404 Not Found"), Outcome.REFUSED),
    "gone": (always("410 Gone"), Outcome.REFUSED),
    "a failure each time": (always("500 Internal Server Error"), Outcome.REFUSED),
    "a failure at first": (first(always("502 Bad Gateway")), Outcome.APPLIED),
    "busy at first": (first(always("503 Service Unavailable", Retry_After="0")), Outcome.APPLIED),
    "too many at first": (first(always("429 Too Many Requests", Retry_After="0")), Outcome.APPLIED),
    "a wait that is no number": (first(always("503 Service Unavailable", Retry_After="snart")), Outcome.APPLIED),
    "a wait of thirty years": (always("503 Service Unavailable", Retry_After="999999999"), Outcome.REFUSED),
    "nothing": (always("204 No Content", b""), Outcome.REFUSED),
    "a part": (always("206 Partial Content", as_json(rows()[:3])), Outcome.REFUSED),
    "unchanged, though nobody asked": (always("304 Not Modified", b""), Outcome.REFUSED),
    "a connection reset in the middle": (reset_in_the_middle, Outcome.REFUSED),
    "a connection reset in the middle at first": (first(reset_in_the_middle), Outcome.APPLIED),
    "an end in the middle": (ended_in_the_middle, Outcome.REFUSED),
    "an end in the middle at first": (first(ended_in_the_middle), Outcome.APPLIED),
    "silence in the middle": (silent_in_the_middle, Outcome.REFUSED),
    "silence in the middle at first": (first(silent_in_the_middle), Outcome.APPLIED),
    "more than was announced": (longer_than_announced, Outcome.REFUSED),
    "chunks that stop": (cut_between_chunks, Outcome.REFUSED),
    "a slow loris": (drips, Outcome.REFUSED),
    "a body that never ends": (never_ends, Outcome.REFUSED),
    "hanging up": (hangs_up, Outcome.REFUSED),
    "hanging up at first": (first(hangs_up), Outcome.APPLIED),
    "another protocol": (speaks_something_else, Outcome.REFUSED),
    "a gzip bomb that nobody asked for": (bomb, Outcome.REFUSED),
    "no length, and cut short": (without_a_length, Outcome.REFUSED),
}
