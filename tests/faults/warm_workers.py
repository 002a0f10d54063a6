"""Workers that start at once: they are forked from a process that has imported everything that a worker needs.

Importing takes a worker two seconds of processor time and its deliverer one; a kill during that time tests nothing.
`python -m tests.faults.warm_workers` forks a worker and a deliverer for each line that it reads, and prints the
worker's process id; from there on both run the same code as on the command line.
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
    """A forked process, with the part of `subprocess.Popen` that `Processes` and `delivering` use."""

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
        """The exit code; None while it runs."""
        if self.returncode is None and not (self._process.is_running() and self._process.status() != "zombie"):
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process."""
        try:
            # Only the parent process learns the exit code; here it counts as 0.
            self.returncode = self._process.wait(timeout) or 0
        except psutil.TimeoutExpired:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0) from None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()


class WarmWorkers:
    """Starts workers on a stage at once."""

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
        """Start a worker, as the stage's own."""
        assert self._source.stdin
        assert self._source.stdout
        self._source.stdin.write(b"\n")
        self._source.stdin.flush()
        pid = int(self._source.stdout.readline())
        self.stage.processes.running[WORKER] = Forked(pid)  # type: ignore[assignment]  # as far as it is used there


def main() -> None:
    """Fork a worker for each line."""
    assert threading.active_count() == 1, "a fork would leave the other threads' locks behind"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed workers leave no zombies
    for _ in sys.stdin.buffer:
        if (pid := os.fork()) == 0:
            work()
        print(pid, flush=True)  # noqa: T201  # read by `WarmWorkers`


def work() -> None:
    """Run a worker, with a deliverer that was forked before."""
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
    """Call the function and end the process, whatever happens: it must not return to the parent's code."""
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
