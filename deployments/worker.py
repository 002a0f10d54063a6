"""The warm worker: looks every 100 ms whether anything is due and carries it forward; beside it, letters go out.

The main thread owns the signals and everything else runs in another, or a SIGTERM would crash the run in
flight. What is decided is in the database, so that killing this process at any moment loses nothing.
"""

import asyncio
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import structlog
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from deployments.deliverer import DELIVERER, THREADS_TAKE_TURNS_EVERY_S, delivering
from deployments.left_behind import mark_left_behind
from deployments.patience import PATIENCE_S, Patience
from deployments.prefect_patience import PREFECT_IS_DOWN, patience_with_prefect
from deployments.registration import register
from deployments.scheduled_runs import ScheduledRuns
from deployments.schedules import Scheduled
from deployments.schedules import schedules as schedules_of
from domain.errors import TilflytError, Unexpected
from flows.referral_path import carry_referrals_forward
from flows.vacancy_sync import apply_accepted_feeds
from storage.comments import announce_sealing_key
from storage.database import DATABASE_IS_AWAY
from storage.key_checks import remember_keys
from storage.schedules import ask_about_illegible, ask_about_late
from storage.settings import Settings, shown
from storage.watermark import WentBack, note_how_far, refuse_if_gone_back
from tasks.applying import anything_waits
from tasks.attention import attend
from tasks.auditing import bind_to_references, lay_comments_to_rest, note_settings, seal
from tasks.case import PLATFORM
from tasks.held_elsewhere import look_whether_it_went_back
from tasks.legs import anything_is_due
from tasks.persons import know_persons
from tasks.platform import Platform
from tasks.retention import destroy_again
from tasks.syncing import feed_schedules

LOOKS_A_FEED_WAITS = 10
LOOKS_AN_ENTRY_WAITS = 20
LOOKS_AN_ITEM_WAITS = 100
SCHEDULES_ARE_LOOKED_AFTER_EVERY_S = 30.0
log = structlog.get_logger()


