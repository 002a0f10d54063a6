"""Waits for other processes and threads, for as long as there is progress."""

import time
from collections.abc import Callable
from typing import TypeVar

from domain.errors import TilflytError

STUCK_AFTER_S = 150.0
# A look that comes late counts no more than this: on a busy machine, those whom we wait for get as little time as we.
A_LOOK_COUNTS_AT_MOST_S = 0.5
Found = TypeVar("Found")


class Stuck(TilflytError):
    """There was no progress for `STUCK_AFTER_S`; the text holds the last state."""

    code = "stuck"


class Standstill:
    """For how long a state has not changed, counting only the time in which this process could run."""

    def __init__(self) -> None:
        self.for_s = 0.0
        self._seen: object = None
        self._looked_at = time.monotonic()

    def look(self, state: object) -> None:
        """Compare the state now with the last one; `Stuck` when it has not changed for long."""
        now = time.monotonic()
        since_s = min(now - self._looked_at, A_LOOK_COUNTS_AT_MOST_S)
        self.for_s = self.for_s + since_s if state == self._seen else 0.0
        self._seen, self._looked_at = state, now
        if self.for_s > STUCK_AFTER_S:
            raise Stuck(f"nothing has moved for {STUCK_AFTER_S:.0f} s: {state}")


def until(
    what: Callable[[], Found | None], *, moves: Callable[[], object] = lambda: "it did not happen", every_s: float = 0.1
) -> Found:
    """The first true result of `what`; `Stuck` when it has none and the result of `moves` stays the same for long."""
    standstill = Standstill()
    while not (found := what()):
        standstill.look(moves())
        # Polled, because other processes and threads do not signal when they are done.
        time.sleep(every_s)
    return found
