"""Two that meet at one moment."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

TOGETHER_WITHIN_S = 2.0


def both(*deeds: Callable[[], object]) -> list[BaseException]:
    """Do some things at once; what went wrong."""
    wrong: list[BaseException] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            deed()
        except BaseException as error:  # whatever it is, the test must see it
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def meeting(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> None:
    """Have two callers of a function meet before it, where nothing keeps them apart."""
    gate, does = threading.Barrier(2), getattr(where, name)

    def waits(*given, **more):
        with suppress(threading.BrokenBarrierError):
            gate.wait(TOGETHER_WITHIN_S)
        return does(*given, **more)

    monkeypatch.setattr(where, name, waits)
