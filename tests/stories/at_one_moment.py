"""Two deeds at the same moment."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

TOGETHER_WITHIN_S = 2.0


def both(*deeds: Callable[[], object]) -> list[BaseException]:
    """Do several deeds at once; returns the errors."""
    wrong: list[BaseException] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            deed()
        except BaseException as error:  # any error is returned to the test
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def meeting(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> None:
    """Have each of two callers of a function wait before it for the other, for a short time."""
    gate, does = threading.Barrier(2), getattr(where, name)

    def waits(*given, **more):
        with suppress(threading.BrokenBarrierError):
            gate.wait(TOGETHER_WITHIN_S)
        return does(*given, **more)

    monkeypatch.setattr(where, name, waits)
