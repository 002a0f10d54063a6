"""The warm worker: looks every 75 ms whether anything is due and carries it forward; beside it, letters go out.

The main thread owns the signals and everything else runs in another, or a SIGTERM would crash the run in
flight. What is decided is in the database, so that killing this process at any moment loses nothing.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from httpx import HTTPError
from prefect.exceptions import PrefectException

from deployments.schedules import runner_with_deployments
from flows.referral_path import carry_referrals_forward
from storage.referrals import anything_due
from storage.settings import Settings
from tasks.platform import Platform

PATIENCE_WITH_PREFECT_S = 1.0
LOOKS_AFTER_THE_DELIVERER_EVERY_S = 0.5
# Prefect raises a bare RuntimeError when its API does not answer.
PREFECT_IS_DOWN = (PrefectException, HTTPError, OSError, RuntimeError)
log = structlog.get_logger()


class Worker:
    """Carries referrals forward until it is told to stop. `deliverer` is the module that delivers the outbox."""

    def __init__(self, platform: Platform, settings: Settings, *, deliverer: str = "deployments.deliverer") -> None:
        self.platform = platform
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()
        self._deliverer = deliverer

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what is in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        failed: list[BaseException] = []

        def work() -> None:
            try:
                asyncio.run(self.work())
            except BaseException as error:  # carried to the main thread, which raises it
                failed.append(error)
            self.stopping.set()

        with self._delivering():
            thread = threading.Thread(target=work, name="worker")
            thread.start()
            self.stopping.wait()
            thread.join()
        if failed:
            raise failed[0]

    @contextmanager
    def _delivering(self) -> Iterator[None]:
        """Keep a deliverer at work, and let it finish what it has in hand."""

        def keep() -> None:
            while not self.stopping.is_set():
                # It ends when its standard input does: also when we are killed.
                with subprocess.Popen([sys.executable, "-m", self._deliverer], stdin=subprocess.PIPE) as process:  # noqa: S603  # our own program
                    while process.poll() is None and not self.stopping.wait(LOOKS_AFTER_THE_DELIVERER_EVERY_S):
                        pass
                if not self.stopping.is_set():
                    log.warning("the deliverer ended and is started again", code=process.returncode)

        thread = threading.Thread(target=keep, name="deliverer")
        thread.start()
        try:
            yield
        finally:
            thread.join()

    async def work(self) -> None:
        """Look, and serve the schedules beside it: neither waits for the other."""
        serving = asyncio.create_task(self._serve_schedules())
        log.info("working", worker=self.name)
        try:
            while not self.stopping.is_set():
                if serving.done():
                    serving.result()
                await self.look()
                await asyncio.sleep(self.settings.look_every_ms / 1000)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _serve_schedules(self) -> None:
        """Register the deployments once a Prefect server answers, and run them when their time comes."""
        while True:
            try:
                runner = await runner_with_deployments(self.settings)
                break
            except PREFECT_IS_DOWN as error:
                log.warning("waiting for prefect", error=type(error).__name__)
                await asyncio.sleep(PATIENCE_WITH_PREFECT_S)
        log.info("serving the schedules", worker=self.name)
        try:
            await runner.start()
        finally:
            await runner.astop()

    async def look(self) -> None:
        """Carry forward what is due."""
        if await asyncio.to_thread(self._due):
            await self.carry()

    def _due(self) -> bool:
        with self.platform.database.reading() as session:
            return anything_due(session, now=self.platform.now())

    async def carry(self) -> None:
        """One run of the path. A Prefect server that is down delays us and loses nothing."""
        try:
            state = await carry_referrals_forward(return_state=True)
        except PREFECT_IS_DOWN as error:
            log.warning("prefect is not answering", error=type(error).__name__)
            await asyncio.sleep(PATIENCE_WITH_PREFECT_S)
            return
        if not state.is_completed() and await asyncio.to_thread(self._due):
            # The run broke off before it could give each referral its own wait.
            await asyncio.sleep(PATIENCE_WITH_PREFECT_S)
