"""Applies a staged load: its rows become vacancies, with one statement for each kind of change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, exists, insert, literal, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from storage.columns import UtcDateTime, id_of
from storage.feeds.absence import (
    MISSING_AT_LEAST,
    announced_now,
    take_back,
    withdraw_absent,
    withdraw_told_gone,
)
from storage.feeds.comparison import (
    CHANGES,
    HOME,
    ROW,
    VACANCY,
    Difference,
    Known,
    at_now,
    begun_at,
    feed_of,
    is_vacant,
    load_id,
    may_change,
    ours,
    staged,
    values_of,
)
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FORGOTTEN, QuarantinedRow, RowStanding
from storage.feeds.staging import CARRIED, STAGED
from storage.locks import Lock, holding, taking
from storage.vacancies.vacancies import VacancyChange, VacancyStanding

# No fetch takes longer, so a sync that still runs is never taken for a dead one.
FETCHED_WITHIN = timedelta(hours=6)
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of a load: what it changed, and the vacancies about which a person must be asked, or no longer need
    be.

    These are homes that are gone although we hold them, and homes that are announced again although we let them.
    """

    difference: Difference
    gone_while_reserved: Sequence[int] = ()
    announced_while_let: Collection[int] = ()
    announced_no_more: Collection[int] = ()


def _staged_as(standing: VacancyStanding) -> Select[Any]:
    return sa_select(
        feed_of,
        ROW.external_id,
        *(ROW[name] for name in CARRIED),
        literal(standing, HOME.standing.type),
        at_now,
        bindparam("pushed", type_=UtcDateTime()),
    ).where(ROW.load_id == load_id)


_INTO = ["association", "external_id", *CARRIED, "standing", "first_seen", "pushed_at"]
_new_rows = _staged_as(VacancyStanding.AVAILABLE).where(is_vacant)
_unknown = ~exists().where(ours, HOME.external_id == ROW.external_id)
_ALL_ARE_NEW = insert(VACANCY).from_select(_INTO, _new_rows)
_NEW = insert(VACANCY).from_select(_INTO, _new_rows.where(_unknown))
# A push may say that a home unknown to us is gone. We store that, because an older feed may still bring the home.
_NEW_AND_GONE = insert(VACANCY).from_select(_INTO, _staged_as(VacancyStanding.WITHDRAWN).where(~is_vacant, _unknown))
_TOLD = update(VACANCY).where(ours, staged).values(pushed_at=begun_at)
_FORGET = delete(STAGED).where(ROW.load_id == load_id)


def apply(session: Session, load: FeedLoad, before: Known, *, quarantined: bool, now: datetime) -> Applied:
    """Apply a load: known homes are changed, taken back or withdrawn, new ones written; and delete its staged rows.

    `quarantined` when rows of its association are in quarantine.
    """
    if quarantined:
        _readmit(session, load, now=now)
    taking(session, Lock.HOME)
    connection, is_night = session.connection(), load.kind is LoadKind.NIGHT
    values = values_of(load) | {
        "now": now,
        "pushed": None if is_night else load.started_at,
        # Nights are counted by when a feed was fetched: a feed that a person accepts later is no extra night.
        "long_ago": load.started_at - MISSING_AT_LEAST,
    }
    announced = announced_now(connection, values) if before.announced else frozenset()
    found, held = _take_known(session, load, before, values) if before.ever else (Difference(), [])
    # An insert returns its row count only on request.
    new = connection.execute(
        _NEW if before.ever else _ALL_ARE_NEW, values, execution_options={"preserve_rowcount": True}
    ).rowcount
    if not is_night:
        connection.execute(_NEW_AND_GONE, values)
        connection.execute(_TOLD, values)
    is_whole = load.mode is FeedMode.FULL
    absent = withdraw_absent(connection, before, values) if before.ever and is_whole else 0
    # Only a home that was missing can be announced again.
    still = announced_now(connection, values) if before.missing or before.announced else frozenset()
    connection.execute(_FORGET, values)
    difference = Difference(found.appeared + new, found.changed, found.vanished + absent)
    return Applied(difference, held, still - announced, announced - still)


