"""Staff decide about a feed that was held back.

Nothing is applied here: an accepted load waits in staging until the worker applies it.
"""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from domain.feeds.load import LoadStanding
from domain.subject import About
from storage.attention import close_subject
from storage.audit.events import write_event
from storage.columns import id_of
from storage.feeds.feeds import FeedLoad
from storage.feeds.review import Held, NothingHeld, held
from storage.feeds.takeover import forget


def accept(session: Session, association: str, *, by: str, now: datetime, seen: int | None = None) -> Held:
    """Have a held feed applied all the same."""
    found = held(session, association, seen=seen)
    _decide(session, found.load, LoadStanding.READY, by, now)
    return found


def refuse(session: Session, association: str, *, by: str, now: datetime, seen: int | None = None) -> Held:
    """Refuse a held feed: the last good snapshot stays, and the next night is judged anew."""
    found = held(session, association, seen=seen)
    _decide(session, found.load, LoadStanding.REFUSED, by, now)
    forget(session, id_of(found.load))
    return found


_STILL_HELD = update(FeedLoad).where(col(FeedLoad.standing) == LoadStanding.HELD)


def _decide(session: Session, load: FeedLoad, standing: LoadStanding, by: str, now: datetime) -> None:
    values = {"standing": standing, "decided_by": by, "ended_at": now}
    if session.exec(_STILL_HELD.where(col(FeedLoad.id) == load.id).values(values)).rowcount == 0:
        raise NothingHeld(f"nothing of {load.association} is held back any more")
    load.standing, load.decided_by, load.ended_at = standing, by, now
    write_event(session, f"feed_{standing}", actor=by, about=About.FEED.of(load.association), at=now, load=str(load.id))
    close_subject(session, About.FEED.of(load.association), now=now, by=by)
