"""Turns at a feed: the compare-and-swap between two syncs, which tells in the same look what earlier nights have left.

On most nights they have left nothing, and there is nothing to undo.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, String, bindparam, exists, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from storage.attention import AttentionItem
from storage.columns import UtcDateTime
from storage.feeds import FEED, FeedLoad, KnownFeed
from storage.quarantine import QuarantinedRow
from storage.vacancies import Vacancy


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Whether a load waits for a person, homes are missing, a person has been asked, and rows are in quarantine."""

    held: bool
    missing: bool
    asked: bool
    kept: bool


def take_turn(session: Session, feed: KnownFeed) -> Leftovers | None:
    """Write to a feed; until the transaction ends nobody else can. None when somebody has since it was read."""
    turn = _turn(session, _NEXT, feed, {"read": feed.version})
    if turn is not None or feed.version > 0:
        return turn
    try:
        return _turn(session, _FIRST, feed, {"first": 1})
    except IntegrityError:
        return None


def beside_others(session: Session, feed: KnownFeed) -> Leftovers:
    """Write beside a sync that is on its way: it waits until this transaction ends, and goes on."""
    values = {"of": feed.association, "about": f"feed:{feed.association}"}
    connection = session.connection()
    return _as_left(
        connection.execute(_AS_IT_IS, values).one_or_none() or connection.execute(_FIRST, values | {"first": 0}).one()
    )


def still_good(session: Session, feed: KnownFeed, *, now: datetime) -> Leftovers | None:
    """What is known of a feed is what it holds now. None when somebody has written to it since it was read."""
    return _turn(session, _STILL_GOOD, feed, {"read": feed.version, "good_at": now})


def _turn(session: Session, turn: Executable, feed: KnownFeed, values: dict[str, Any]) -> Leftovers | None:
    whose = {"of": feed.association, "about": f"feed:{feed.association}"}
    left = session.connection().execute(turn, whose | values).one_or_none()
    return None if left is None else _as_left(left)


def _as_left(left: Row[Any]) -> Leftovers:
    return Leftovers(*map(bool, left))


_of = bindparam("of", type_=String())
# The words of partial indexes stand in the statement: SQLite finds such an index by its text.
_LEFT = (
    exists().where(col(FeedLoad.association) == _of, text("feed_load.standing = 'held'")),
    exists().where(col(Vacancy.association) == _of, text("vacancy.missing_since IS NOT NULL")),
    exists().where(
        col(AttentionItem.subject) == bindparam("about", type_=String()), text("attention_item.closed_at IS NULL")
    ),
    exists().where(col(QuarantinedRow.association) == _of, text("quarantined_row.standing = 'kept'")),
)
_FIRST = insert(FEED).values(association=_of, version=bindparam("first")).returning(*_LEFT)
_THIS = update(FEED).where(FEED.c.association == _of).returning(*_LEFT)
_AS_IT_IS = _THIS.values(version=FEED.c.version)
_NEXT = _THIS.where(FEED.c.version == bindparam("read")).values(version=FEED.c.version + 1)
_STILL_GOOD = _NEXT.values(last_good_at=bindparam("good_at", type_=UtcDateTime()))
