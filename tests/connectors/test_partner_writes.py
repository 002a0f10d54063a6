"""Writes to a partner, and the answers that acknowledge them."""

import asyncio

import httpx
import pytest

from connectors.http import PartnerHttp
from domain.errors import PartnerUnavailable
from tests.connectors.partner_answers import LOGIN_PAGE, TOKEN, TRUNCATED, Talking, partner


async def test_a_write_answered_by_nothing_at_all_is_not_acknowledged(talking: Talking) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        await writer.drain()

    port = await talking(hang_up)
    with pytest.raises(PartnerUnavailable, match="not the content type expected"):
        await PartnerHttp(f"http://127.0.0.1:{port}", token=TOKEN, timeout_s=5).write("/postings", {}, key="k")


async def test_a_write_carries_the_token_the_key_and_the_body_as_json() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"done": True})

    told = await partner(answer).write("/receipts/{flag_id}", {"reason": "prøve"}, key="key-1", flag_id="F/../1")
    assert told == {"done": True}
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert seen[0].headers["idempotency-key"] == "key-1"
    assert seen[0].url.raw_path == b"/api/receipts/F%2F..%2F1"
    assert seen[0].content == '{"reason":"prøve"}'.encode()


@pytest.mark.parametrize(
    "answer", [httpx.Response(204), httpx.Response(202, headers={"content-length": "0"}), httpx.Response(201, json={})]
)
async def test_a_write_is_acknowledged_by_an_empty_answer_or_an_object(answer: httpx.Response) -> None:
    assert await partner(answer).write("/postings", {}, key="k") == {}


@pytest.mark.parametrize("answer", [LOGIN_PAGE, TRUNCATED, httpx.Response(200, json=[])])
async def test_a_write_answered_with_something_else_is_not_acknowledged(answer: httpx.Response) -> None:
    with pytest.raises(PartnerUnavailable):
        await partner(answer).write("/postings", {}, key="k")
