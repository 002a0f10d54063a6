"""An association's feed: what it has vacant, in batches of rows."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.feeds.contract import FeedMode


@dataclass(frozen=True, slots=True)
class FeedMark:
    """What a feed told about itself when it was last applied, so that an unchanged feed need not be sent again."""

    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed tells about itself now. An `unchanged` feed has no rows; `generated_at` is its own timestamp."""

    mark: FeedMark = FeedMark()
    mode: FeedMode = FeedMode.FULL
    unchanged: bool = False


@dataclass(slots=True, eq=False)
class JsonPage:
    """A JSON document as it came, whose `vacancies` are rows of a feed, after `before` rows on earlier pages.

    `rows` are its rows' own bytes, once they have been looked up.
    """

    body: bytes = field(repr=False)
    before: int = 0
    rows: Sequence[bytes] | None = field(default=None, repr=False)


class RawVacancy(NamedTuple):
    """A row of a feed under the contract's field names, not yet validated. `line` counts from 1 in the feed.

    `source` is the row as it came: its bytes, its text, or the page that it stands on. A row that cannot be read has a
    `fault`, worded like the contract's reasons, and at most an id among its values.
    """

    line: int
    values: Mapping[str, object]
    source: bytes | str | JsonPage
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """Some rows of a feed, in its order. Every feed has at least one batch, possibly without rows."""

    head: FeedHead
    rows: Sequence[RawVacancy] = ()


class VacancyFeed(Protocol):
    """Where an association publishes what it has vacant."""

    def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every row of the feed, a bounded number at a time. A feed that ends too early raises, it never just stops."""
        ...
