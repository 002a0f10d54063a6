"""A server on a port of loopback, in a thread of its own, for the duration of a test."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn


class Endpoint(uvicorn.Server):
    """uvicorn that ends as soon as it is told to: by default it looks for that every 100 ms, and waits as long again.

    A thousand tests would wait so long. Until the end it serves and closes connections as uvicorn does.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop, self.ending = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Do uvicorn's regular work as often as it does, and end at once when told to."""
        looks = 0
        while not await self.on_tick(looks):
            looks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections, wait for the requests that are being answered, and close the sockets."""
        for one in (*self.servers, *(sockets or ())):
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()

    def end(self) -> None:
        """End the server, from another thread."""
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
            time.sleep(0.005)  # polled: uvicorn only sets a flag when it listens
        yield
    finally:
        if thread.is_alive():
            server.end()
        thread.join()
