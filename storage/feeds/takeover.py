"""A staged load taken over: set by set, whatever the number of its rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    update,
)
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.feeds.load import LoadKind, LoadStanding
from storage.columns import UtcDateTime, id_of
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
    in_quarantine,
    is_vacant,
    load_id,
    may_change,
    not_in_feed,
    not_told_since,
    ours,
    staged,
    staged_gone,
    staged_vacant,
    values_of,
)
from storage.feeds.feeds import FeedLoad
from storage.feeds.staging import CARRIED, STAGED
from storage.locks import Lock, holding, taking
from storage.vacancies.vacancies import Offer, OfferStanding, VacancyChange, VacancyStanding

# Two full feeds without it, half a day apart at least: the second night in a row, however often somebody syncs by hand.
MISSING_AT_LEAST = timedelta(hours=12)
# Nothing takes longer, and a sync that still runs is never taken for a dead one.
FETCHED_WITHIN = timedelta(hours=6)
ROWS_AT_ONCE = 500

_taken = exists().where(
    col(Offer.vacancy_id) == HOME.id, col(Offer.standing).in_([OfferStanding.TAKEN, OfferStanding.LIVE])
)


def _staged_as(standing: VacancyStanding) -> Select[Any]:
    return sa_select(
        feed_of,
        ROW.external_id,
        *(ROW[name] for name in CARRIED),
        literal(standing, HOME.standing.type),
        at_now,
        bindparam("pushed", type_=UtcDateTime()),
    ).where(ROW.load_id == load_id)


_new_rows = _staged_as(VacancyStanding.AVAILABLE).where(is_vacant)
_INTO = ["association", "external_id", *CARRIED, "standing", "first_seen", "pushed_at"]
_ALL_ARE_NEW = insert(VACANCY).from_select(_INTO, _new_rows)
_unknown = ~exists().where(ours, HOME.external_id == ROW.external_id)
_NEW = insert(VACANCY).from_select(_INTO, _new_rows.where(_unknown))
# An association that says of a home we have not heard of that it is gone is believed: an older feed may still bring it.
_NEW_AND_GONE = insert(VACANCY).from_select(_INTO, _staged_as(VacancyStanding.WITHDRAWN).where(~is_vacant, _unknown))
# What has no line of history is not changed: a home that was let go since the lines were written waits for tomorrow.
_has_its_lines = exists().where(col(VacancyChange.vacancy_id) == HOME.id, col(VacancyChange.load_id) == load_id)
_CHANGE = update(VACANCY).where(may_change, _has_its_lines).values({HOME[name]: ROW[name] for name in CARRIED})
# One that we let is vacant again only after it was gone from the feed and its family's case is closed.
_RETURNED = (
    update(VACANCY)
    .where(
        ours,
        staged_vacant,
        not_told_since,
        (HOME.standing == VacancyStanding.WITHDRAWN)
        | ((HOME.standing == VacancyStanding.LET) & HOME.missing_since.is_not(None) & ~_taken),
    )
    .values(standing=VacancyStanding.AVAILABLE, announced_at=None)
)
# One that we let stays missing until it has returned.
_SEEN = (
    update(VACANCY)
    .where(
        ours,
        HOME.missing_since.is_not(None),
        HOME.standing != VacancyStanding.LET,
        staged_vacant | in_quarantine,
    )
    .values(missing_since=None)
)
# Gone in the association's own words: when it is announced once more, it is anew.
_LET_AND_GONE = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.LET, HOME.missing_since.is_(None), staged_gone, not_told_since)
    .values(missing_since=begun_at)
)
# It has been gone since we let it, and our family is said to live there: a person is asked, and nobody gets it.
_ANNOUNCED_AGAIN = (
    update(VACANCY)
    .where(
        ours,
        HOME.standing == VacancyStanding.LET,
        HOME.missing_since.is_not(None),
        HOME.announced_at.is_(None),
        staged_vacant,
        not_told_since,
        _taken,
    )
    .values(announced_at=begun_at)
)
_announced = (ours, HOME.announced_at.is_not(None))
_ANNOUNCED = sa_select(HOME.id).where(*_announced)
_TOLD_NO_LONGER = update(VACANCY).where(*_announced, staged_gone, not_told_since).values(announced_at=None)
_NO_LONGER_IN_FEED = update(VACANCY).where(*_announced, not_in_feed, not_told_since).values(announced_at=None)
_TOLD = update(VACANCY).where(ours, staged).values(pushed_at=begun_at)
_TOLD_GONE = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.AVAILABLE, staged_gone, not_told_since)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_GONE_WHILE_RESERVED = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.RESERVED, staged_gone, not_told_since)
    .values(gone_at=begun_at)
    .returning(HOME.id)
)
_THERE_AGAIN = (
    update(VACANCY).where(ours, HOME.gone_at.is_not(None), staged_vacant, not_told_since).values(gone_at=None)
)
_overdue = HOME.missing_since.is_not(None) & (HOME.missing_since <= bindparam("long_ago", type_=UtcDateTime()))
_STILL_MISSING = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.AVAILABLE, _overdue, not_in_feed)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_MISSING_AGAIN = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.AVAILABLE, _overdue)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_MISSING = (
    update(VACANCY)
    .where(ours, HOME.missing_since.is_(None), HOME.standing != VacancyStanding.WITHDRAWN, not_in_feed, not_told_since)
    .values(missing_since=begun_at)
)
_FORGET = delete(STAGED).where(ROW.load_id == load_id)
_NOT_VACANT = sa_select(ROW.external_id).where(ROW.load_id == load_id, ~is_vacant).limit(1)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a load: what it changed, and the vacancies about which a person is asked, or need not be any more.

    Those that are gone although we hold them, and those that are announced again although we let them.
    """

    difference: Difference
    gone_while_reserved: Sequence[int] = ()
    announced_while_let: Collection[int] = ()
    announced_no_more: Collection[int] = ()


