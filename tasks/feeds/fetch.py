"""A feed's rows from its partner to the market: read and staged a batch at a time, then taken over, or held back.

Memory does not grow with the feed, and no transaction is open while a partner answers.
"""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.errors import PartnerUnavailable
from domain.feeds.breaker import FeedTerms
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.feeds.row_names import RowNames
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy, VacancyFeed
from storage.columns import id_of
from storage.feeds.comparison import Known, difference, known
from storage.feeds.feeds import FeedLoad, KnownFeed, write_load
from storage.feeds.staging import JudgedRows, ground_of, judge, reject_repeated, stage
from storage.feeds.takeover import apply, forget, forget_load
from storage.feeds.version_guard import take_turn
from tasks.feeds.threads import off_the_loop
from tasks.feeds.verdict import hold, remember_applied, supersede_held, tell, why_held
from tasks.platform import Platform

# Far more than a feed needs, and far less than the time after which its load counts as abandoned.
LONGEST_FETCH = timedelta(hours=1)


@dataclass(slots=True)
class Fetching:
    """One load of a feed. `finish` ends it, in one transaction; `awaited` tells then whether a family waits for homes.

    The newest batch waits for the next one or for the end: most feeds have one, and cost one transaction. The load has
    a row in the database from its second batch on, or from its end.
    """

    platform: Platform
    before: KnownFeed
    terms: FeedTerms
    mapped: bool = True
    flow_run_id: str | None = None
    dry: bool = False
    load: FeedLoad | None = None
    head: FeedHead = field(default_factory=FeedHead)
    names: RowNames = field(default_factory=RowNames)
    rows: int = 0
    awaited: bool = False
    # What the association itself tells us after this is newer than the feed.
    started_at: datetime = field(init=False)
    _newest: Sequence[RawVacancy] | None = None

    def __post_init__(self) -> None:
        """Begin: the feed is about to be fetched."""
        self.started_at = self.platform.now()

    async def read(self, feed: VacancyFeed, rows_seen: Callable[[int], None] | None = None) -> None:
        """Read a feed from the beginning, forgetting the rows of an attempt that broke off."""
        if self.load is not None:
            await off_the_loop(self.platform, self._start_over, self.load)
        self.head, self.names, self.rows, self._newest = FeedHead(), RowNames(), 0, None
        async with aclosing(feed.batches(self._mark())) as batches:
            async for batch in batches:
                self.head = batch.head
                if self._newest is not None:
                    await off_the_loop(self.platform, self.take, batch)
                elif not batch.head.unchanged:
                    # Nothing to compute yet: to wake a thread for it costs a night on PostgreSQL some of its time.
                    self.take(batch)
                if rows_seen:
                    rows_seen(self.rows)

    def _mark(self) -> FeedMark:
        """The mark to ask the feed with; now and then none, in case a server's marks are wrong."""
        last_full = self.before.last_full_at
        if last_full is None or self.platform.now() - last_full >= timedelta(days=self.terms.full_every_days):
            return FeedMark()
        return FeedMark(self.before.etag, self.before.last_modified, self.before.generated_at)

    def _start_over(self, load: FeedLoad) -> None:
        load.rows = load.quarantined = load.not_kept = 0
        with self.platform.database.writing() as session:
            forget(session, id_of(load))

    def take(self, batch: FeedBatch) -> None:
        """Take a batch; the one before it is judged and staged. `PartnerUnavailable` when the feed takes too long."""
        if self.platform.now() - self.started_at > LONGEST_FETCH:
            raise PartnerUnavailable("GET /: the feed does not come to an end")
        if self._newest is not None:
            judged = self._judged()
            with self.platform.database.writing() as session:
                self._stage(session, judged, keep_rejected=not self.dry)
        self._newest = batch.rows
        self.rows += len(batch.rows)

    def _judged(self) -> JudgedRows:
        """The newest batch, judged before anything is locked for it: others write meanwhile, however long it takes."""
        if self._newest is None:
            raise PartnerUnavailable("the feed told nothing at all")
        with self.platform.database.reading() as session:
            judged = judge(self._newest, ground_of(session, self.before.association, mapped=self.mapped))
            if self.load is not None:
                reject_repeated(session, self.load, judged)
        self._newest = None
        self.names.see(judged.kinds)
        return judged

    def _stage(self, session: Session, rows: JudgedRows, *, keep_rejected: bool = True) -> FeedLoad:
        if self.load is None:
            self.load = FeedLoad(
                association=self.before.association,
                kind=LoadKind.NIGHT,
                mode=self.head.mode,
                standing=LoadStanding.FETCHING,
                started_at=self.started_at,
                flow_run_id=self.flow_run_id,
            )
            write_load(session, self.load)
        stage(session, self.load, rows, keep_rejected=keep_rejected)
        return self.load

    def finish(self) -> FeedLoad:
        """End the load: apply it, or hold it back for a person when the breaker trips."""
        judged = self._judged()
        with self.platform.database.writing() as session:
            now, left = self.platform.now(), take_turn(session, self.before)
            load, beside = self._whole(session, judged, now)
            if left.held:
                supersede_held(session, load.association, now)
            if load.why:
                hold(session, load, now=now)
            else:
                applied = apply(session, load, beside, quarantined=left.kept, now=now)
                remember_applied(session, load, self.before, applied, now=now)
            if left.asked or load.why:
                tell(session, load.association, load.why, now)
        self.awaited = left.awaited
        return load

    def try_out(self) -> FeedLoad:
        """Put in the load what `finish` would do, and leave no trace; `ready` means that it would be applied."""
        begun, judged = self.load, self._judged()
        with self.platform.database.writing() as session:
            with session.begin_nested() as trial:
                load, _ = self._whole(session, judged, self.platform.now())
                would = difference(session, load)
                trial.rollback()
            if begun is not None:
                forget_load(session, begun)
        load.standing = LoadStanding.HELD if load.why else LoadStanding.READY
        load.appeared, load.changed, load.vanished = would.appeared, would.changed, would.vanished
        return load

    def _whole(self, session: Session, last: JudgedRows, now: datetime) -> tuple[FeedLoad, Known]:
        """The load with its last rows, what tripped the breaker in `why`; and what is known beside it."""
        load, shape, mark = self._stage(session, last), self.names.shape(), self.head.mark
        load.mode, load.etag, load.last_modified = self.head.mode, mark.etag, mark.last_modified
        load.generated_at = mark.generated_at
        # The names that a few rows share say nothing about the next few rows.
        tells_shape = load.mode is FeedMode.FULL and load.rows > self.terms.few_rows
        load.names_always, load.names_ever = sorted(shape.always) if tells_shape else [], sorted(shape.ever)
        beside = known(session, load)
        load.why = why_held(session, load, self.before, self.terms, shape=shape, beside=beside, now=now)
        return load, beside
