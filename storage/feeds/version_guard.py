"""Turns at a feed: the compare-and-swap between two syncs, which tells in the same look what earlier nights have left.

On most nights they have left nothing, and there is nothing to undo.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlmodel import Session

from domain.errors import MovedMeanwhile
from storage.columns import UtcDateTime
from storage.feeds.feeds import KnownFeed
from storage.locks import Lock, taking


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What earlier nights have left, and whether a family waits for tomorrow's look at what is vacant.

    A load waits for a person, homes are missing, a person has been asked, rows are in quarantine.
    """

    held: bool
    missing: bool
    asked: bool
    kept: bool
    awaited: bool


def take_turn(session: Session, feed: KnownFeed) -> Leftovers:
    """Write to a feed; until the transaction ends nobody else can. `MovedMeanwhile` when somebody has already."""
    if feed.version is None:
        return _left(session, _FIRST, of=feed.association)
    return _left(session, _NEXT, of=feed.association, read=feed.version)


def beside_others(session: Session, association: str) -> Leftovers:
    """Write beside a sync that is on its way: it waits until this transaction ends, and goes on."""
    return _left(session, _AS_IT_IS, of=association)


def still_good(session: Session, feed: KnownFeed, *, now: datetime) -> Leftovers:
    """What is known of a feed is what it holds now. `MovedMeanwhile` when somebody has written to it."""
    return _left(session, _STILL_GOOD, of=feed.association, read=feed.version, good_at=now)


def as_it_was(connection: Connection, feed: KnownFeed, *, flow_run_id: str | None, now: datetime) -> bool:
    """What is known of a feed is what it holds now, and earlier nights have left nothing: write that down at once.

    False when there is more to do, or somebody has written to the feed; nothing is written then. For PostgreSQL only,
    on which an ordinary night of a hundred feeds is four journeys to the server for each of them otherwise.
    """
    values = {"of": feed.association, "read": feed.version, "good_at": now, "flow_run_id": flow_run_id}
    return connection.execute(_AS_IT_WAS, values).rowcount == 1


def _left(session: Session, turn: TextClause, *, of: str, **values: object) -> Leftovers:
    taking(session, Lock.FEED, of)
    left = session.connection().execute(turn, {"of": of, **values}).one_or_none()
    if left is None:
        raise MovedMeanwhile(f"{of} was synced by somebody else meanwhile")
    return Leftovers(*map(bool, left))


# As text: every night asks, and to look a statement up in its cache costs as much as it is long. The words are those of
# partial indexes, which SQLite finds by their text.
_HELD = "EXISTS (SELECT 1 FROM feed_load AS held WHERE held.association = feed.association AND held.standing = 'held')"
_MISSING = """EXISTS (SELECT 1 FROM vacancy AS home
    WHERE home.association = feed.association AND home.missing_since IS NOT NULL)"""
_ASKED = """EXISTS (SELECT 1 FROM attention_item AS item
    WHERE item.subject = 'feed:' || feed.association AND item.closed_at IS NULL)"""
_KEPT = """EXISTS (SELECT 1 FROM quarantined_row AS line
    WHERE line.association = feed.association AND line.standing = 'kept')"""
# Whom tasks.feeds.verdict.search_again looks at again.
_AWAITED = """EXISTS (SELECT 1 FROM referral AS family
    WHERE family.status = 'seeking' AND family.due_at IS NOT NULL AND family.parked_until IS NULL)"""
_LEFT = ", ".join((_HELD, _MISSING, _ASKED, _KEPT, _AWAITED))
_NEW = (
    "INSERT INTO feed (association, version) VALUES (:of, {}) ON CONFLICT (association) DO UPDATE SET {} RETURNING {}"
)
_FIRST = text(_NEW.format(1, "version = 1 WHERE feed.version = 0", _LEFT))
_AS_IT_IS = text(_NEW.format(0, "version = feed.version", _LEFT))
_SINCE = "UPDATE feed SET version = version + 1 {} WHERE association = :of AND version = :read {} RETURNING {}"
_GOOD_AT = bindparam("good_at", type_=UtcDateTime())
_NEXT = text(_SINCE.format("", "", _LEFT))
_STILL_GOOD = text(_SINCE.format(", last_good_at = :good_at", "", _LEFT)).bindparams(_GOOD_AT)
_NOTHING_LEFT = f"AND NOT {_HELD} AND NOT {_MISSING} AND NOT {_ASKED}"
_AS_IT_WAS = text(
    f"WITH turn AS ({_SINCE.format(', last_good_at = :good_at', _NOTHING_LEFT, 'association')})"  # noqa: S608  # the words above
    " INSERT INTO feed_load (association, kind, mode, standing, started_at, ended_at, rows, quarantined, appeared,"
    " changed, vanished, why, flow_run_id) SELECT association, 'night', 'full', 'unchanged', :good_at, :good_at,"
    " 0, 0, 0, 0, 0, '[]', :flow_run_id"
    # Nobody waits for the disk: what a crash of the server forgets is that nothing was new.
    " FROM turn, set_config('synchronous_commit', 'off', true)"
).bindparams(_GOOD_AT)
