"""A wait ends with `Stuck` when there was no progress for long, however long the whole takes."""

from itertools import count

import pytest

from deployments import progress
from deployments.progress import Stuck, until


class Clock:
    """A clock on which time passes only at each look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, each_look_s: float) -> None:
        self.looks = count()
        monkeypatch.setattr(progress.time, "monotonic", lambda: next(self.looks) * each_look_s)
        monkeypatch.setattr(progress.time, "sleep", lambda _: None)


def looked(monkeypatch: pytest.MonkeyPatch, *, each_look_s: float, moves: object = lambda: "no letter came") -> int:
    """The number of looks before the wait was given up; at most 10,000."""
    Clock(monkeypatch, each_look_s)
    looks = count()
    with pytest.raises(Stuck, match="no letter came"):
        until(lambda: next(looks) == 10_000, moves=moves)
    return next(looks)


def test_what_does_not_move_is_given_up_and_the_error_says_what(monkeypatch):
    assert looked(monkeypatch, each_look_s=0.1) == pytest.approx(progress.STUCK_AFTER_S / 0.1, abs=3)


def test_a_machine_that_leaves_no_time_to_look_is_not_taken_for_a_standstill(monkeypatch):
    assert looked(monkeypatch, each_look_s=60) == pytest.approx(
        progress.STUCK_AFTER_S / progress.A_LOOK_COUNTS_AT_MOST_S, abs=3
    )


def test_as_long_as_anything_moves_it_is_waited_for(monkeypatch):
    Clock(monkeypatch, each_look_s=0.1)
    looks = count()
    assert until(lambda: next(looks) == 9_000, moves=lambda: next(looks) // 1_000)
