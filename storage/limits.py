"""How often something was tried within a period: counted in the database, so that all processes count together."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Field, Session, SQLModel

from storage.columns import UtcDateTime
from storage.dialect import passing_by_what_is_held


class Tally(SQLModel, table=True):
    """How often something was tried until a moment; then the count begins anew. `key` says what, and names nobody."""

    __tablename__ = "tally"

    key: str = Field(primary_key=True, max_length=64)
    count: int
    until: datetime = Field(sa_type=UtcDateTime, index=True)


_MOMENTS = (bindparam("now", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime()))
_COUNT = text(
    "INSERT INTO tally (key, count, until) VALUES (:key, 1, :until) ON CONFLICT (key) DO UPDATE SET"
    " count = CASE WHEN tally.until <= :now THEN 1 ELSE tally.count + 1 END,"
    " until = CASE WHEN tally.until <= :now THEN :until ELSE tally.until END"
).bindparams(*_MOMENTS)
# Skips rows that others hold: two transactions that each count one key and delete the other's would deadlock.
_FORGET = "DELETE FROM tally WHERE key IN (SELECT key FROM tally WHERE until <= :now AND key <> :key{})"


def count(session: Session, key: str, *, within: timedelta, now: datetime) -> None:
    """Count one try, and delete old counts."""
    session.execute(_COUNT, {"key": key, "now": now, "until": now + within})
    forget = text(_FORGET.format(passing_by_what_is_held(session))).bindparams(_MOMENTS[0])
    session.execute(forget, {"key": key, "now": now})


def tried(session: Session, key: str, *, now: datetime) -> tuple[int, timedelta]:
    """How often something was tried in the current period, and how long the period still lasts."""
    tally = session.get(Tally, key)
    if tally is None or tally.until <= now:
        return 0, timedelta()
    return tally.count, tally.until - now
