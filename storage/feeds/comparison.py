"""Compares a staged load with the known vacancies: what stands in both, what is new, what differs and what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, String, Table, bindparam, exists, func, or_, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col

from domain.feeds.contract import FeedMode, FeedStatus
from domain.feeds.load import LoadKind
from storage.columns import UtcDateTime
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow
from storage.feeds.staging import CARRIED, STAGED
from storage.vacancies.vacancies import VacancyStanding

VACANCY: Table = SQLModel.metadata.tables["vacancy"]
HOME, ROW = VACANCY.c, STAGED.c

load_id: BindParameter[int] = bindparam("load", type_=Integer())
feed_of: BindParameter[str] = bindparam("feed_of", type_=String())
at_now = bindparam("now", type_=UtcDateTime())
begun_at = bindparam("started", type_=UtcDateTime())
ours = HOME.association == feed_of
# Whether the association has told us nothing of the home since this load began: what it tells is newer than the load.
not_told_since = HOME.pushed_at.is_(None) | (HOME.pushed_at < bindparam("told_before", type_=UtcDateTime()))
is_vacant = ROW.status == FeedStatus.VACANT
# A reserved home keeps the terms that it was offered on.
may_change = (
    (ours & (HOME.external_id == ROW.external_id) & (ROW.load_id == load_id))
    & (is_vacant & (HOME.standing != VacancyStanding.RESERVED) & not_told_since)
    & or_(*(HOME[name].is_distinct_from(ROW[name]) for name in CARRIED))
)
staged = exists().where(ROW.load_id == load_id, ROW.external_id == HOME.external_id)
staged_vacant = exists().where(ROW.load_id == load_id, ROW.external_id == HOME.external_id, is_vacant)
staged_gone = exists().where(ROW.load_id == load_id, ROW.external_id == HOME.external_id, ~is_vacant)
# A home whose row is wrong tonight still exists: what is known of it stays.
in_quarantine = exists().where(
    col(QuarantinedRow.association) == feed_of,
    col(QuarantinedRow.external_id) == HOME.external_id,
    col(QuarantinedRow.last_seen) >= begun_at,
    # The words stand in the statement itself, because SQLite finds a partial index by its text.
    text("quarantined_row.standing = 'kept'"),
)
not_in_feed = ~staged_vacant & ~in_quarantine

CHANGES: Select[Any] = sa_select(
    HOME.id,
    *(HOME[name].label(f"before_{name}") for name in CARRIED),
    *(ROW[name].label(f"after_{name}") for name in CARRIED),
).where(may_change)
stands = HOME.missing_since.is_(None) & (HOME.standing != VacancyStanding.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a load changed or would change: vacancies that appear, change and vanish."""

    appeared: int = 0
    changed: int = 0
    vanished: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an association's vacancies beside a load.

    Counts: `ever` all there ever were, `standing` those in the last feed, `again` those of them in this load too,
    `listed` those of these that it does not say are gone, `gone` those that it says are let or withdrawn, `missing`
    those missing, `gone_while_held` those said to be gone while a family held them, and `announced` those announced
    again while a family is said to live there.
    """

    ever: int
    standing: int
    again: int
    listed: int
    gone: int
    missing: int
    gone_while_held: int
    announced: int


_KNOWN = sa_select(
    func.count(),
    func.count().filter(stands),
    func.count().filter(stands, staged | in_quarantine),
    func.count().filter(stands, staged_vacant | in_quarantine),
    func.count().filter(stands, staged_gone),
    func.count().filter(HOME.missing_since.is_not(None)),
    func.count().filter(HOME.gone_at.is_not(None)),
    func.count().filter(HOME.announced_at.is_not(None)),
).where(ours)


def known(session: Session, load: FeedLoad) -> Known:
    """What is known of an association's vacancies beside a load."""
    return Known(*session.connection().execute(_KNOWN, values_of(load)).one())


_appears = (
    (ROW.load_id == load_id)
    & is_vacant
    & ~exists().where(ours, HOME.external_id == ROW.external_id, HOME.standing != VacancyStanding.WITHDRAWN)
)
_WOULD_APPEAR = sa_select(func.count()).where(_appears)


def difference(session: Session, load: FeedLoad) -> Difference:
    """What a load would change if applied. A home missing for the first time counts: in two nights it would vanish."""
    connection, values, before = session.connection(), values_of(load), known(session, load)
    changed = connection.execute(sa_select(func.count()).select_from(CHANGES.subquery()), values).scalar_one()
    appeared = connection.execute(_WOULD_APPEAR, values).scalar_one()
    absent = before.standing - before.again if load.mode is FeedMode.FULL else 0
    return Difference(appeared, changed, absent + before.gone)


def values_of(load: FeedLoad) -> dict[str, Any]:
    """The parameters of these statements for a load."""
    # Of two tellings of an association at the same moment, the later counts.
    told_before = load.started_at if load.kind is LoadKind.NIGHT else load.started_at + timedelta(microseconds=1)
    return {"load": load.id, "feed_of": load.association, "started": load.started_at, "told_before": told_before}


@dataclass(frozen=True, slots=True)
class Differing:
    """A vacancy that a load would bring, change or remove; each change as field, before and after."""

    deed: str
    external_id: str
    department: str
    changes: tuple[tuple[str, str, str], ...] = ()


_APPEARING = sa_select(ROW.external_id, ROW.department).where(_appears).order_by(ROW.external_id)
_known_homes = sa_select(HOME.external_id, HOME.department).order_by(HOME.external_id)
_VANISHING = _known_homes.where(ours, stands, (~staged & ~in_quarantine) | staged_gone)
_TAKEN_AWAY = _known_homes.where(ours, stands, staged_gone)


def differing(session: Session, load: FeedLoad, *, most: int) -> Iterator[Differing]:
    """The vacancies that a load would change if it were applied, at most `most` of each kind."""
    connection, values = session.connection(), values_of(load)
    for external_id, department in connection.execute(_APPEARING.limit(most), values):
        yield Differing("appear", external_id, department)
    for change in connection.execute(CHANGES.add_columns(HOME.external_id).limit(most), values):
        _, *both, external_id = change
        beside = zip(CARRIED, both[: len(CARRIED)], both[len(CARRIED) :], strict=True)
        changes = tuple((name, _told(before), _told(after)) for name, before, after in beside if before != after)
        yield Differing("change", external_id, both[CARRIED.index("department")], changes)
    vanishing = _VANISHING if load.mode is FeedMode.FULL else _TAKEN_AWAY
    for external_id, department in connection.execute(vanishing.limit(most), values):
        yield Differing("vanish", external_id, department)


def _told(value: object) -> str:
    return "" if value is None else str(value)
