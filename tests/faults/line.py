"""A proxy between the sync and a partner that drops, delays and cuts connections according to a plan."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

PIECE_BYTES = 4_096
A_MOMENT_S = 0.005


class Fault(StrEnum):
    """A fault of a connection."""

    NONE = "none"
    REFUSED = "refused"
    CUT = "cut"
    RESET = "reset"
    STALLED = "stalled"
    SLOW = "slow"


@dataclass
class Line:
    """Relays to a port. `plan` returns the next connection's fault, and after how many bytes of the answer it comes."""

    to_port: int
    plan: Callable[[], tuple[Fault, int]]
    port: int = 0
    seen: Counter[Fault] = field(default_factory=Counter)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        fault, after_bytes = self.plan()
        self.seen[fault] += 1
        try:
            if fault is not Fault.REFUSED:
                there, to = await asyncio.open_connection("127.0.0.1", self.to_port)
                asking = asyncio.create_task(_pass_on(reader, to))
                try:
                    await self._answer(there, writer, fault, after_bytes)
                finally:
                    asking.cancel()
                    to.close()
                    with suppress(ConnectionError):
                        await to.wait_closed()
        finally:
            if fault in (Fault.RESET, Fault.REFUSED):
                found: socket.socket = writer.get_extra_info("socket")
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault, after_bytes: int
    ) -> None:
        passed = 0
        while piece := await there.read(PIECE_BYTES):
            if fault in (Fault.CUT, Fault.RESET, Fault.STALLED) and passed + len(piece) > after_bytes:
                writer.write(piece[: max(0, after_bytes - passed)])
                with suppress(ConnectionError):
                    await writer.drain()
                if fault is Fault.STALLED:
                    await asyncio.sleep(30)  # Longer than any time limit.
                return
            if fault is Fault.SLOW:
                await asyncio.sleep(A_MOMENT_S)  # Late, but complete.
            passed += len(piece)
            writer.write(piece)
            await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE_BYTES):
        writer.write(piece)
        await writer.drain()


@asynccontextmanager
async def faulty_line(to_port: int, plan: Callable[[], tuple[Fault, int]]) -> AsyncIterator[Line]:
    """A line that is open while the block runs."""
    line, talking = Line(to_port, plan), set[asyncio.Task[None]]()

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await line.relay(reader, writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(asyncio.create_task(carried(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
