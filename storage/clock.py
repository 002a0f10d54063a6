"""What time it is: the system's clock, or in the demo world one that its processes share and move."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from storage.settings import Settings, WrongSettings


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class SystemClock:
    """The time as the machine has it."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)


class DemoClock:
    """The machine's time moved on by the seconds that stand in a file shared by the demo's processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _ahead(self) -> timedelta:
        try:
            return timedelta(seconds=float(self.path.read_text() or 0)) if self.path.exists() else timedelta()
        except (OSError, ValueError, OverflowError):
            raise WrongSettings(f"TILFLYT_DEMO_CLOCK_FILE: {self.path} does not hold seconds") from None

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC) + self._ahead()

    def move_on(self, by: timedelta) -> None:
        """Let time pass. The file is written beside and renamed, so that no reader sees half a number."""
        beside = self.path.with_suffix(".next")
        beside.write_text(str((self._ahead() + by).total_seconds()))
        beside.replace(self.path)


def clock_of(settings: Settings) -> Clock:
    """The clock these settings ask for."""
    return DemoClock(settings.demo_clock_file) if settings.demo_clock_file else SystemClock()
