"""A feed on its way into staging, a batch at a time, so that memory does not grow with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.anonymity.screening import without_cpr_numbers
from domain.errors import PartnerUnavailable
from domain.feeds.breaker import FeedTerms, Shape
from domain.feeds.load import LoadKind, LoadStanding
from domain.feeds.row_judge import external_id_of
from domain.parties import party
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy
from storage.areas.area_names import ask_about
from storage.columns import id_of
from storage.feeds.feeds import FeedLoad, KnownFeed, write_load
from storage.feeds.quarantine import keep
from storage.feeds.row_judging import TWICE, Judged, ground_of, judge, rejected
from storage.feeds.staging import stage, staged_among
from storage.feeds.takeover import forget
from tasks.platform import Platform


class Names:
    """Which names the rows of a feed have: in every row, and in any."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], None] = {}

    def see(self, kinds: Iterable[tuple[str, ...]]) -> None:
        """Look at the names of some rows."""
        self._kinds.update(dict.fromkeys(map(_as_kept, kinds)))
        if len(self._kinds) > MOST_KINDS:
            shape = self.shape()
            self._kinds = dict.fromkeys([tuple(shape.always), tuple(shape.ever)])

    def shape(self) -> Shape:
        """The names of all rows so far."""
        kinds = [frozenset(kind) for kind in self._kinds]
        return Shape(frozenset.intersection(*kinds), frozenset.union(*kinds)) if kinds else Shape(NONE, NONE)


def _as_kept(kind: tuple[str, ...]) -> tuple[str, ...]:
    """Names as they are written down with a load: somebody may have put anything there."""
    return tuple(without_cpr_numbers(name[:LONGEST_NAME]) for name in kind[:MOST_NAMES])


NONE: frozenset[str] = frozenset()
# Many times what the contract has.
MOST_NAMES, LONGEST_NAME = 1000, 120
MOST_KINDS = 1000
# Far more than a feed needs, and far less than the time after which its load is taken for a dead one.
LONGEST_FETCH = timedelta(hours=1)


@dataclass(slots=True)
class Fetching:
    """One load on its way into staging. It has a row in the database from its second batch on, or from its end.

    The last batch waits to be written together with the verdict: most feeds have one, and cost one transaction.
    """

    platform: Platform
    before: KnownFeed
    terms: FeedTerms
    mapped: bool = True
    flow_run_id: str | None = None
    dry: bool = False
    load: FeedLoad | None = None
    head: FeedHead = field(default_factory=FeedHead)
    names: Names = field(default_factory=Names)
    rows: int = 0
    # What the association tells us from here on is newer than the feed.
    started_at: datetime = field(init=False)
    _came: Sequence[RawVacancy] | None = None
    _last: Judged | None = None

    def __post_init__(self) -> None:
        """The feed is about to be asked for."""
        self.started_at = self.platform.now()

    @property
    def mark(self) -> FeedMark:
        """What the feed is asked with: nothing once in a while, for a server whose marks are wrong."""
        last_full = self.before.last_full_at
        if last_full is None or self.platform.now() - last_full >= timedelta(days=self.terms.full_every_days):
            return FeedMark()
        return FeedMark(self.before.etag, self.before.last_modified, self.before.generated_at)

    def start_over(self) -> None:
        """Forget what an attempt brought that broke off."""
        self.head, self.names, self.rows, self._came, self._last = FeedHead(), Names(), 0, None, None
        if self.load is not None:
            self.load.rows = self.load.quarantined = self.load.not_kept = 0
            with self.platform.database.writing() as session:
                forget(session, id_of(self.load))

    def take(self, batch: FeedBatch) -> None:
        """Judge and write down the rows that came before these. `PartnerUnavailable` when it takes too long."""
        if self.platform.now() - self.started_at > LONGEST_FETCH:
            raise PartnerUnavailable("GET /: the feed does not come to an end")
        if self._came is not None:
            self.judge_last()
            with self.platform.database.writing() as session:
                self.write_last(session, keep_rejected=not self.dry)
        self._came = batch.rows
        self.rows += len(batch.rows)

    @property
    def holds_rows(self) -> bool:
        """Whether to take another batch means to judge and write one."""
        return self._came is not None

    def judge_last(self) -> None:
        """Judge the newest batch, before anything is locked for it."""
        if self._came is None:
            return
        with self.platform.database.reading() as session:
            self._last = judge(self._came, ground_of(session, self.before.association, mapped=self.mapped))
            if self.load is not None and self.load.rows:
                self._set_aside_again(session, id_of(self.load), self._last)
        self._came = None
        self.names.see(self._last.kinds)

    def write_last(self, session: Session, *, keep_rejected: bool = True) -> FeedLoad:
        """Write the newest batch down: the good rows into staging, the others into quarantine."""
        if self._last is None:
            raise PartnerUnavailable("the feed told nothing at all")
        found, self._last = self._last, None
        if self.load is None:
            self.load = self._begun()
            write_load(session, self.load)
        load_id = id_of(self.load)
        stage(session, load_id, found.good.values())
        if keep_rejected:
            asked_by = party.association(self.before.association)
            ask_about(session, found.areas, asked_by=asked_by, now=self.load.started_at)
            self.load.not_kept += keep(session, self.before.association, found.rejected, now=self.load.started_at)
        self.load.mode = self.head.mode
        self.load.rows += len(found.rows)
        self.load.quarantined += len(found.rejected)
        return self.load

    @staticmethod
    def _set_aside_again(session: Session, load_id: int, found: Judged) -> None:
        """Rows whose id stood in an earlier batch."""
        again = set(staged_among(session, load_id, found.good))
        for raw in found.rows if again else ():
            if (external_id := external_id_of(raw.values)) in again and external_id in found.good:
                del found.good[external_id]
                found.rejected.append(rejected(raw, [TWICE]))

    def _begun(self) -> FeedLoad:
        return FeedLoad(
            association=self.before.association,
            kind=LoadKind.NIGHT,
            mode=self.head.mode,
            standing=LoadStanding.FETCHING,
            started_at=self.started_at,
            flow_run_id=self.flow_run_id,
        )
