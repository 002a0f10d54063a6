"""Known homes that a load says are gone, or that a whole feed is without; and those that come back.

A home that is gone while a family holds it, or is announced while a family is said to live there, is a person's to look
at.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage.columns import UtcDateTime
from storage.feeds.comparison import (
    HOME,
    ROW,
    VACANCY,
    Known,
    begun_at,
    in_quarantine,
    is_vacant,
    load_id,
    not_in_feed,
    not_told_since,
    ours,
    staged_gone,
    staged_vacant,
)
from storage.locks import Lock, taking
from storage.vacancies.offers import Offer, OfferStanding
from storage.vacancies.vacancies import VacancyStanding

# A home vanishes when two full feeds at least half a day apart lack it: on the second night in a row, however often
# somebody syncs by hand.
MISSING_AT_LEAST = timedelta(hours=12)

_taken = exists().where(
    col(Offer.vacancy_id) == HOME.id, col(Offer.standing).in_([OfferStanding.TAKEN, OfferStanding.LIVE])
)
# A home that we let is vacant again only after it was gone from the feed and the family's case is closed.
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
# We let it, it was gone since, and our family is said to live there: a person is asked, and nobody gets the home.
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
# A home that we let stays missing until it has returned.
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
_THERE_AGAIN = (
    update(VACANCY).where(ours, HOME.gone_at.is_not(None), staged_vacant, not_told_since).values(gone_at=None)
)


def take_back(connection: Connection, before: Known, values: Mapping[str, Any]) -> int:
    """Mark gone or missing homes that are there again; returns how many of them are vacant again."""
    returned = connection.execute(_RETURNED, values).rowcount
    if before.missing:
        connection.execute(_ANNOUNCED_AGAIN, values)
        connection.execute(_SEEN, values)
    if before.gone_while_held:
        connection.execute(_THERE_AGAIN, values)
    return returned


_announced = (ours, HOME.announced_at.is_not(None))
_ANNOUNCED = sa_select(HOME.id).where(*_announced)


def announced_now(connection: Connection, values: Mapping[str, Any]) -> frozenset[int]:
    """The homes that are announced while a family is said to live there."""
    return frozenset(connection.execute(_ANNOUNCED, values).scalars())


_NOT_VACANT = sa_select(ROW.external_id).where(ROW.load_id == load_id, ~is_vacant).limit(1)
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
# The association itself says that the home is gone: an announcement after that is a new vacancy.
_LET_AND_GONE = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.LET, HOME.missing_since.is_(None), staged_gone, not_told_since)
    .values(missing_since=begun_at)
)
_TOLD_NO_LONGER = update(VACANCY).where(*_announced, staged_gone, not_told_since).values(announced_at=None)


def withdraw_told_gone(connection: Connection, before: Known, values: Mapping[str, Any]) -> tuple[int, list[int]]:
    """Homes that a load says are let or withdrawn: how many are off the market now, and those that a family holds."""
    if not connection.execute(_NOT_VACANT, values).first():
        return 0, []
    gone = connection.execute(_TOLD_GONE, values).rowcount
    held = list(connection.execute(_GONE_WHILE_RESERVED, values).scalars())
    connection.execute(_LET_AND_GONE, values)
    if before.announced:
        connection.execute(_TOLD_NO_LONGER, values)
    return gone, held


_overdue = HOME.missing_since.is_not(None) & (HOME.missing_since <= bindparam("long_ago", type_=UtcDateTime()))
_MISSING_AGAIN = (
    update(VACANCY)
    .where(ours, HOME.standing == VacancyStanding.AVAILABLE, _overdue)
    .values(standing=VacancyStanding.WITHDRAWN)
)
_STILL_MISSING = _MISSING_AGAIN.where(not_in_feed)
_NO_LONGER_IN_FEED = update(VACANCY).where(*_announced, not_in_feed, not_told_since).values(announced_at=None)
_MISSING = (
    update(VACANCY)
    .where(ours, HOME.missing_since.is_(None), HOME.standing != VacancyStanding.WITHDRAWN, not_in_feed, not_told_since)
    .values(missing_since=begun_at)
)


def withdraw_absent(connection: Connection, before: Known, values: Mapping[str, Any]) -> int:
    """Known homes that a whole feed no longer has; returns how many have now been missing for long enough to vanish."""
    gone = connection.execute(_STILL_MISSING, values).rowcount if before.missing else 0
    if before.announced:
        connection.execute(_NO_LONGER_IN_FEED, values)
    if before.listed < before.standing:
        connection.execute(_MISSING, values)
    return gone


def withdraw_missing(session: Session, association: str, *, now: datetime) -> int:
    """An unchanged feed's night: homes that were missing are missing again, and vanish if long enough."""
    taking(session, Lock.HOME)
    values = {"feed_of": association, "long_ago": now - MISSING_AT_LEAST}
    return session.connection().execute(_MISSING_AGAIN, values).rowcount
