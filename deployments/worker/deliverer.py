"""`python -m deployments.worker.deliverer`: tells what waits in the outbox, in a process of its own beside the worker.

Writing letters takes as much of a processor as moving referrals does; apart, neither waits for the other. The
worker starts this process and holds its standard input open: when that ends, however the worker ended, so do we.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, cast

import structlog

from deployments.one_sentence import in_one_sentence
from deployments.worker.patience import Patience
from storage.settings import Settings, load_settings
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.platform import Platform, current

# Looking ten times a second all night is for those who wait for a click; the worker rings when one has come.
LOOKS_LEFT_OUT_WHEN_QUIET = 5
AWAKE_FOR_S = 1.0
LOOKS_AFTER_IT_EVERY_S = 0.5
# A thread that holds the database's write lock must not wait 5 ms, as is Python's way, for one that computes.
THREADS_TAKE_TURNS_EVERY_S = 0.0005
DELIVERER = "deployments.worker.deliverer"
log = structlog.get_logger()


class Deliverer:
    """Looks which lanes hold something to tell, and delivers each in a task of its own until it is told to stop."""

    def __init__(self, platform: Platform, settings: Settings) -> None:
        self.platform = platform
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._rung = threading.Event()
        self._awake_until = 0.0

    def ring(self) -> None:
        """Something is about to be put in the outbox: look at once, and often for a while."""
        self._rung.set()

    async def work(self) -> None:
        """Look and deliver; told to stop, finish what is in hand. No ring need be heard: it looks by itself too."""
        patience = Patience()
        while not self.stopping.is_set():
            lanes: list[str] = []
            async with patience.with_database():
                lanes = await asyncio.to_thread(due_lanes, self.platform)
            self.deliver(lanes)
            awake = bool(lanes) or time.monotonic() < self._awake_until
            looks = 1 if awake else LOOKS_LEFT_OUT_WHEN_QUIET
            if await asyncio.to_thread(self._rung.wait, self.settings.look_every_ms / 1000 * looks):
                self._rung.clear()
                self._awake_until = time.monotonic() + AWAKE_FOR_S
        await asyncio.gather(*self._lanes.values())

    def deliver(self, lanes: list[str]) -> None:
        """Each destination by itself, so that one that hangs delays nobody else."""
        for lane in lanes:
            running = self._lanes.get(lane)
            if running is None or running.done():
                self._lanes[lane] = asyncio.create_task(self._deliver(lane))

    async def _deliver(self, lane: str) -> None:
        try:
            await deliver_lane(self.platform, lane, worker=self.name, stop=self.stopping.is_set)
        except Exception as error:  # the next look tries again; the rows still wait
            log.warning("delivery broke off", lane=lane, error=type(error).__name__)


@contextmanager
def delivering(stopping: threading.Event, module: str = DELIVERER) -> Iterator[Callable[[], None]]:
    """Keep a deliverer at work until `stopping` is set; then wait until it has finished what it has in hand.

    What is yielded rings for it, and may be called from any thread.
    """
    inputs: list[IO[bytes]] = []

    def ring() -> None:
        # One that has just ended hears nothing, and the next one looks by itself.
        with suppress(OSError, ValueError, IndexError):
            os.write(inputs[-1].fileno(), b"\n")

    def keep() -> None:
        while not stopping.is_set():
            with subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE) as process:  # noqa: S603  # our own program
                inputs[:] = [cast("IO[bytes]", process.stdin)]
                # Rings that nobody hears fill the pipe, and must not stop the worker.
                os.set_blocking(inputs[-1].fileno(), False)
                while process.poll() is None and not stopping.wait(LOOKS_AFTER_IT_EVERY_S):
                    pass
            # One that ends at once, for a setting that is wrong, must not be started without end and pause.
            if not stopping.wait(LOOKS_AFTER_IT_EVERY_S):
                log.warning("the deliverer ended and is started again", code=process.returncode)

    thread = threading.Thread(target=keep, name="deliverer")
    thread.start()
    try:
        yield ring
    finally:
        thread.join()


def main() -> None:
    """Deliver until standard input ends."""
    # Ctrl-C reaches the whole process group; the worker alone decides when we end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.setswitchinterval(THREADS_TAKE_TURNS_EVERY_S)
    deliverer = Deliverer(current(), load_settings())

    def wait_for_the_worker_to_end() -> None:
        while os.read(sys.stdin.fileno(), 64):
            deliverer.ring()
        deliverer.stopping.set()

    threading.Thread(target=wait_for_the_worker_to_end, name="worker-ends", daemon=True).start()
    asyncio.run(deliverer.work())


if __name__ == "__main__":
    with in_one_sentence():
        main()
