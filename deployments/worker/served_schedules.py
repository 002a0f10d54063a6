"""The worker's part in the schedules: it sets them up, starts their runs, and reports those that are late."""

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import structlog
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from deployments.worker.cron_lines import fault_of
from deployments.worker.left_behind import mark_left_behind
from deployments.worker.patience import PATIENCE_S, Patience
from deployments.worker.prefect_patience import PREFECT_IS_DOWN
from deployments.worker.registration import next_due_by, register
from deployments.worker.scheduled_runs import ScheduledRuns
from deployments.worker.schedules import Scheduled, schedules
from domain.errors import Unexpected
from storage.operations.schedules import ask_about_illegible, ask_about_late, put_off_missed, see_schedules
from storage.settings import Settings
from tasks.feeds.synced_feeds import feed_schedules
from tasks.platform import Platform

LOOKED_AFTER_EVERY_S = 30.0
log = structlog.get_logger()


class ServedSchedules:
    """The schedules as one worker serves them."""

    def __init__(self, platform: Platform, settings: Settings, patience: Patience, *, worker: str) -> None:
        self._platform = platform
        self._settings = settings
        self._patience = patience
        self._worker = worker

    async def serve(self) -> None:
        """Serve the schedules, and try again whenever Prefect's server is away; meanwhile they show as late."""
        runs = ScheduledRuns(self._platform.database)
        keeping = asyncio.create_task(runs.keep_turns())
        try:
            while True:
                try:
                    await self._with_prefect(runs)
                except PREFECT_IS_DOWN as error:
                    log.warning("waiting for prefect", error=type(error).__name__)
                except Exception as error:
                    # The worker goes on with the cases; the log says why the schedules are late.
                    log.warning("the schedules broke off", error=str(Unexpected.at(error)))
                await asyncio.sleep(PATIENCE_S)
        finally:
            keeping.cancel()
            await runs.stop()

    async def _with_prefect(self, runs: ScheduledRuns) -> None:
        """Set up the schedules, check them every `LOOKED_AFTER_EVERY_S`, and start their runs when they are due."""
        database, looked_after = self._platform.database, -math.inf
        served: dict[UUID, Scheduled] = {}
        async with get_client() as client:
            while True:
                if time.monotonic() - looked_after >= LOOKED_AFTER_EVERY_S:
                    feeds = await asyncio.to_thread(feed_schedules, self._platform)
                    found = await register(client, database, schedules(self._settings, feeds))
                    if not served:
                        log.info("serving the schedules", worker=self._worker)
                    served, looked_after = found, time.monotonic()
                    await mark_left_behind(client, database, served)
                await runs.look(client, served)
                await asyncio.sleep(get_current_settings().runner.poll_frequency)

    async def see_what_is_late(self) -> None:
        """Put late schedules on the attention list, also while Prefect is away."""
        put_off = False
        while not put_off:
            async with self._patience.with_database():
                await self._put_off_missed()
                put_off = True
        while True:
            async with self._patience.with_database():
                await asyncio.to_thread(self._ask_about_late)
            await asyncio.sleep(LOOKED_AFTER_EVERY_S)

    async def _put_off_missed(self) -> None:
        """Put off the schedules that were due while no worker ran, so that they can run before they count as late."""
        now = datetime.now(UTC)
        feeds = await asyncio.to_thread(feed_schedules, self._platform)
        due_by: dict[str, datetime] = {}
        for one in schedules(self._settings, feeds):
            # A wrong cron line is reported when the schedules are set up.
            if await asyncio.to_thread(fault_of, one.cron) is None:
                due_by[one.name] = await next_due_by(one, now)
        await asyncio.to_thread(self._write_put_off, due_by, now)

    def _write_put_off(self, due_by: Mapping[str, datetime], now: datetime) -> None:
        with self._platform.database.writing() as session:
            put_off_missed(session, due_by, now=now)

    def _ask_about_late(self) -> None:
        with self._platform.database.writing() as session:
            see_schedules(session, now=datetime.now(UTC))
            ask_about_late(session, now=datetime.now(UTC))
            ask_about_illegible(session, now=datetime.now(UTC))
