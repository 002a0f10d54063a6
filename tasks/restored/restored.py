"""What was found and done when a backup was put back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import TilflytError
from tasks.restored.findings import ToSettle

Kept = Collection[tuple[int, str]]


class NothingToRestore(TilflytError):
    """The database has no audit chain to go on from."""

    code = "nothing_to_restore"


@dataclass(slots=True)
class Restored:
    """What was found and done; references, codes and counts only."""

    went_back: bool
    back_to: int
    lost: list[int]
    asked_since: datetime
    believed: list[str]
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    taken_in_again: list[str] = field(default_factory=list)
    stopped_again: list[str] = field(default_factory=list)
    refused_again: int = 0
    posted_before: int = 0
    to_settle: list[ToSettle] = field(default_factory=list)

    @property
    def did_anything(self) -> bool:
        """Whether anything was found that had to be put right or told."""
        done = (self.numbers, self.taken_in_again, self.stopped_again, self.refused_again, self.posted_before)
        return any(done)
