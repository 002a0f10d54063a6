"""Waiting for what others do: for as long as anything moves, and no longer."""

import time
from collections.abc import Callable
from typing import TypeVar

from domain.errors import TilflytError

STUCK_AFTER_S = 150.0
# A look that comes late counts for no more: a machine that has no time for us has none for those we wait for either.
A_LOOK_COUNTS_AT_MOST_S = 0.5
Found = TypeVar("Found")


class Stuck(TilflytError):
    """Nothing has moved for long; the text says where it stands."""

    code = "stuck"


class Standstill:
    """For how long what is looked at has stood still, as far as we had the processor to look."""

    def __init__(self) -> None:
        self.for_s = 0.0
        self._seen: object = None
        self._looked_at = time.monotonic()

    def look(self, state: object) -> None:
        """See how far it has come now; Stuck when it is where it was, after long."""
        now = time.monotonic()
        since_s = min(now - self._looked_at, A_LOOK_COUNTS_AT_MOST_S)
        self.for_s = self.for_s + since_s if state == self._seen else 0.0
        self._seen, self._looked_at = state, now
        if self.for_s > STUCK_AFTER_S:
            raise Stuck(f"nothing has moved for {STUCK_AFTER_S:.0f} s: {state}")


def until(
    what: Callable[[], Found | None], *, moves: Callable[[], object] = lambda: "it did not happen", every_s: float = 0.1
) -> Found:
    """What this finds, as soon as that is true; Stuck when it finds nothing and what `moves` tells stays the same."""
    standstill = Standstill()
    while not (found := what()):
        standstill.look(moves())
        # Other processes and threads do it; nothing tells us when.
        time.sleep(every_s)
    return found