class Worker:
    """Carries referrals forward until it is told to stop. `deliverer` is the module that delivers the outbox."""

    def __init__(self, platform: Platform, settings: Settings, *, deliverer: str = DELIVERER) -> None:
        self.platform = platform
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()
        self._deliverer = deliverer
        self._ring: Callable[[], None] = lambda: None
        self._looks = 0
        self._persons_known = False
        self._patience = Patience()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what is in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self._destroy_again()
        refuse_if_gone_back(self.platform.database, self.platform.marks)
        with self.platform.database.writing() as session:
            remember_keys(session, self.platform.check_values(), now=self.platform.now())
            announce_sealing_key(session, self.platform.vault, now=self.platform.now())
        note_settings(self.platform, shown(self.settings))
        sys.setswitchinterval(THREADS_TAKE_TURNS_EVERY_S)
        failed: list[BaseException] = []

        def work() -> None:
            try:
                asyncio.run(self.work())
            except BaseException as error:  # carried to the main thread, which raises it
                failed.append(error)
            self.stopping.set()

        with delivering(self.stopping, self._deliverer) as self._ring:
            thread = threading.Thread(target=work, name="worker")
            thread.start()
            self.stopping.wait()
            thread.join()
        if failed:
            raise failed[0]

    def _destroy_again(self) -> None:
        """A backup of everything may have been put back; what fails here, the night does, and nothing is opened."""
        try:
            destroy_again(self.platform.database, self.platform.vault, by=PLATFORM, now=self.platform.now())
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not destroy again what was brought back", error=type(error).__name__)

    async def work(self) -> None:
        """Look, and serve the schedules beside it: neither waits for the other."""
        services = (self._serve_schedules(), self._see_what_is_late(), self._ask_the_parties())
        beside = [asyncio.create_task(one) for one in services]
        log.info("working", worker=self.name)
        try:
            while not self.stopping.is_set():
                found = False
                async with self._patience.with_database():
                    found = await self.look()
                if not found:
                    await asyncio.sleep(self.settings.look_every_ms / 1000)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _ask_the_parties(self) -> None:
        """A mark that was put back with the database shows nothing: the parties may know what it does not."""
        try:
            await look_whether_it_went_back(self.platform)
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not ask what the parties hold", error=type(error).__name__)

    async def _serve_schedules(self) -> None:
        """Serve them, whatever becomes of Prefect's server: what is not served shows as late."""
        runs = ScheduledRuns(self.platform.database)
        keeping = asyncio.create_task(runs.keep_turns())
        try:
            while True:
                try:
                    await self._with_prefect(runs)
                except PREFECT_IS_DOWN as error:
                    log.warning("waiting for prefect", error=type(error).__name__)
                except Exception as error:
                    # The cases go on; whoever is told that nothing has run by itself finds why here.
                    log.warning("the schedules broke off", error=str(Unexpected.at(error)))
                await asyncio.sleep(PATIENCE_S)
        finally:
            keeping.cancel()
            await runs.stop()

    async def _with_prefect(self, runs: ScheduledRuns) -> None:
        """Set the schedules up, look after them now and then, and start their runs when they come due."""
        looked_after = -math.inf
        schedules: dict[UUID, Scheduled] = {}
        async with get_client() as client:
            while True:
                if time.monotonic() - looked_after >= SCHEDULES_ARE_LOOKED_AFTER_EVERY_S:
                    feeds = await asyncio.to_thread(feed_schedules, self.platform)
                    found = await register(client, self.platform.database, schedules_of(self.settings, feeds))
                    if not schedules:
                        log.info("serving the schedules", worker=self.name)
                    schedules, looked_after = found, time.monotonic()
                    await mark_left_behind(client, self.platform.database, schedules)
                await runs.look(client, schedules)
                await asyncio.sleep(get_current_settings().runner.poll_frequency)

    async def _see_what_is_late(self) -> None:
        """Ask about what has not run when it should have, also while Prefect is away."""
        while True:
            async with self._patience.with_database():
                await asyncio.to_thread(self._ask_about_late)
            await asyncio.sleep(SCHEDULES_ARE_LOOKED_AFTER_EVERY_S)

    def _ask_about_late(self) -> None:
        # Another worker may be asking the same.
        with suppress(IntegrityError), self.platform.database.writing() as session:
            ask_about_late(session, now=datetime.now(UTC))
            ask_about_illegible(session, now=datetime.now(UTC))

    async def look(self) -> bool:
        """Carry forward what is due; whether anything was. What waits of the feeds may wait a few looks more."""
        self._looks += 1
        if self._looks % LOOKS_A_FEED_WAITS == 0 and await asyncio.to_thread(anything_waits, self.platform):
            await self.apply_feeds()
        if self._looks % LOOKS_AN_ENTRY_WAITS == 0:
            await self.seal()
            await self.know_persons()
        if self._looks % LOOKS_AN_ITEM_WAITS == 0:
            await self._quietly(attend)
        found = await asyncio.to_thread(anything_is_due, self.platform)
        if found:
            self._ring()
            await self.carry()
        return found

    async def seal(self) -> None:
        """Bind what was done into the audit chain; what another worker was quicker at is looked at again."""
        for deed in (lay_comments_to_rest, bind_to_references, seal):
            await self._quietly(deed)
        await self._note_how_far()

    async def _note_how_far(self) -> None:
        """Write the mark; a database that went back under us ends the worker."""
        if (marks := self.platform.marks) is None:
            return
        try:
            await asyncio.to_thread(note_how_far, self.platform.database, marks, now=self.platform.now())
        except (WentBack, *DATABASE_IS_AWAY):
            raise
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not write how far the database has come", error=str(error))

    async def know_persons(self) -> None:
        """Once after the start: cases that came before persons were known again; what fails here, the night does."""
        if not self._persons_known:
            self._persons_known = True
            await self._quietly(know_persons)

    async def _quietly(self, deed: Callable[[Platform], object]) -> None:
        try:
            await asyncio.to_thread(deed, self.platform)
        except DATABASE_IS_AWAY:
            raise
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not do", what=deed.__name__, error=type(error).__name__)

    async def carry(self) -> None:
        """One run of the path."""
        async with patience_with_prefect():
            state = await carry_referrals_forward(return_state=True)
            if not state.is_completed() and await asyncio.to_thread(anything_is_due, self.platform):
                # The run broke off before it could give each referral its own wait.
                await asyncio.sleep(PATIENCE_S)

    async def apply_feeds(self) -> None:
        """One run over what was accepted, sent or replayed; one that broke off is tried again a little later."""
        async with patience_with_prefect():
            state = await apply_accepted_feeds(return_state=True)
            if not state.is_completed():
                await asyncio.sleep(PATIENCE_S)
