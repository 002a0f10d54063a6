"""A staged load beside what is known, and its rows taken over: set by set, whatever their number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    Row,
    Select,
    String,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    text,
    update,
)
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col

from domain.vacancy_feed import FeedStatus
from storage.columns import UtcDateTime
from storage.feeds import FeedLoad, LoadKind
from storage.quarantine import QuarantinedRow
from storage.staging import CARRIED, STAGED
from storage.vacancies import Offer, OfferStanding, VacancyChange, VacancyStanding

VACANCY: Table = SQLModel.metadata.tables["vacancy"]
# Two full feeds without it, half a day apart at least: the second night in a row, however often somebody syncs by hand.
MISSING_AT_LEAST = timedelta(hours=12)
ROWS_AT_ONCE = 500

_v, _s = VACANCY.c, STAGED.c
_load: BindParameter[int] = bindparam("load", type_=Integer())
_association: BindParameter[str] = bindparam("feed_of", type_=String())
_now = bindparam("now", type_=UtcDateTime())
_started = bindparam("started", type_=UtcDateTime())
_ours = _v.association == _association
_same_home = _ours & (_v.external_id == _s.external_id) & (_s.load_id == _load)
# What the association told us itself, after this load was begun, is newer than the load.
_not_told_since = _v.pushed_at.is_(None) | (_v.pushed_at < _started)
_vacant = _s.status == FeedStatus.VACANT
_differs = or_(*(_v[name].is_distinct_from(_s[name]) for name in CARRIED))
# A home that is reserved keeps the terms that it was offered on.
_may_change = _same_home & _vacant & (_v.standing != VacancyStanding.RESERVED) & _not_told_since & _differs
_staged = exists().where(_s.load_id == _load, _s.external_id == _v.external_id)
_staged_vacant = exists().where(_s.load_id == _load, _s.external_id == _v.external_id, _vacant)
_staged_gone = exists().where(_s.load_id == _load, _s.external_id == _v.external_id, ~_vacant)
# A home whose row is wrong tonight is there all the same: what is known of it stands.
_in_quarantine = exists().where(
    col(QuarantinedRow.association) == _association,
    col(QuarantinedRow.external_id) == _v.external_id,
    col(QuarantinedRow.last_seen) == _started,
    # Its words stand in the statement: SQLite finds a partial index by its text.
    text("quarantined_row.standing = 'kept'"),
)
_gone = ~_staged_vacant & ~_in_quarantine
_taken = exists().where(
    col(Offer.vacancy_id) == _v.id, col(Offer.standing).in_([OfferStanding.TAKEN, OfferStanding.LIVE])
)

_new_rows = sa_select(
    _association,
    _s.external_id,
    *(_s[name] for name in CARRIED),
    literal(VacancyStanding.AVAILABLE, _v.standing.type),
    _now,
    bindparam("pushed", type_=UtcDateTime()),
).where(_s.load_id == _load, _vacant)
_INTO = ["association", "external_id", *CARRIED, "standing", "first_seen", "pushed_at"]
_ALL_ARE_NEW = insert(VACANCY).from_select(_INTO, _new_rows)
_NEW = insert(VACANCY).from_select(_INTO, _new_rows.where(~exists().where(_ours, _v.external_id == _s.external_id)))
_CHANGES: Select[Any] = sa_select(
    _v.id,
    *(_v[name].label(f"before_{name}") for name in CARRIED),
    *(_s[name].label(f"after_{name}") for name in CARRIED),
).where(_may_change)
_CHANGE = update(VACANCY).where(_may_change).values({_v[name]: _s[name] for name in CARRIED})
# One that we let is vacant again only after it was gone from the feed and its family's case is closed.
_RETURNED = (
    update(VACANCY)
    .where(
        _ours,
        _staged_vacant,
        _not_told_since,
        (_v.standing == VacancyStanding.WITHDRAWN)
        | ((_v.standing == VacancyStanding.LET) & _v.missing_since.is_not(None) & ~_taken),
    )
    .values(standing=VacancyStanding.AVAILABLE)
)
_SEEN = update(VACANCY).where(_ours, _v.missing_since.is_not(None), _staged_vacant).values(missing_since=None)
_TOLD = update(VACANCY).where(_ours, _staged).values(pushed_at=_now)
_TOLD_GONE = (
    update(VACANCY)
    .where(_ours, _v.standing == VacancyStanding.AVAILABLE, _staged_gone, _not_told_since)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_GONE_WHILE_RESERVED = sa_select(_v.id).where(_ours, _v.standing == VacancyStanding.RESERVED, _staged_gone)
_overdue = _v.missing_since.is_not(None) & (_v.missing_since <= bindparam("long_ago", type_=UtcDateTime()))
_STILL_MISSING = (
    update(VACANCY)
    .where(_ours, _v.standing == VacancyStanding.AVAILABLE, _overdue, _gone)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_MISSING_AGAIN = (
    update(VACANCY)
    .where(_ours, _v.standing == VacancyStanding.AVAILABLE, _overdue)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_MISSING = (
    update(VACANCY)
    .where(_ours, _v.missing_since.is_(None), _v.standing != VacancyStanding.WITHDRAWN, _gone, _not_told_since)
    .values(missing_since=_now)
)
_FORGET = delete(STAGED).where(_s.load_id == _load)
_stands = _v.missing_since.is_(None) & (_v.standing != VacancyStanding.WITHDRAWN)
_KNOWN = sa_select(
    func.count(),
    func.count().filter(_stands),
    func.count().filter(_stands, _staged | _in_quarantine),
    func.count().filter(_stands, _staged_gone),
    func.count().filter(_v.missing_since.is_not(None)),
).where(_ours)
_NOT_VACANT = sa_select(_s.external_id).where(_s.load_id == _load, ~_vacant).limit(1)
_WOULD_APPEAR = sa_select(func.count()).where(
    _s.load_id == _load,
    _vacant,
    ~exists().where(_ours, _v.external_id == _s.external_id, _v.standing != VacancyStanding.WITHDRAWN),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a load changed, or would: vacancies that appear, that change and that vanish."""

    appeared: int = 0
    changed: int = 0
    vanished: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an association's vacancies beside a load.

    All there ever were, those that stood in the last feed, those of them that stand in this load too, those that it
    says are let or withdrawn, and the missing.
    """

    ever: int
    standing: int
    again: int
    gone: int
    missing: int


def known(session: Session, load: FeedLoad) -> Known:
    """What is known of an association's vacancies beside a load."""
    return Known(*session.connection().execute(_KNOWN, _values(load)).one())


