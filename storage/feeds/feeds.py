"""What is remembered of each association's feed, and of every load of it."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import JSON, Boolean, Connection, Index, String, Table, bindparam, insert, literal_column, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.party import Partner, association
from storage.columns import UtcDateTime, one_of
from storage.database import write
from storage.dialect import only_where
from storage.parties.partners import partner_from

LOADS_REMEMBERED = 30


class Feed(SQLModel, table=True):
    """An association's feed as it was last applied. `version` is the compare-and-swap between two syncs at once.

    `generated_at` is the feed's own timestamp, first seen by us at `stamp_since`. `last_good_at` is when we last knew
    what is vacant, `last_full_at` when the feed was last read to its end.
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


def _no_reasons() -> list[str]:
    # Not `list`: a built-in's signature is inspected anew at every row, which takes a third of a millisecond.
    return []


_READY = text("standing = 'ready'")
_HELD = text("standing = 'held'")


class FeedLoad(SQLModel, table=True):
    """One load of rows, from its first byte to its outcome. `why` holds codes, never data."""

    __tablename__ = "feed_load"
    __table_args__ = (
        Index("feed_load_of", "association", "id"),
        Index("feed_load_ready", "id", **only_where(_READY)),
        Index("one_held_load", "association", unique=True, **only_where(_HELD)),
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
    # How many wrong rows are not kept in quarantine, because the day's limit was reached.
    not_kept: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    why: list[str] = Field(default_factory=_no_reasons, sa_type=JSON)
    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    names_always: list[str] | None = Field(default=None, sa_type=JSON)
    names_ever: list[str] | None = Field(default=None, sa_type=JSON)
    push_key: str | None = None
    push_digest: str | None = None
    decided_by: str | None = None
    flow_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed as it stood when its row was read, with the same fields. Without a version it has no row yet."""

    association: str
    version: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = None
    stamp_since: datetime | None = None
    names_always: list[str] | None = None
    names_ever: list[str] | None = None
    last_good_at: datetime | None = None
    last_full_at: datetime | None = None


FEED: Table = SQLModel.metadata.tables["feed"]
LOAD: Table = SQLModel.metadata.tables["feed_load"]
_FEED_OF = sa_select(*(FEED.c[known.name] for known in fields(KnownFeed))).where(FEED.c.association == bindparam("of"))


def feed_of(session: Session, association: str) -> KnownFeed:
    """What is remembered of a feed; empty when it is new."""
    row = session.connection().execute(_FEED_OF, {"of": association}).one_or_none()
    return KnownFeed(*row) if row else KnownFeed(association)


# As text, because every night asks it: finding a built statement in SQLAlchemy's cache costs as much as running it.
_PARTNER_AND_FEED = text(
    "SELECT partner_version.document, EXISTS (SELECT 1 FROM field_mapping WHERE field_mapping.association = :of), "  # noqa: S608  # names of columns
    + ", ".join(f"feed.{known.name}" for known in fields(KnownFeed))
    + " FROM partner_version LEFT JOIN feed ON feed.association = :of"
    " WHERE partner_version.party = :party AND partner_version.current"
).columns(
    literal_column("document", String),
    literal_column("mapped", Boolean),
    *(FEED.c[known.name] for known in fields(KnownFeed)),
)


def partner_and_feed(connection: Connection, association_id: str) -> tuple[Partner, KnownFeed, bool]:
    """In one query: an association's entry, what is remembered of its feed, and whether any of its words are mapped."""
    values = {"of": association_id, "party": association(association_id)}
    document, mapped, *row = connection.execute(_PARTNER_AND_FEED, values).one()
    return partner_from(document), KnownFeed(*row) if row[0] else KnownFeed(association_id), mapped


_THIS_FEED = update(FEED).where(FEED.c.association == bindparam("of"))
_TOLD = tuple(known.name for known in fields(KnownFeed)[2:])
_REMEMBER = _THIS_FEED.values({name: bindparam(f"to_{name}") for name in _TOLD})


def remember_feed(session: Session, feed: KnownFeed) -> None:
    """Store what a feed told about itself."""
    values = {f"to_{name}": getattr(feed, name) for name in _TOLD}
    session.connection().execute(_REMEMBER, values | {"of": feed.association})


_UNCHANGED_LOAD = insert(LOAD).values(
    {
        name: bindparam(f"to_{name}")
        for name in ("association", "started_at", "ended_at", "vanished", "why", "flow_run_id")
    }
    | {"kind": LoadKind.NIGHT, "mode": FeedMode.FULL, "standing": LoadStanding.UNCHANGED}
    | dict.fromkeys(("rows", "quarantined", "not_kept", "appeared", "changed"), 0)
)


def write_unchanged(
    session: Session, association: str, *, vanished: int, why: list[str], flow_run_id: str | None, now: datetime
) -> None:
    """Record a night on which a feed had not changed."""
    told = {"association": association, "vanished": vanished, "why": why, "flow_run_id": flow_run_id}
    values = {f"to_{name}": value for name, value in (told | {"started_at": now, "ended_at": now}).items()}
    session.connection().execute(_UNCHANGED_LOAD, values)


_CHANGE_LOAD = update(LOAD).where(LOAD.c.id == bindparam("this"))
_ENDING = (
    "mode", "standing", "ended_at", "rows", "quarantined", "not_kept", "appeared", "changed", "vanished", "why",
    "etag", "last_modified", "generated_at", "names_always", "names_ever", "decided_by",
)  # fmt: skip
_END = _CHANGE_LOAD.values({name: bindparam(f"to_{name}") for name in _ENDING})


def write_load(session: Session, load: FeedLoad) -> None:
    """Store a load's outcome."""
    if load.id is None:
        write(session, load)
        return
    values = {f"to_{name}": getattr(load, name) for name in _ENDING}
    session.connection().execute(_END, values | {"this": load.id})


_EARLIER_ROWS = (
    sa_select(LOAD.c.rows, LOAD.c.decided_by)
    .where(
        LOAD.c.association == bindparam("of"),
        LOAD.c.kind == LoadKind.NIGHT,
        LOAD.c.mode == FeedMode.FULL,
        LOAD.c.standing == LoadStanding.APPLIED,
    )
    .order_by(LOAD.c.id.desc())
    .limit(LOADS_REMEMBERED)
)


def earlier_rows(session: Session, association: str) -> list[int]:
    """The sizes of the last full loads that were applied, back to the newest one that a person accepted."""
    sizes = []
    for rows, decided_by in session.connection().execute(_EARLIER_ROWS, {"of": association}):
        sizes.append(rows)
        if decided_by is not None:
            break
    return sizes


_SUPERSEDE = (
    update(LOAD)
    .where(LOAD.c.association == bindparam("of"), _HELD)
    .values(standing=LoadStanding.SUPERSEDED, ended_at=bindparam("now", type_=UtcDateTime()))
    .returning(LOAD.c.id)
)


def supersede(session: Session, association: str, *, now: datetime) -> int | None:
    """Mark a feed's held load as superseded; returns the load's id, if there was one."""
    return session.connection().execute(_SUPERSEDE, {"of": association, "now": now}).scalar_one_or_none()


def held_load(session: Session, association: str) -> FeedLoad | None:
    """The load of an association that waits for a person."""
    return session.exec(select(FeedLoad).where(FeedLoad.association == association, _HELD)).one_or_none()


_ANY_READY = sa_select(LOAD.c.id).where(_READY).limit(1)


def anything_is_ready(session: Session) -> bool:
    """Whether a load waits to be applied."""
    return session.connection().execute(_ANY_READY).first() is not None


def ready_loads(session: Session) -> list[FeedLoad]:
    """What waits to be applied, oldest first."""
    return list(session.exec(select(FeedLoad).where(_READY).order_by(col(FeedLoad.id))))
