"""Measures the platform's processes: processor time and peak memory."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

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


NET_EVERY_S = 600
NET_TAKES_S = 15


def clear_of_the_net(seconds: float) -> None:
    """Wait until the sparse run of the path will not start for so many seconds.

    It runs every ten minutes in a process of its own, and would fall into one measurement and not into another.
    """
    until_the_net = NET_EVERY_S - time.time() % NET_EVERY_S
    if until_the_net < seconds:
        time.sleep(until_the_net + NET_TAKES_S)


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
