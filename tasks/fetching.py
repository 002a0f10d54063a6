"""A feed on its way into staging, a batch at a time, so that memory does not grow with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from sqlmodel import Session

from domain.breaker import FeedTerms, Shape
from domain.ports import FeedBatch, FeedHead, FeedMark, RawVacancy
from domain.vacancy_feed import Judge, VacancyRow
from storage.applying import forget
from storage.feeds import Feed, FeedLoad, LoadKind, LoadStanding
from storage.places import area_ids, municipality_names
from storage.quarantine import Rejected, keep, mappings_of
from storage.staging import stage, staged_among
from tasks.platform import Platform

LONGEST_ID = 120


@dataclass(frozen=True, slots=True)
class Ground:
    """What an association's rows are read and judged by."""

    judge: Judge
    areas: Mapping[tuple[str, str], int]
    mappings: Mapping[tuple[str, str], str]

    def meant(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """A row's values with the words that somebody has mapped."""
        found = {
            name: self.mappings[name, str(value)]
            for name, value in values.items()
            if (name, str(value)) in self.mappings
        }
        return {**values, **found} if found else values


def ground_of(session: Session, association: str) -> Ground:
    """What an association's rows are read and judged by, now."""
    judge = Judge(frozenset(municipality_names(session)))
    return Ground(judge, area_ids(session), mappings_of(session, association))


@dataclass(slots=True)
class Judged:
    """Some rows, judged: the good ones by their id, and those that break the contract."""

    good: dict[str, VacancyRow] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def take(self, raw: RawVacancy, ground: Ground) -> None:
        """Judge one row."""
        row, faults = ground.judge.row(ground.meant(raw.values) if ground.mappings else raw.values)
        if row is not None and row.external_id in self.good:
            faults = [TWICE]
        if row is None or faults:
            self.rejected.append(rejected(raw, faults))
        else:
            self.good[row.external_id] = row


TWICE = "external_id: stands twice in the feed"


def rejected(raw: RawVacancy, faults: list[str]) -> Rejected:
    """A row for quarantine, under its id when it has one."""
    named = raw.values.get("external_id")
    return Rejected(raw.line, as_bytes(raw.source), named if isinstance(named, str) and named else None, faults)


def as_bytes(source: object) -> bytes:
    """A row as it came; what was JSON is written as JSON again."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        return source.encode("utf-8", "surrogateescape")
    return orjson.dumps(source, default=str)


class Names:
    """Which names the rows of a feed have: in every row, and in any."""

    def __init__(self) -> None:
        self.rows = 0
        self._kinds: dict[tuple[str, ...], None] = {}

    def see(self, rows: Sequence[RawVacancy]) -> None:
        """Count some rows."""
        self.rows += len(rows)
        kinds = {tuple(row.values) for row in rows}
        self._kinds.update(dict.fromkeys(kinds))
        if len(self._kinds) > MOST_KINDS:
            shape = self.shape()
            self._kinds = dict.fromkeys([tuple(shape.always), tuple(shape.ever)])

    def shape(self) -> Shape:
        """The names of all rows so far."""
        kinds = [frozenset(kind) for kind in self._kinds]
        return Shape(frozenset.intersection(*kinds), frozenset.union(*kinds)) if kinds else Shape(NONE, NONE)


NONE: frozenset[str] = frozenset()
MOST_KINDS = 1000


@dataclass(slots=True)
class Fetching:
    """One load on its way into staging. It has a row in the database from its first batch of rows on."""

    platform: Platform
    before: Feed
    terms: FeedTerms
    flow_run_id: str | None = None
    load: FeedLoad | None = None
    head: FeedHead = field(default_factory=FeedHead)
    names: Names = field(default_factory=Names)
    quarantined: int = 0
    _ground: Ground | None = None

    @property
    def mark(self) -> FeedMark:
        """What the feed is asked with: nothing once in a while, for a server whose marks are wrong."""
        last_full = self.before.last_full_at
        if last_full is None or self.platform.now() - last_full >= timedelta(days=self.terms.full_every_days):
            return FeedMark()
        return FeedMark(self.before.etag, self.before.last_modified, self.before.generated_at)

    def start_over(self) -> None:
        """Forget what an attempt brought that broke off."""
        self.head, self.names, self.quarantined = FeedHead(), Names(), 0
        if self.load is not None:
            with self.platform.database.writing() as session:
                forget(session, self.load.id or 0)

    def take(self, batch: FeedBatch) -> None:
        """Judge some rows and write them down: the good ones into staging, the others into quarantine."""
        if not self.names.rows:
            self.head = batch.head
        if batch.head.unchanged:
            return
        if self._ground is None:
            with self.platform.database.reading() as session:
                self._ground = ground_of(session, self.before.association)
        judged = Judged()
        for raw in batch.rows:
            judged.take(raw, self._ground)
        load = self._write(batch, judged, self._ground)
        self.names.see(batch.rows)
        self.quarantined += len(judged.rejected)
        load.rows, load.quarantined = self.names.rows, self.quarantined

    def _write(self, batch: FeedBatch, judged: Judged, ground: Ground) -> FeedLoad:
        with self.platform.database.writing() as session:
            if self.load is None:
                self.load = self._begun()
                session.add(self.load)
                session.flush()
            load_id = self.load.id or 0
            if self.names.rows:
                self._set_aside_again(session, load_id, batch, judged)
            stage(session, load_id, judged.good.values(), ground.areas)
            keep(session, self.before.association, judged.rejected, now=self.load.started_at)
            return self.load

    def _set_aside_again(self, session: Session, load_id: int, batch: FeedBatch, judged: Judged) -> None:
        """Rows whose id stood in an earlier batch."""
        for external_id in staged_among(session, load_id, judged.good):
            del judged.good[external_id]
            raw = next(raw for raw in batch.rows if str(raw.values.get("external_id")).strip() == external_id)
            judged.rejected.append(rejected(raw, [TWICE]))

    def _begun(self) -> FeedLoad:
        return FeedLoad(
            association=self.before.association,
            kind=LoadKind.NIGHT,
            mode=self.head.mode,
            standing=LoadStanding.FETCHING,
            started_at=self.platform.now(),
            flow_run_id=self.flow_run_id,
        )