def difference(session: Session, load: FeedLoad) -> Difference:
    """What would change if a load were applied. What is missing for the first time would vanish in two nights."""
    connection, values, before = session.connection(), _values(load), known(session, load)
    changed = connection.execute(sa_select(func.count()).select_from(_CHANGES.subquery()), values).scalar_one()
    appeared = connection.execute(_WOULD_APPEAR, values).scalar_one()
    return Difference(appeared, changed, before.standing - before.again)


def apply(
    session: Session, load: FeedLoad, before: Known, *, whole: bool, now: datetime
) -> tuple[Difference, list[int]]:
    """Take a load over, and forget its rows; the vacancies that are gone although we hold them need a person."""
    connection, values = session.connection(), _values(load) | {"now": now, "long_ago": now - MISSING_AT_LEAST}
    values |= {"pushed": None if load.kind is LoadKind.NIGHT else now}
    appeared = changed = gone = 0
    held: list[int] = []
    if before.ever:
        if changed := _write_history(session, load, now):
            connection.execute(_CHANGE, values)
        appeared += connection.execute(_RETURNED, values).rowcount
        if before.missing:
            connection.execute(_SEEN, values)
        if connection.execute(_NOT_VACANT, values).first():
            gone += connection.execute(_TOLD_GONE, values).rowcount
            held = list(connection.execute(_GONE_WHILE_RESERVED, values).scalars())
    # An insert tells its count only when it is asked to.
    new = _NEW if before.ever else _ALL_ARE_NEW
    appeared += connection.execute(new, values, execution_options={"preserve_rowcount": True}).rowcount
    if before.ever and whole:
        if before.missing:
            gone += connection.execute(_STILL_MISSING, values).rowcount
        if before.again < before.standing:
            connection.execute(_MISSING, values)
    if load.kind is not LoadKind.NIGHT:
        connection.execute(_TOLD, values)
    connection.execute(_FORGET, values)
    return Difference(appeared, changed, gone), held


def withdraw_missing(session: Session, association: str, *, now: datetime) -> int:
    """A night on which a feed has not changed: what was missing is missing again."""
    values = {"feed_of": association, "long_ago": now - MISSING_AT_LEAST}
    return session.connection().execute(_MISSING_AGAIN, values).rowcount


def forget(session: Session, load_id: int) -> None:
    """Let the rows of a load go."""
    session.connection().execute(_FORGET, {"load": load_id})


def forget_load(session: Session, load: FeedLoad) -> None:
    """Let a load go, as if it had never been."""
    forget(session, load.id or 0)
    session.connection().execute(delete(FeedLoad).where(col(FeedLoad.id) == load.id))


def _values(load: FeedLoad) -> dict[str, Any]:
    return {"load": load.id, "feed_of": load.association, "started": load.started_at}


def _write_history(session: Session, load: FeedLoad, now: datetime) -> int:
    changed = 0
    found = session.connection().execute(_CHANGES, _values(load), execution_options={"yield_per": ROWS_AT_ONCE})
    for some in found.partitions():
        changed += len(some)
        session.connection().execute(insert(VacancyChange), list(_lines(some, load, now)))
    return changed


def _lines(changes: Sequence[Row[Any]], load: FeedLoad, now: datetime) -> Iterator[dict[str, Any]]:
    for change in changes:
        home, *values = change
        before, after = values[: len(CARRIED)], values[len(CARRIED) :]
        for name, old, new in zip(CARRIED, before, after, strict=True):
            if old != new:
                yield {
                    "vacancy_id": home,
                    "load_id": load.id,
                    "at": now,
                    "field": name,
                    "before": None if old is None else str(old),
                    "after": None if new is None else str(new),
                }
