"""How long to wait before trying again: growing, jittered, and as long as a partner asked."""

from datetime import timedelta

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 900.0
DOUBLINGS = 16


def wait(failures: int, *, jitter: float, asked_s: float | None = None) -> timedelta:
    """The wait after the `failures`-th failure in a row (1, 2 …): doubling from 2 s up to 15 minutes.

    `jitter` in [0, 1) spreads the waits over the upper half. `asked_s` (Retry-After) is a lower bound, itself at most a
    day, so that no partner can stop us for ever.
    """
    grown = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, DOUBLINGS))
    own = grown * (0.5 + jitter / 2)
    asked = min(asked_s or 0.0, timedelta(days=1).total_seconds())
    return timedelta(seconds=max(own, asked))
