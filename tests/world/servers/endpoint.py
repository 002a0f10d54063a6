"""A server on a port of loopback in a thread of its own, for as long as a test needs it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn


class Endpoint(uvicorn.Server):
    """uvicorn that ends when it is told to: by itself it looks for that every 100 ms, and waits as long again.

    A thousand tests would wait with it. What it serves until then, and how it hangs up, is its own.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop, self.ending = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Look as often as it does, and end at once."""
        looks = 0
        while not await self.on_tick(looks):
            looks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up, wait for what is being answered, and close."""
        for one in (*self.servers, *(sockets or ())):
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  # they ring no bell
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()

    def end(self) -> None:
        """From another thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self.ending.set)


def loopback() -> socket.socket:
    """A free port, bound; without IPPROTO_TCP uvicorn leaves Nagle's delay on."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound


@contextmanager
def answering(config: uvicorn.Config, listening: socket.socket) -> Iterator[None]:
    """The server, answering."""
    server = Endpoint(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the endpoint ended at once"
            time.sleep(0.005)  # uvicorn tells by this flag alone that it listens
        yield
    finally:
        if thread.is_alive():
            server.end()
        thread.join()
