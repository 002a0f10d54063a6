"""Measures the platform's processes: processor time and peak memory."""

import asyncio
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import psutil
from prefect.server.schemas.schedules import CronSchedule

from deployments.worker.cron_lines import COPENHAGEN
from deployments.worker.schedules import schedules
from storage.settings import load_settings

MIB = 1024 * 1024


def cpu_s(pid: int) -> float:
    """User and system time of a process and all its descendants, also of those that have ended."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                spent = process.cpu_times()
                # A child that has ended is counted in the parent that waited for it.
                total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def unshared_bytes(pid: int) -> int:
    """Memory that no other process shares (USS), of a process and its descendants."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().uss
    return total


RUN_TAKES = timedelta(seconds=15)
# Between two scheduled runs lie at least three minutes somewhere in every ten.
LONGEST_CLEAR = timedelta(minutes=3)


def clear_of_schedules(seconds: float) -> None:
    """Wait until no scheduled run is under way or will start for so many seconds, three minutes at most.

    Each takes some seconds of processor time in a process of its own, and would fall into one measurement and not into
    another.
    """
    clear = min(timedelta(seconds=seconds), LONGEST_CLEAR)
    while starts := asyncio.run(_starts(now := datetime.now(UTC), now + clear)):
        time.sleep((max(starts) + RUN_TAKES - now).total_seconds())


async def _starts(now: datetime, until: datetime) -> list[datetime]:
    """When runs start that are under way now, or will start until a moment."""
    found: list[datetime] = []
    for one in schedules(load_settings(_env_file=None), {}):
        cron = CronSchedule(cron=one.cron, timezone=COPENHAGEN)
        found += await cron.get_dates(n=10, start=now - RUN_TAKES, end=until)
    return found


class Meter:
    """Measures processes, by their names, from entering to leaving."""

    EVERY_S = 2.0

    def __init__(self, processes: Mapping[str, int]) -> None:
        self.processes = processes
        self.cpu: dict[str, float] = {}
        self.peak_mib = 0.0
        self._left = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="meter")

    def __enter__(self) -> Self:
        self._before = {name: cpu_s(pid) for name, pid in self.processes.items()}
        self._watching.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.cpu = {name: cpu_s(pid) - self._before[name] for name, pid in self.processes.items()}
        self._left.set()
        self._watching.join()

    @property
    def all_cpu_s(self) -> float:
        """Processor time of all measured processes."""
        return sum(self.cpu.values())

    def _watch(self) -> None:
        while True:
            self.peak_mib = max(self.peak_mib, sum(unshared_bytes(pid) for pid in self.processes.values()) / MIB)
            if self._left.wait(self.EVERY_S):
                return
