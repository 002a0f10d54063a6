"""A feed's version: a compare-and-swap between two syncs, whose query also returns what earlier nights have left.

On most nights they have left nothing, and there is nothing to undo.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlmodel import Session

from domain.errors import MovedMeanwhile
from storage.columns import UtcDateTime
from storage.dialect import writes_in_a_query
from storage.feeds.feeds import KnownFeed
from storage.locks import Lock, taking


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What earlier nights have left, and whether a family waits for tomorrow's search.

    In order: a load is held, homes are missing, a person has been asked, rows are in quarantine, a family waits.
    """

    held: bool
    missing: bool
    asked: bool
    kept: bool
    awaited: bool


# As text, because every night asks: finding a built statement in SQLAlchemy's cache costs as much as running it. The
# words are those of partial indexes, which SQLite finds by their text.
_HELD = "EXISTS (SELECT 1 FROM feed_load AS held WHERE held.association = feed.association AND held.standing = 'held')"
_MISSING = """EXISTS (SELECT 1 FROM vacancy AS home
    WHERE home.association = feed.association AND home.missing_since IS NOT NULL)"""
_ASKED = """EXISTS (SELECT 1 FROM attention_item AS item
    WHERE item.subject = 'feed:' || feed.association AND item.closed_at IS NULL)"""
_KEPT = """EXISTS (SELECT 1 FROM quarantined_row AS line
    WHERE line.association = feed.association AND line.standing = 'kept')"""
# The families that tasks.feeds.search_again looks at again.
_AWAITED = """EXISTS (SELECT 1 FROM referral AS family
    WHERE family.status = 'seeking' AND family.due_at IS NOT NULL AND family.parked_until IS NULL)"""
_LEFT = ", ".join((_HELD, _MISSING, _ASKED, _KEPT, _AWAITED))
_NEW = (
    "INSERT INTO feed (association, version) VALUES (:of, {}) ON CONFLICT (association) DO UPDATE SET {} RETURNING {}"
)
_SINCE = "UPDATE feed SET version = version + 1 {} WHERE association = :of AND version = :read {} RETURNING {}"
_FIRST = text(_NEW.format(1, "version = 1 WHERE feed.version = 0", _LEFT))
_NEXT = text(_SINCE.format("", "", _LEFT))


def take_turn(session: Session, feed: KnownFeed) -> Leftovers:
    """Take a feed's next version, alone until the transaction ends; `MovedMeanwhile` when another sync was first."""
    if feed.version is None:
        return _left(session, _FIRST, of=feed.association)
    return _left(session, _NEXT, of=feed.association, read=feed.version)


_AS_IT_IS = text(_NEW.format(0, "version = feed.version", _LEFT))


def beside_others(session: Session, association: str) -> Leftovers:
    """Lock a feed without changing its version: a sync under way waits until this transaction ends, and goes on."""
    return _left(session, _AS_IT_IS, of=association)


_GOOD_AT = bindparam("good_at", type_=UtcDateTime())
_STILL_GOOD = text(_SINCE.format(", last_good_at = :good_at", "", _LEFT)).bindparams(_GOOD_AT)


def still_good(session: Session, feed: KnownFeed, *, now: datetime) -> Leftovers:
    """Record that a feed still holds what we know of it; `MovedMeanwhile` when another sync was first."""
    return _left(session, _STILL_GOOD, of=feed.association, read=feed.version, good_at=now)


_NOTHING_LEFT = f"AND NOT {_HELD} AND NOT {_MISSING} AND NOT {_ASKED}"
_TURN_TAKEN = _SINCE.format(", last_good_at = :good_at", _NOTHING_LEFT, "association")
_NIGHT = (
    " INSERT INTO feed_load (association, kind, mode, standing, started_at, ended_at, rows, quarantined, appeared,"
    " changed, vanished, why, flow_run_id) SELECT :of, 'night', 'full', 'unchanged', :good_at, :good_at,"
    " 0, 0, 0, 0, 0, '[]', :flow_run_id"
)
# No wait for the disk: a crash of the server would only forget that nothing was new.
_AS_IT_WAS = text(
    f"WITH turn AS ({_TURN_TAKEN}) {_NIGHT} FROM turn, set_config('synchronous_commit', 'off', true)"
).bindparams(_GOOD_AT)
_TURN, _UNCHANGED = text(_TURN_TAKEN).bindparams(_GOOD_AT), text(_NIGHT).bindparams(_GOOD_AT)


def as_it_was(connection: Connection, feed: KnownFeed, *, flow_run_id: str | None, now: datetime) -> bool:
    """Record that a feed still holds what we know of it, when earlier nights have left nothing.

    False, with nothing written, when there is more to do or another sync was first. On PostgreSQL it is one statement:
    an ordinary night of a hundred feeds otherwise takes four round trips to the server for each.
    """
    values = {"of": feed.association, "read": feed.version, "good_at": now, "flow_run_id": flow_run_id}
    if writes_in_a_query(connection.engine):
        return connection.execute(_AS_IT_WAS, values).rowcount == 1
    if connection.execute(_TURN, values).first() is None:
        return False
    connection.execute(_UNCHANGED, values)
    return True


def _left(session: Session, turn: TextClause, *, of: str, **values: object) -> Leftovers:
    taking(session, Lock.FEED, of)
    left = session.connection().execute(turn, {"of": of, **values}).one_or_none()
    if left is None:
        raise MovedMeanwhile(f"{of} was synced by somebody else meanwhile")
    return Leftovers(*map(bool, left))
