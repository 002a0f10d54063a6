"""Letters over SMTP, and the meaning of a mail server's refusals."""

import asyncio
import secrets
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from connectors.mail.smtp import SmtpMailer
from deployments.standins.server import Doors
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.text.mail_address import as_sent_to
from tests.connectors.mail.letter import FAMILY, letter

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Talking = Callable[[Talk], Awaitable[int]]
Saying = Callable[..., Awaitable[SmtpMailer]]
CALM = ("220 hi", "250 hello", "250 ok", "250 ok", "354 go on", "250 ok")


def mailer(doors: Doors) -> SmtpMailer:
    """A mailer to the stand-in mail server."""
    return SmtpMailer(doors.host, doors.smtp_port, starttls=False, timeout_s=5)


async def received(client: httpx.AsyncClient, after: int = 0) -> list[dict[str, Any]]:
    """The letters in the inbox."""
    letters: list[dict[str, Any]] = (await client.get("/inbox/messages", params={"after": after})).json()
    return letters


def everything_said(error: BaseException) -> str:
    """Everything that a log could show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__)


@pytest.fixture
def saying(talking: Talking) -> Saying:
    """Mail servers that answer each command with the next line, and then close the connection."""

    async def begin(*lines: str) -> SmtpMailer:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for number, line in enumerate(lines, start=1):
                writer.write(line.encode() + b"\r\n")
                if number < len(lines):
                    await reader.readuntil(b"\r\n.\r\n" if line.startswith("354") else b"\r\n")
            await writer.drain()

        return SmtpMailer("127.0.0.1", await talking(talk), starttls=False, timeout_s=5)

    return begin


async def send_one(mailer: SmtpMailer) -> None:
    """Send one letter in a session of its own."""
    async with mailer.session() as session:
        await session.send(letter())


async def test_letters_arrive_in_order_with_their_headers_and_both_forms(
    standins: Doors, client: httpx.AsyncClient
) -> None:
    async with mailer(standins).session() as session:
        await session.send(letter())
        await session.send(letter(subject="Nummer to"))
    first, second = await received(client)
    assert (first["n"], first["to"], first["subject"]) == (1, FAMILY, "Et spørgsmål om en bolig")
    assert "Kære familie" in str(first["text"])
    assert "<p>Kære familie</p>" in str(first["html"])
    assert first["headers"]["Message-ID"] == "<1.1@example.test>"
    assert (second["n"], second["subject"]) == (2, "Nummer to")
    assert await received(client, after=1) == [second]


async def test_a_refused_address_is_told_by_its_code_alone_and_the_session_goes_on(
    standins: Doors, client: httpx.AsyncClient
) -> None:
    assert (await client.post("/_control/refuse-address", json={"address": FAMILY.upper()})).is_success
    async with mailer(standins).session() as session:
        with pytest.raises(PartnerRefused) as caught:
            await session.send(letter())
        await session.send(letter("anden@example.test"))
    assert str(caught.value) == "550"
    assert FAMILY not in everything_said(caught.value)
    assert [found["to"] for found in await received(client)] == ["anden@example.test"]


async def test_a_mail_server_out_of_order_is_unavailable(standins: Doors, client: httpx.AsyncClient) -> None:
    assert (await client.post("/_control/outage", json={"prefix": "/smtp", "seconds": 60})).is_success
    with pytest.raises(PartnerUnavailable, match="smtp: 451") as caught:
        await send_one(mailer(standins))
    assert FAMILY not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("lines", "kind", "why"),
    [
        ((*CALM[:2], "550 sender"), PartnerRefused, "550"),
        ((*CALM[:3], f"553 no {FAMILY}"), PartnerRefused, "553"),
        ((*CALM[:3], f"452 later, {FAMILY}"), PartnerUnavailable, "smtp: 452"),
        ((*CALM[:4], "554 no data"), PartnerRefused, "554"),
        ((*CALM[:5], "554 looks like spam"), PartnerRefused, "554"),
        ((*CALM[:5], "451 try later"), PartnerUnavailable, "smtp: 451"),
        ((*CALM[:3],), PartnerUnavailable, "smtp: the connection was broken off"),
        (("554 go away",), PartnerUnavailable, "smtp: SMTPConnectResponseError 554"),
        (("220 hi", "550 no ehlo", "550 no helo"), PartnerUnavailable, "smtp: SMTPHeloError 550"),
        ((), PartnerUnavailable, "smtp: the connection was broken off"),
    ],
)
async def test_a_no_for_good_is_a_refusal_and_every_other_trouble_is_not(
    saying: Saying, lines: tuple[str, ...], kind: type[Exception], why: str
) -> None:
    server = await saying(*lines)
    with pytest.raises(kind) as caught:
        await send_one(server)
    assert str(caught.value) == why
    assert FAMILY not in everything_said(caught.value)


async def test_a_letter_handed_over_is_sent_even_if_the_server_hangs_up_at_once(saying: Saying) -> None:
    await send_one(await saying(*CALM))


async def test_a_mail_server_that_is_not_there_is_unavailable(nobodys_port: int) -> None:
    with pytest.raises(PartnerUnavailable, match="smtp: the connection was refused"):
        await send_one(SmtpMailer("127.0.0.1", nobodys_port, starttls=False, timeout_s=5))


async def test_a_mail_server_that_says_nothing_is_left_in_time(talking: Talking) -> None:
    async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    port = await talking(say_nothing)
    with pytest.raises(PartnerUnavailable, match="smtp: it timed out"):
        await send_one(SmtpMailer("127.0.0.1", port, starttls=False, timeout_s=0.2))


async def test_without_the_encryption_asked_for_nothing_is_sent(standins: Doors, client: httpx.AsyncClient) -> None:
    with pytest.raises(PartnerUnavailable):
        await send_one(SmtpMailer(standins.host, standins.smtp_port, starttls=True, timeout_s=5))
    assert await received(client) == []


async def test_a_login_that_fails_refuses_no_letter(standins: Doors) -> None:
    word = secrets.token_hex()
    wrong = SmtpMailer(standins.host, standins.smtp_port, "svar", word, starttls=False, timeout_s=5)
    with pytest.raises(PartnerUnavailable) as caught:
        await send_one(wrong)
    assert word not in everything_said(caught.value) + repr(wrong)


@pytest.mark.parametrize("address", ["prøve@example.test"])
async def test_an_address_the_server_cannot_write_to_is_refused(saying: Saying, address: str) -> None:
    async with (await saying("220 hi", "250 hello", "221 bye")).session() as session:
        with pytest.raises(PartnerRefused, match="not an address") as caught:
            await session.send(letter(address))
    assert address not in everything_said(caught.value)


async def test_what_goes_wrong_between_two_letters_is_not_hidden(standins: Doors) -> None:
    async def fail() -> None:
        async with mailer(standins).session() as session:
            await session.send(letter())
            raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        await fail()


async def test_an_address_with_the_letters_of_its_language_is_written_to(
    standins: Doors, client: httpx.AsyncClient
) -> None:
    before = len(await received(client))
    async with mailer(standins).session() as session:
        await session.send(letter(to=as_sent_to("søren@bøgely.example")))
        await session.send(letter(to=as_sent_to("soren@bøgely.example")))
    assert len(await received(client)) == before + 2


async def test_a_server_that_does_not_know_such_letters_refuses_the_name_and_takes_the_domain(saying: Saying) -> None:
    async with (await saying(*CALM)).session() as session:
        with pytest.raises(PartnerRefused, match="not an address"):
            await session.send(letter(to=as_sent_to("søren@bøgely.example")))
    async with (await saying(*CALM)).session() as session:
        await session.send(letter(to=as_sent_to("soren@bøgely.example")))
