"""Two workers that do the same deed at the same instant, and a mailbox with one message."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path

from sqlmodel import Session

from storage.database import Database
from tasks.platform import Platform
from tests.world.new_world import vault_in
from tests.world.world import World

# How long a worker waits for the other one, which may have written already or have nothing to write.
WAITS_AT_MOST_S = 0.3


class Meeting(Database):
    """A database at which two writers wait for each other before each transaction, as long as both come."""

    def __init__(self, url: str, gate: threading.Barrier) -> None:
        super().__init__(url)
        self.gate = gate

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with suppress(threading.BrokenBarrierError):
            self.gate.wait(WAITS_AT_MOST_S)
        with super().writing() as session:
            yield session


@dataclass
class OneMessage:
    """A mailbox with one message, which both workers read before either has marked it."""

    message_: Message
    read: set[int] = field(default_factory=set)

    @contextmanager
    def opened(self):
        reading = _Reading(self)
        yield reading


@dataclass
class _Reading:
    of: OneMessage
    mine: set[str] = field(default_factory=set)
    name: str = "INBOX"
    read_only: bool = False

    def newest(self) -> int:
        return 1

    def numbers(self, *, above: int, up_to: int | None = None, unread: bool = False) -> list[str]:
        return [] if above >= 1 or (unread and self.mine) else ["1"]

    def message(self, number: str) -> Message:
        return self.of.message_

    def mark_read(self, number: str) -> bool:
        self.mine.add(number)
        return True


def at_once(world: World, deed: Callable[[Platform], object]) -> list[BaseException]:
    """Have two workers do a deed, waiting for each other before each write; returns the errors."""
    gate, wrong = threading.Barrier(2), []
    url = world.platform.database.engine.url.render_as_string(hide_password=False)

    def work() -> None:
        platform = replace(
            world.platform,
            database=Meeting(url, gate),
            vault=vault_in(Path(world.platform.vault.keys.url.removeprefix("sqlite:///")).parent),
        )
        try:
            deed(platform)
        except BaseException as error:  # any error is returned to the test
            wrong.append(error)
        finally:
            platform.database.close()
            platform.vault.keys.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong
