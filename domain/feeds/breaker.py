"""The breaker (sikring): when a feed is too strange to be applied unseen, and a person is asked first.

A feed that suddenly shrinks must not empty the market. Each limit is compared with the last good loads of the same
association. A handful of rows never trips it, or every small association would ask somebody every night.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import ClassVar

from domain.feeds.contract import FIELDS, FeedMode


class Trip(StrEnum):
    """Why a feed is held back."""

    EMPTY = "empty"
    SHRUNK = "shrunk"
    QUARANTINED = "quarantined"
    STRANGERS = "strangers"
    VANISHING = "vanishing"
    SHAPE = "shape"
    STANDING_STILL = "standing_still"


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """What is expected of an association's feed: when it is fetched, how large it is, and what trips the breaker.

    `schedule` is a cron line in Copenhagen's time; without one the feed is fetched with the others at night. Shares are
    of 1. Up to `few_rows` rows may be missing, unknown or in quarantine, whatever their share.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    schedule: str | None = None
    expected_rows: int | None = None
    rows_at_least: float = 0.70
    quarantined_at_most: float = 0.02
    known_at_least: float = 0.80
    few_rows: int = 3
    standing_still_days: int = 4
    full_every_days: int = 7

    def __post_init__(self) -> None:
        if any(not 0 <= share <= 1 for share in (self.rows_at_least, self.quarantined_at_most, self.known_at_least)):
            raise ValueError("shares must lie between 0 and 1")
        if min(self.few_rows, self.standing_still_days, self.full_every_days, self.expected_rows or 0) < 0:
            raise ValueError("counts must not be negative")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which field names a feed's rows have: the names in every row, and the names in any row."""

    always: frozenset[str]
    ever: frozenset[str]


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """A fetched feed, compared with earlier loads.

    `earlier_rows` are the sizes of the last good full loads. `known` are the vacancies that stood in the last load,
    `known_again` are those that stand in this one too, and `gone` those that this one says are let or withdrawn.
    `stamp_since` is when we first saw the feed's own timestamp.
    """

    mode: FeedMode
    rows: int
    quarantined: int
    earlier_rows: Sequence[int]
    known: int
    known_again: int
    gone: int
    shape: Shape
    earlier_shape: Shape | None
    stamp_since: datetime | None


Rule = Callable[[FeedFacts, FeedTerms, datetime], bool]


def usual_rows(facts: FeedFacts, terms: FeedTerms) -> float:
    """How many rows this feed usually has: the trailing median, or before any load, what the partner announced."""
    return median(facts.earlier_rows) if facts.earlier_rows else float(terms.expected_rows or 0)


def empty(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """No rows at all, though earlier loads had some."""
    return facts.mode is FeedMode.FULL and facts.rows == 0 and (facts.known > 0 or usual_rows(facts, terms) > 0)


def shrunk(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """Far fewer rows than usual."""
    usual = usual_rows(facts, terms)
    return (
        facts.mode is FeedMode.FULL and facts.rows < terms.rows_at_least * usual and usual - facts.rows > terms.few_rows
    )


def quarantined(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """Too many rows that break the contract."""
    return facts.quarantined > terms.few_rows and facts.quarantined > terms.quarantined_at_most * facts.rows


def strangers(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """Too few of the last load's vacancies: perhaps another association's feed, or new ids for all homes."""
    gone = facts.known - facts.known_again
    return (
        facts.mode is FeedMode.FULL and gone > terms.few_rows and facts.known_again < terms.known_at_least * facts.known
    )


def vanishing(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """Too many of the last load's vacancies are let or withdrawn at once."""
    return facts.gone > terms.few_rows and facts.known - facts.gone < terms.known_at_least * facts.known


def other_shape(facts: FeedFacts, terms: FeedTerms, _now: datetime) -> bool:
    """A field that every row had is in none of many rows, or a field has come that the contract does not know."""
    before, now = facts.earlier_shape, facts.shape
    if before is None or not facts.rows:
        return False
    enough = facts.mode is FeedMode.FULL and facts.rows > terms.few_rows
    vanished = before.always - now.ever if enough else frozenset()
    new = now.ever - before.ever - frozenset(FIELDS)
    return bool(vanished or new)


def standing_still(facts: FeedFacts, terms: FeedTerms, now: datetime) -> bool:
    """The feed's own timestamp has not moved for days: its export has stopped."""
    since = facts.stamp_since
    return since is not None and now - since >= timedelta(days=terms.standing_still_days)


RULES: dict[Trip, Rule] = {
    Trip.EMPTY: empty,
    Trip.SHRUNK: shrunk,
    Trip.QUARANTINED: quarantined,
    Trip.STRANGERS: strangers,
    Trip.VANISHING: vanishing,
    Trip.SHAPE: other_shape,
    Trip.STANDING_STILL: standing_still,
}


def trips(facts: FeedFacts, terms: FeedTerms, *, now: datetime) -> list[Trip]:
    """Every reason to hold a feed back; none when it may be applied."""
    return [trip for trip, rule in RULES.items() if rule(facts, terms, now)]
