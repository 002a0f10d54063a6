"""`python -m deployments.worker.deliverer`: delivers what waits in the outbox, in a process of its own.

Writing letters takes as much processor time as moving referrals; in two processes, neither waits for the other. The
worker starts this process and holds its standard input open. When that input ends, because the worker has ended in
whatever way, this process ends too. A byte on it is a ring: something is about to be put in the outbox.
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

# When nothing waits, the pause between two looks is this many times as long; a ring from the worker ends it.
LOOKS_LEFT_OUT_WHEN_QUIET = 5
AWAKE_FOR_S = 1.0
LOOKS_AFTER_IT_EVERY_S = 0.5
# By default a Python thread that wants to run waits 5 ms for one that computes. The thread that holds the database's
# write lock must not wait so long.
THREADS_TAKE_TURNS_EVERY_S = 0.0005
DELIVERER = "deployments.worker.deliverer"
log = structlog.get_logger()


class Deliverer:
    """Finds the lanes with something to deliver, and delivers each in a task of its own, until it is told to stop."""

    def __init__(self, platform: Platform, settings: Settings) -> None:
        self.platform = platform
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._rung = threading.Event()
        self._awake_until = 0.0

    def ring(self) -> None:
        """Have the outbox looked at now, and often for a while, because something is about to be put in it."""
        self._rung.set()

    async def work(self) -> None:
        """Look and deliver; when told to stop, finish first what was begun. A lost ring only delays the next look."""
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
        """Deliver each lane in a task of its own, so that a destination that hangs delays no other."""
        for lane in lanes:
            running = self._lanes.get(lane)
            if running is None or running.done():
                self._lanes[lane] = asyncio.create_task(self._deliver(lane))

    async def _deliver(self, lane: str) -> None:
        try:
            await deliver_lane(self.platform, lane, worker=self.name, stop=self.stopping.is_set)
        except Exception as error:  # the rows still wait, and the next look tries again
            log.warning("delivery broke off", lane=lane, error=type(error).__name__)


@contextmanager
def delivering(stopping: threading.Event, module: str = DELIVERER) -> Iterator[Callable[[], None]]:
    """Keep a deliverer running until `stopping` is set; then wait until it has finished what it has begun.

    Yields the function that rings, which may be called from any thread.
    """
    inputs: list[IO[bytes]] = []

    def ring() -> None:
        # When the deliverer has just ended, the ring is lost; the next deliverer looks at its start.
        with suppress(OSError, ValueError, IndexError):
            os.write(inputs[-1].fileno(), b"\n")

    def keep() -> None:
        while not stopping.is_set():
            with subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE) as process:  # noqa: S603  # our own program
                inputs[:] = [cast("IO[bytes]", process.stdin)]
                # Rings that are not read fill the pipe; writing to a full pipe must not block the worker.
                os.set_blocking(inputs[-1].fileno(), False)
                while process.poll() is None and not stopping.wait(LOOKS_AFTER_IT_EVERY_S):
                    pass
            # With a wrong setting the deliverer ends at once, and must not be started again without a pause.
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
    # Ctrl-C reaches the whole process group, and only the worker decides when this process ends.
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