# Only homes with a line of history are changed: a home released after the lines were written waits for tomorrow.
_has_its_lines = exists().where(col(VacancyChange.vacancy_id) == HOME.id, col(VacancyChange.load_id) == load_id)
_CHANGE = update(VACANCY).where(may_change, _has_its_lines).values({HOME[name]: ROW[name] for name in CARRIED})


def _take_known(
    session: Session, load: FeedLoad, before: Known, values: Mapping[str, Any]
) -> tuple[Difference, list[int]]:
    """Known homes that stand in the load: changed, vacant again or said to be gone; and those that a family holds."""
    connection = session.connection()
    if changed := _write_history(session, load, values["now"]):
        connection.execute(_CHANGE, values)
    returned = take_back(connection, before, values)
    gone, held = withdraw_told_gone(connection, before, values)
    return Difference(returned, changed, gone), held


def _write_history(session: Session, load: FeedLoad, now: datetime) -> int:
    changed = 0
    # Locked, so that on PostgreSQL nobody reserves or releases a home between its lines of history and its change.
    changes = holding(CHANGES, of=VACANCY)
    found = session.connection().execute(changes, values_of(load), execution_options={"yield_per": ROWS_AT_ONCE})
    for some in found.partitions():
        changed += len(some)
        session.connection().execute(insert(VacancyChange), list(_lines(some, load, now)))
    return changed


def _lines(changes: Sequence[Row[Any]], load: FeedLoad, now: datetime) -> Iterator[dict[str, Any]]:
    values: list[Any]
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


_not_seen_again = and_(
    col(QuarantinedRow.association) == bindparam("of"),
    text("standing = 'kept'"),
    col(QuarantinedRow.last_seen) < bindparam("before", type_=UtcDateTime()),
)
_ended = FORGOTTEN | {"ended_at": bindparam("now", type_=UtcDateTime()), "ended_by": "a later feed"}
_CAME_RIGHT = (
    update(QuarantinedRow)
    .where(
        _not_seen_again,
        col(QuarantinedRow.external_id).in_(sa_select(ROW.external_id).where(ROW.load_id == load_id)),
    )
    .values(standing=RowStanding.CAME_RIGHT, **_ended)
)
_GONE = update(QuarantinedRow).where(_not_seen_again).values(standing=RowStanding.GONE, **_ended)


def _readmit(session: Session, load: FeedLoad, *, now: datetime) -> None:
    """End quarantined rows that a load delivers right; after a whole feed, also those that it no longer has.

    Rows in quarantine that the load has were last seen when it was begun.
    """
    values = {"of": load.association, "before": load.started_at, "now": now}
    session.connection().execute(_CAME_RIGHT, values | {"load": load.id})
    if load.mode is FeedMode.FULL:
        session.connection().execute(_GONE, values)


def forget(session: Session, load_id: int) -> None:
    """Delete the staged rows of a load."""
    session.connection().execute(_FORGET, {"load": load_id})


def forget_abandoned(session: Session, *, now: datetime) -> int:
    """Delete what was being fetched when a process died; returns how many loads that were."""
    query = select(FeedLoad).where(
        FeedLoad.standing == LoadStanding.FETCHING, col(FeedLoad.started_at) < now - FETCHED_WITHIN
    )
    abandoned = list(session.exec(query))
    for load in abandoned:
        load.standing, load.ended_at, load.why = LoadStanding.FAILED, now, ["abandoned"]
        session.add(load)
        forget(session, id_of(load))
    return len(abandoned)


def forget_load(session: Session, load: FeedLoad) -> None:
    """Delete a load without a trace."""
    forget(session, id_of(load))
    session.connection().execute(delete(FeedLoad).where(col(FeedLoad.id) == load.id))
