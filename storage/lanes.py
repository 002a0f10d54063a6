"""The lanes of the outbox: one for each destination, emptied by one process at a time."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, text, update
from sqlmodel import Field, Session, SQLModel, col

from storage.columns import UtcDateTime
from storage.database import changed


class Lane(SQLModel, table=True):
    """A destination: which worker delivers to it now, and until when nothing is tried after it was silent."""

    __tablename__ = "lane"

    name: str = Field(primary_key=True)
    failures: int = 0
    resting_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


_NEW_LANE = text("INSERT INTO lane (name, failures) VALUES (:name, 0) ON CONFLICT DO NOTHING")


def open_lane(session: Session, lane: str) -> None:
    """Make sure that a destination has a row. The process remembers those from earlier transactions."""
    known: set[str] = session.info.get("for_good", {}).setdefault("lanes", set())
    opened: set[str] = session.info.setdefault("opened_lanes", set())
    if lane in known or lane in opened:
        return
    # Two workers may meet a new destination at the same instant.
    inserted = session.connection().execute(_NEW_LANE, {"name": lane}).rowcount
    (opened if inserted else known).add(lane)


_LANES_DUE = text(
    "SELECT name FROM lane WHERE (resting_until IS NULL OR resting_until <= :now)"
    " AND (claimed_until IS NULL OR claimed_until <= :now)"
    " AND EXISTS (SELECT 1 FROM outbox WHERE outbox.lane = lane.name AND outbox.standing = 'waiting')"
    " ORDER BY name"
).bindparams(bindparam("now", type_=UtcDateTime()))


def lanes_due(session: Session, *, now: datetime) -> list[str]:
    """The lanes that hold something to tell, do not rest, and that nobody delivers to.

    As SQL, because an idle deliverer runs it several times a second, day and night.
    """
    return [name for (name,) in session.connection().execute(_LANES_DUE, {"now": now})]


_CLAIM = (
    update(Lane)
    .where(
        col(Lane.name) == bindparam("lane"),
        or_(
            col(Lane.claimed_until).is_(None),
            col(Lane.claimed_until) <= bindparam("now"),
            col(Lane.claimed_by) == bindparam("worker"),
        ),
    )
    .values(claimed_by=bindparam("worker"), claimed_until=bindparam("until"))
)


def claim(session: Session, lane: str, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """Take, or keep, the right to deliver to a lane; False when another worker has it."""
    return changed(session, _CLAIM, {"lane": lane, "worker": worker, "now": now, "until": now + lease}) == 1


_GIVE_BACK = (
    update(Lane)
    .where(col(Lane.name) == bindparam("lane"), col(Lane.claimed_by) == bindparam("worker"))
    .values(claimed_by=None, claimed_until=None)
)


def give_back(session: Session, lane: str, *, worker: str) -> None:
    """Let others deliver to the lane."""
    changed(session, _GIVE_BACK, {"lane": lane, "worker": worker})


def rest(session: Session, lane: str, *, until: datetime) -> None:
    """Try nothing at a silent destination until a moment."""
    session.execute(update(Lane).where(col(Lane.name) == lane).values(failures=Lane.failures + 1, resting_until=until))


_ANSWERED = (
    update(Lane)
    .where(col(Lane.name) == bindparam("lane"), col(Lane.failures) > 0)
    .values(failures=0, resting_until=None)
)


def answered(session: Session, lane: str) -> bool:
    """Note that a lane has answered; returns whether it was silent before."""
    return changed(session, _ANSWERED, {"lane": lane}) == 1