def apply(session: Session, load: FeedLoad, before: Known, *, whole: bool, now: datetime) -> Applied:
    """Take a load over, and forget its rows."""
    # Nights are counted by when a feed was asked for: one that a person accepts later is no night more.
    long_ago = load.started_at - MISSING_AT_LEAST
    taking(session, Lock.HOME)
    connection, values = session.connection(), values_of(load) | {"now": now, "long_ago": long_ago}
    values |= {"pushed": None if load.kind is LoadKind.NIGHT else load.started_at}
    announced = _announced_now(connection, values) if before.announced else frozenset()
    found, held = _what_is_known(session, load, before, values) if before.ever else (Difference(), [])
    # An insert tells its count only when it is asked to.
    new = connection.execute(
        _NEW if before.ever else _ALL_ARE_NEW, values, execution_options={"preserve_rowcount": True}
    ).rowcount
    if load.kind is not LoadKind.NIGHT:
        connection.execute(_NEW_AND_GONE, values)
        connection.execute(_TOLD, values)
    absent = _what_is_absent(connection, before, values) if before.ever and whole else 0
    # Announced again is what has been missing.
    still = _announced_now(connection, values) if before.missing or before.announced else frozenset()
    connection.execute(_FORGET, values)
    difference = Difference(found.appeared + new, found.changed, found.vanished + absent)
    return Applied(difference, held, still - announced, announced - still)


def _announced_now(connection: Connection, values: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(connection.execute(_ANNOUNCED, values).scalars())


def _what_is_known(
    session: Session, load: FeedLoad, before: Known, values: Mapping[str, Any]
) -> tuple[Difference, list[int]]:
    """Homes that are known and stand in the load: changed, returned, there again, or told gone."""
    connection, gone, held = session.connection(), 0, list[int]()
    if changed := _write_history(session, load, values["now"]):
        connection.execute(_CHANGE, values)
    returned = connection.execute(_RETURNED, values).rowcount
    if before.missing:
        connection.execute(_ANNOUNCED_AGAIN, values)
        connection.execute(_SEEN, values)
    if before.gone_while_held:
        connection.execute(_THERE_AGAIN, values)
    if connection.execute(_NOT_VACANT, values).first():
        gone = connection.execute(_TOLD_GONE, values).rowcount
        held = list(connection.execute(_GONE_WHILE_RESERVED, values).scalars())
        connection.execute(_LET_AND_GONE, values)
        if before.announced:
            connection.execute(_TOLD_NO_LONGER, values)
    return Difference(returned, changed, gone), held


def _what_is_absent(connection: Connection, before: Known, values: Mapping[str, Any]) -> int:
    """Homes that a whole feed no longer has; how many of them it has been without for long enough."""
    gone = connection.execute(_STILL_MISSING, values).rowcount if before.missing else 0
    if before.announced:
        connection.execute(_NO_LONGER_IN_FEED, values)
    if before.listed < before.standing:
        connection.execute(_MISSING, values)
    return gone


def withdraw_missing(session: Session, association: str, *, now: datetime) -> int:
    """A night on which a feed has not changed: what was missing is missing again."""
    taking(session, Lock.HOME)
    values = {"feed_of": association, "long_ago": now - MISSING_AT_LEAST}
    return session.connection().execute(_MISSING_AGAIN, values).rowcount


def forget(session: Session, load_id: int) -> None:
    """Let the rows of a load go."""
    session.connection().execute(_FORGET, {"load": load_id})


def forget_abandoned(session: Session, *, now: datetime) -> int:
    """Let go of what was being fetched when a process died; how many loads that were."""
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
    """Let a load go, as if it had never been."""
    forget(session, id_of(load))
    session.connection().execute(delete(FeedLoad).where(col(FeedLoad.id) == load.id))


def _write_history(session: Session, load: FeedLoad, now: datetime) -> int:
    changed = 0
    # On PostgreSQL nobody reserves a home or lets it go between its lines of history and its change.
    changes = holding(CHANGES, of=VACANCY)
    found = session.connection().execute(changes, values_of(load), execution_options={"yield_per": ROWS_AT_ONCE})
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
