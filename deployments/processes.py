"""Starts the platform's processes together, waits until they are ready, and stops them all."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from types import TracebackType
from typing import Self

import httpx
import psutil

from deployments.progress import until
from domain.errors import TilflytError

LOOPBACK = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections (from 32,768 on), and above those of well-known services.
PORTS = range(20_000, 32_000)
STOPPED_WITHIN_S = 15.0


class NotReady(TilflytError):
    """A process ended at its start, in which case the text names its log; or no port is free."""

    code = "not_ready"


def free_port() -> int:
    """A port on loopback that nobody listens on.

    Not one that the system would choose: it gives those to outgoing connections too, and such a connection could take
    the port before the process listens.
    """
    for port in SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise NotReady("no port on loopback is free")


class Processes:
    """Processes that are started and stopped together, each with a log of its own in `logs`.

    They run in `folder`, and inherit our environment without the variables that begin with one of `forgotten`.
    """

    def __init__(
        self, logs: Path, environment: Mapping[str, str], *, forgotten: tuple[str, ...] = (), folder: Path | None = None
    ) -> None:
        self.logs = logs
        self.at = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(forgotten)}
        self.environment = {**inherited, **environment}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a Python module, or a console script beside this interpreter, under a name."""
        with (self.logs / f"{name}.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches only this process, which then stops each of them.
            process = subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
                [sys.executable, *arguments],
                env=self.environment,
                cwd=self.at,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def carry_out(self, name: str, module: str, *arguments: str) -> None:
        """Run a Python module to its end; `NotReady` when it fails."""
        code = self.start(name, "-m", module, *arguments).wait()
        del self.running[name]
        if code:
            raise NotReady(f"{name} ended with {code}; see {self.logs / name}.log")

    def wait_for(self, name: str, url: str) -> None:
        """Wait until a process answers at an address; `Stuck` when it does not, `NotReady` when it ends."""
        log = self.logs / f"{name}.log"
        # One client for all tries: making a client loads certificates, which takes a fifth of the pause between tries.
        with httpx.Client(timeout=2, trust_env=False) as http:

            def answers() -> bool:
                if self.running[name].poll() is not None:
                    raise NotReady(f"{name} ended at once; see {log}")
                with suppress(httpx.HTTPError):
                    return http.get(url).is_success
                return False

            until(answers, moves=lambda: f"{name} does not answer; see {log}")

    def kill(self, name: str, *, with_children: bool = False) -> None:
        """End a process without warning, as a crash does; with its children, as a power cut does."""
        process = self.running.pop(name)
        children = psutil.Process(process.pid).children(recursive=True) if with_children else []
        process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()

    def ended(self) -> Sequence[str]:
        """The processes that have ended by themselves."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def stop(self) -> None:
        """Ask every process to end, last started first; after 15 s end what is left, children too."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                children = psutil.Process(process.pid).children(recursive=True)
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(STOPPED_WITHIN_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                for child in psutil.wait_procs(children, timeout=2)[1]:
                    child.kill()
        self.running.clear()
