"""Stand-ins for each test, and one valid flag. All persons are invented."""

import asyncio
import copy
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from connectors.http import PartnerHttp
from deployments.standins.server import LOOPBACK, Doors, in_a_thread
from deployments.standins.world import Sent, StandInAssociation, StandInWorld
from tests.connectors.sent import FLAG, TOKENS, VACANCIES, Talk


@pytest.fixture
def flag() -> Sent:
    """A valid flag."""
    return copy.deepcopy(FLAG)


@pytest.fixture
def vacancies() -> list[Sent]:
    """More vacancies than fit on two pages."""
    return copy.deepcopy(VACANCIES)


@pytest.fixture
def world(flag: Sent, vacancies: list[Sent]) -> StandInWorld:
    """One of each kind of partner system."""
    return StandInWorld(
        case_systems={"0461": [flag]},
        associations={
            "solsikken": StandInAssociation("json", vacancies),
            "havblik": StandInAssociation("csv", vacancies),
            "skovbrynet": StandInAssociation("xml", vacancies),
        },
        finance=["0461", "0751"],
        handover=["0461"],
        tokens=TOKENS,
    )


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The path of the stand-ins' journal."""
    return tmp_path / "journal.jsonl"


@pytest.fixture
def standins(world: StandInWorld, journal: Path) -> Iterator[Doors]:
    """The stand-ins on free ports."""
    with in_a_thread(world, journal) as doors:
        yield doors


@pytest.fixture
def at(standins: Doors) -> Callable[..., PartnerHttp]:
    """HTTP to the stand-in of a party, with that party's token unless another is given."""

    def reached(path: str, party: str, *, token: str = "", timeout_s: float = 5.0) -> PartnerHttp:
        return PartnerHttp(standins.url + path, token=token or TOKENS[party], timeout_s=timeout_s)

    return reached


@pytest.fixture
async def client(standins: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client for the stand-ins' own interface, which the platform does not use."""
    async with httpx.AsyncClient(base_url=standins.url, trust_env=False) as client:
        yield client


@pytest.fixture
async def talking() -> AsyncIterator[Callable[[Talk], Awaitable[int]]]:
    """Starts servers that answer as a test chooses, and returns their ports; they end with the test."""
    servers: list[asyncio.Server] = []
    conversations: set[asyncio.Task[None]] = set()

    async def begin(talk: Talk) -> int:
        async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            conversations.add(asyncio.create_task(conversation(reader, writer)))

        servers.append(await asyncio.start_server(accept, LOOPBACK, 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield begin
    for server in servers:
        server.close()
    for conversation in conversations:
        conversation.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)


@pytest.fixture
def nobodys_port() -> Iterator[int]:
    """A port on which nobody listens; it is bound, so that no other test can take it."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        yield int(taken.getsockname()[1])
