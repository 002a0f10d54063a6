"""The worker: looks every 100 ms whether anything is due, and carries it forward; a second process delivers letters.

The main thread handles the signals and everything else runs in another thread, or a SIGTERM would crash the flow run
that is under way. What is decided is in the database, so that killing this process at any moment loses nothing.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from deployments.worker.deliverer import DELIVERER, THREADS_TAKE_TURNS_EVERY_S, delivering
from deployments.worker.patience import PATIENCE_S, Patience
from deployments.worker.prefect_patience import patience_with_prefect
from deployments.worker.served_schedules import ServedSchedules
from domain.errors import TilflytError
from flows.referral_path import carry_referrals_forward
from flows.vacancy_sync import apply_accepted_feeds
from storage.database import DATABASE_IS_AWAY
from storage.questions.comments import announce_sealing_key
from storage.restored.watermark import WentBack, note_how_far, refuse_if_gone_back
from storage.settings import Settings, shown
from storage.vault.key_checks import remember_keys
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tasks.case import PLATFORM
from tasks.feeds.ready_loads import anything_waits
from tasks.path.moves import anything_is_due
from tasks.path.persons import know_persons
from tasks.platform import Platform
from tasks.restored.asked_at_start import look_whether_it_went_back
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import seal
from tasks.upkeep.retention import destroy_again
from tasks.upkeep.seals import bind_to_references, lay_comments_to_rest
from tasks.upkeep.settings_changes import note_settings

LOOKS_A_FEED_WAITS = 10
LOOKS_AN_ENTRY_WAITS = 20
LOOKS_AN_ITEM_WAITS = 100
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
        self.schedules = ServedSchedules(platform, settings, self._patience, worker=self.name)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what was begun."""
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
        """Destroy again the keys that a restored backup brought back; if that fails, housekeeping does it at night."""
        try:
            destroy_again(self.platform.database, self.platform.vault, by=PLATFORM, now=self.platform.now())
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not destroy again what was brought back", error=type(error).__name__)

    async def work(self) -> None:
        """Look for due work, and serve the schedules in other tasks: neither waits for the other."""
        services = (self.schedules.serve(), self.schedules.see_what_is_late(), self._ask_the_parties())
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
        """Ask the parties for what the database lacks: a mark restored with the database would not show a restore."""
        try:
            await look_whether_it_went_back(self.platform)
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not ask what the parties hold", error=type(error).__name__)

    async def look(self) -> bool:
        """Carry forward what is due; whether anything was. Feeds and the chain are looked at less often."""
        self._looks += 1
        if self._looks % LOOKS_A_FEED_WAITS == 0 and await asyncio.to_thread(anything_waits, self.platform):
            await self.apply_feeds()
        if self._looks % LOOKS_AN_ENTRY_WAITS == 0:
            await self.seal()
            await self.know_persons()
        if self._looks % LOOKS_AN_ITEM_WAITS == 0:
            await self._quietly(attend)
            await self._quietly(hear_parties)
            await self._quietly(ask_about_claims)
        found = await asyncio.to_thread(anything_is_due, self.platform)
        if found:
            self._ring()
            await self.carry()
        return found

    async def seal(self) -> None:
        """Chain the new rows; rows that another worker is chaining are looked at again later."""
        for deed in (lay_comments_to_rest, bind_to_references, seal):
            await self._quietly(deed)
        await self._note_how_far()

    async def _note_how_far(self) -> None:
        """Write the mark of how far the database has come; `WentBack`, which ends the worker, when it went back."""
        if (marks := self.platform.marks) is None:
            return
        try:
            await asyncio.to_thread(note_how_far, self.platform.database, marks, now=self.platform.now())
        except (WentBack, *DATABASE_IS_AWAY):
            raise
        except (SQLAlchemyError, TilflytError) as error:
            log.warning("could not write how far the database has come", error=str(error))

    async def know_persons(self) -> None:
        """Once after the start, store person digests for older cases; if that fails, housekeeping does it at night."""
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
        """Run the path once."""
        async with patience_with_prefect():
            state = await carry_referrals_forward(return_state=True)
            if not state.is_completed() and await asyncio.to_thread(anything_is_due, self.platform):
                # The run failed before it could put off the referrals that it could not move.
                await asyncio.sleep(PATIENCE_S)

    async def apply_feeds(self) -> None:
        """Apply the feeds that were accepted, sent or replayed; after a failed run, wait a second."""
        async with patience_with_prefect():
            state = await apply_accepted_feeds(return_state=True)
            if not state.is_completed():
                await asyncio.sleep(PATIENCE_S)
