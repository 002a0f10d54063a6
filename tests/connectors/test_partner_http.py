"""The meaning of a partner's answer, and of every way in which a call can fail."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from connectors.http import LARGEST_BODY_BYTES, PartnerHttp
from connectors.http_answers import CHUNK_BYTES
from connectors.retry_after import asked_wait_s
from domain.errors import Invalid, PartnerRefused, PartnerUnavailable
from tests.connectors.partner_answers import LOGIN_PAGE, SAID_BY_PARTNER, TOKEN, TRUNCATED, Handler, Talking, partner

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

NOT_TEXT = httpx.Response(200, content=b"\xff\xfe\xfa", headers={"content-type": "application/json"})
NESTED = httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"})
UNTYPED = httpx.Response(200, content=b"{}")
COMPRESSED = httpx.Response(200, json={}, headers={"content-encoding": "br"})
EMPTY_UNTYPED = httpx.Response(200)


def failing(error: Exception) -> Handler:
    """A transport that raises this error."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


def everything_said(error: BaseException) -> str:
    """Everything that a log could show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(error.__dict__) + repr(error.__context__)


async def read_json(http: PartnerHttp) -> object:
    """Read the way a connector does."""
    return (await http.read("/flags")).json()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (failing(httpx.ConnectError(f"no route for {SAID_BY_PARTNER}")), "GET /flags: ConnectError"),
        (failing(httpx.ConnectTimeout(SAID_BY_PARTNER)), "GET /flags: it timed out"),
        (failing(httpx.ReadTimeout(SAID_BY_PARTNER)), "GET /flags: it timed out"),
        (failing(httpx.RemoteProtocolError(SAID_BY_PARTNER)), "GET /flags: RemoteProtocolError"),
        (httpx.Response(500, text=SAID_BY_PARTNER), "GET /flags: 500"),
        (httpx.Response(503, text=SAID_BY_PARTNER), "GET /flags: 503"),
        (httpx.Response(429, text=SAID_BY_PARTNER), "GET /flags: 429"),
        (httpx.Response(408, text=SAID_BY_PARTNER), "GET /flags: 408"),
        (LOGIN_PAGE, "GET /flags: not the content type expected"),
        (UNTYPED, "GET /flags: not the content type expected"),
        (EMPTY_UNTYPED, "GET /flags: not the content type expected"),
        (TRUNCATED, "GET /flags: not JSON"),
        (NOT_TEXT, "GET /flags: not JSON"),
        (NESTED, "GET /flags: not JSON"),
    ],
)
async def test_silence_and_garbage_mean_try_again(answer: Handler | httpx.Response, why: str) -> None:
    with pytest.raises(PartnerUnavailable) as caught:
        await read_json(partner(answer))
    assert str(caught.value) == why
    assert caught.value.retry_after_s is None
    assert SAID_BY_PARTNER not in everything_said(caught.value)
    assert TOKEN not in everything_said(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 410, 422])
async def test_every_other_no_means_that_a_person_must_look(status: int) -> None:
    answer = httpx.Response(status, text=SAID_BY_PARTNER, headers={"location": "https://elsewhere.test/"})
    with pytest.raises(PartnerRefused) as caught:
        await read_json(partner(answer))
    assert str(caught.value) == f"GET /flags: {status}"
    assert SAID_BY_PARTNER not in everything_said(caught.value)


async def test_a_redirect_is_not_followed_with_the_token() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.test/"})

    with pytest.raises(PartnerRefused):
        await partner(answer).write("/postings", {}, key="k")
    assert asked == ["partner.test"]


@pytest.mark.parametrize(
    ("headers", "asked_s"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 GMT", "date": "Mon, 02 Mar 2026 11:59:30 GMT"}, 60.0),
        ({"retry-after": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Monday, 02-Mar-26 12:00:30 GMT"}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": "Mon, 99 Mar 2026 12:00:30 GMT"}, None),
        ({}, None),
    ],
)
def test_a_partner_may_ask_for_time_in_seconds_or_until_a_date(headers: dict[str, str], asked_s: float | None) -> None:
    assert asked_wait_s(httpx.Headers(headers), now=NOON) == asked_s


@pytest.mark.parametrize("asked", ["90", "Mon, 02 Mar 2026 12:01:30 GMT"])
@pytest.mark.parametrize("status", [429, 503])
async def test_the_time_asked_for_is_handed_on(status: int, asked: str) -> None:
    answer = httpx.Response(status, headers={"retry-after": asked, "date": "Mon, 02 Mar 2026 12:00:00 GMT"})
    with pytest.raises(PartnerUnavailable) as caught:
        await read_json(partner(answer))
    assert caught.value.retry_after_s == 90.0


async def test_a_body_that_does_not_end_is_cut_off() -> None:
    megabytes: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(1000):
            megabytes.append(number)
            yield b" " * 1_000_000

    with pytest.raises(PartnerUnavailable, match="body too large"):
        await read_json(partner(lambda _: httpx.Response(200, content=endless())))
    assert len(megabytes) == LARGEST_BODY_BYTES // 1_000_000 + 1


async def test_a_compressed_body_is_not_unpacked() -> None:
    with pytest.raises(PartnerUnavailable, match="compressed unasked"):
        await read_json(partner(COMPRESSED))


async def test_a_partner_that_drips_is_left_after_the_time_for_the_whole_call(talking: Talking) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.05)  # well within the limit of one read: only the limit of the whole is reached

    port = await talking(drip)
    with pytest.raises(PartnerUnavailable, match="GET /flags: it timed out"):
        await PartnerHttp(f"http://127.0.0.1:{port}", token=TOKEN, timeout_s=0.5).read("/flags")


async def test_a_partner_that_is_not_there_is_unavailable(nobodys_port: int) -> None:
    with pytest.raises(PartnerUnavailable, match="GET /flags: the connection was refused"):
        await PartnerHttp(f"http://127.0.0.1:{nobodys_port}", token=TOKEN, timeout_s=5).read("/flags")


async def test_a_body_shorter_than_announced_is_garbage(talking: Talking) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 100\r\n\r\nhalf")
        await writer.drain()

    port = await talking(break_off)
    with pytest.raises(PartnerUnavailable, match="GET /: RemoteProtocolError"):
        await PartnerHttp(f"http://127.0.0.1:{port}", token=TOKEN, timeout_s=5).read()


async def test_an_error_names_the_template_of_a_path_and_not_what_stands_in_it() -> None:
    with pytest.raises(PartnerRefused) as caught:
        await partner(httpx.Response(404)).write(
            "/receipts/{flag_id}", {"name": SAID_BY_PARTNER}, key="k-9", flag_id="F-77"
        )
    assert str(caught.value) == "POST /receipts/{flag_id}: 404"
    said = everything_said(caught.value)
    assert all(hidden not in said for hidden in ("F-77", "k-9", SAID_BY_PARTNER, "partner.test", TOKEN))


@pytest.mark.parametrize(
    "url", ["", "partner.test", "ftp://partner.test", "https://", "http://x:port", "https://a:b@x"]
)
def test_a_url_must_be_one_we_can_call(url: str) -> None:
    with pytest.raises(Invalid, match="url: not_http"):
        PartnerHttp(url, token=TOKEN, timeout_s=5)


@pytest.mark.parametrize("broken", ["", "to ken", "tøken", "token\n"])
def test_a_token_must_fit_in_a_header(broken: str) -> None:
    with pytest.raises(Invalid, match="token: not_a_bearer_token"):
        PartnerHttp("https://partner.test", token=broken, timeout_s=5)


async def test_a_body_that_comes_a_byte_at_a_time_is_not_read_a_byte_at_a_time() -> None:
    """A parser that reads its unfinished text again and again would take ever longer."""
    whole = b"<!--" * 50_000

    async def dripping() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 16):
            yield whole[at : at + 16]

    async with partner(httpx.Response(200, content=dripping())).stream() as answer:
        chunks = [chunk async for chunk in answer.chunks(len(whole))]
    assert b"".join(chunks) == whole
    assert len(chunks) == -(-len(whole) // CHUNK_BYTES)
