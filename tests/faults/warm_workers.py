"""Workers that begin at once: a process has imported all that a worker needs, and becomes one whenever it is told.

A worker takes two seconds of processor time to import its modules and its deliverer one, in which neither has done or
begun anything that a kill could break. `python -m tests.faults.warm_workers` forks both for each line that it reads and
tells the worker's number; from there on they are the command line's own worker and its own deliverer.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Self

import psutil

from deployments.cli import main as cli
from deployments.demo.stage import WORKER, Stage
from deployments.worker import deliverer, schedules, worker  # noqa: F401  # a worker imports them when it begins

OPEN_POPEN = subprocess.Popen


class Forked:
    """A process that somebody forked, as `Processes` and `delivering` know one that was started."""

    def __init__(self, pid: int, stdin: IO[bytes] | None = None) -> None:
        self.pid, self.stdin = pid, stdin
        self.returncode: int | None = None
        self._process = psutil.Process(pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.stdin:
            self.stdin.close()
        self.wait()

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None and not (self._process.is_running() and self._process.status() != "zombie"):
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, as long as a started one is waited for."""
        try:
            # Whose child it is not, nobody learns with what it ended.
            self.returncode = self._process.wait(timeout) or 0
        except psutil.TimeoutExpired:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0) from None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Tell it something."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it without warning."""
        self._process.kill()


class WarmWorkers:
    """Starts workers on a stage in no time."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        with (stage.processes.logs / f"{WORKER}.log").open("ab") as log:
            self._source = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.warm_workers"],
                cwd=Path(__file__).parents[2],
                env=stage.processes.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.kill()
        self._source.communicate()

    def start(self) -> None:
        """Start one, as the stage's worker."""
        assert self._source.stdin
        assert self._source.stdout
        self._source.stdin.write(b"\n")
        self._source.stdin.flush()
        pid = int(self._source.stdout.readline())
        self.stage.processes.running[WORKER] = Forked(pid)  # type: ignore[assignment]  # as far as it is used there


def main() -> None:
    """Fork a worker for each line."""
    assert threading.active_count() == 1, "a fork would leave the other threads' locks behind"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody else waits for those that are killed
    for _ in sys.stdin.buffer:
        if (pid := os.fork()) == 0:
            work()
        print(pid, flush=True)  # noqa: T201  # how it is told


def work() -> None:
    """Be a worker, with a deliverer that waits for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(2, 1)
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(writes)
        os.dup2(reads, 0)
        leave_after(deliverer.main)
    os.close(reads)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    ready = [Forked(pid, os.fdopen(writes, "wb", buffering=0))]

    def open_process(*arguments: object, **how: object) -> object:
        return ready.pop() if ready else OPEN_POPEN(*arguments, **how)  # type: ignore[call-overload]  # passed on

    deliverer.subprocess.Popen = open_process  # type: ignore[assignment,misc]  # the one place that starts a deliverer
    sys.argv = ["tilflyt", "worker"]
    leave_after(cli.main)


def leave_after(deed: object) -> None:
    """Do it and end, whatever happens: nobody goes back to where the fork was."""
    code = 1
    try:
        deed()  # type: ignore[operator]  # a function
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
