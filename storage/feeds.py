"""What is remembered of each association's feed, and of every load of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.vacancy_feed import FeedMode
from storage.columns import UtcDateTime, one_of
from storage.database import changed

LOADS_REMEMBERED = 30


class LoadKind(StrEnum):
    """How rows came: fetched by us, sent by the association, or taken out of quarantine."""

    NIGHT = "night"
    PUSH = "push"
    REPLAY = "replay"


class LoadStanding(StrEnum):
    """What has become of a load."""

    FETCHING = "fetching"
    READY = "ready"
    HELD = "held"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Feed(SQLModel, table=True):
    """An association's feed as it was last applied. `version` is the compare-and-swap between two syncs at once.

    `generated_at` is the feed's own stamp, first seen by us at `stamp_since`. `last_good_at` is when we last knew what
    is vacant, `last_full_at` when the feed was last read to its end.
    """

    __tablename__ = "feed"

    association: str = Field(primary_key=True)
    version: int = 0
    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stamp_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    names_always: list[str] | None = Field(default=None, sa_type=JSON)
    names_ever: list[str] | None = Field(default=None, sa_type=JSON)
    last_good_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_full_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_READY = text("standing = 'ready'")
_HELD = text("standing = 'held'")


class FeedLoad(SQLModel, table=True):
    """One load of rows, from its first byte to what became of it. `why` holds codes, never data."""

    __tablename__ = "feed_load"
    __table_args__ = (
        Index("feed_load_of", "association", "id"),
        Index("feed_load_ready", "id", sqlite_where=_READY, postgresql_where=_READY),
        Index("one_held_load", "association", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index("one_load_a_key", "association", "push_key", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    association: str
    kind: LoadKind = Field(sa_type=one_of(LoadKind, "feed_load_kind"))
    mode: FeedMode = Field(default=FeedMode.FULL, sa_type=one_of(FeedMode, "feed_load_mode"))
    standing: LoadStanding = Field(sa_type=one_of(LoadStanding, "feed_load_standing"))
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rows: int = 0
    quarantined: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    why: list[str] = Field(default_factory=list, sa_type=JSON)
    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    names_always: list[str] | None = Field(default=None, sa_type=JSON)
    names_ever: list[str] | None = Field(default=None, sa_type=JSON)
    push_key: str | None = None
    push_digest: str | None = None
    decided_by: str | None = None
    flow_run_id: str | None = None


def feed_of(session: Session, association: str) -> Feed:
    """What is remembered of a feed; nothing yet when it is new."""
    return session.get(Feed, association) or Feed(association=association)


_NEXT_VERSION = (
    update(Feed)
    .where(col(Feed.association) == bindparam("of"), col(Feed.version) == bindparam("read"))
    .values(version=Feed.version + 1)
)


def take_turn(session: Session, feed: Feed) -> bool:
    """Whether nobody has written to this feed since it was read; until the transaction ends nobody else can."""
    found = session.get(Feed, feed.association)
    if found is None:
        session.add(Feed(association=feed.association, version=1))
        session.flush()
        return feed.version == 0
    if changed(session, _NEXT_VERSION, {"of": feed.association, "read": feed.version}) == 0:
        return False
    session.refresh(found)
    return True


def earlier_rows(session: Session, association: str) -> list[int]:
    """The sizes of the last full loads that were applied."""
    query = (
        select(FeedLoad.rows)
        .where(
            FeedLoad.association == association,
            FeedLoad.kind == LoadKind.NIGHT,
            FeedLoad.mode == FeedMode.FULL,
            FeedLoad.standing == LoadStanding.APPLIED,
        )
        .order_by(col(FeedLoad.id).desc())
        .limit(LOADS_REMEMBERED)
    )
    return list(session.exec(query))


def held_load(session: Session, association: str) -> FeedLoad | None:
    """The load of an association that waits for a person."""
    return session.exec(select(FeedLoad).where(FeedLoad.association == association, _HELD)).one_or_none()


def ready_loads(session: Session) -> list[FeedLoad]:
    """What waits to be applied, oldest first."""
    return list(session.exec(select(FeedLoad).where(_READY).order_by(col(FeedLoad.id))))
