"""The moment at which every world begins, and a clock that tests set forward."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class TestClock:
    """A clock that stands still until a test moves it."""

    __test__ = False

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move_on(self, by: timedelta) -> None:
        self.at += by
