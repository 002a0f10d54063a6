"""Quarantine (karantæne): rows that break the contract, kept as they came until they come right or a person decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy import JSON, Index, text, update
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from storage.columns import UtcDateTime, one_of
from storage.staging import StagedVacancy

LONGEST_RAW_BYTES = 20_000


class RowStanding(StrEnum):
    """What has become of a row in quarantine."""

    KEPT = "kept"
    CAME_RIGHT = "came_right"
    GONE = "gone"
    REPLAYED = "replayed"
    DROPPED = "dropped"


_KEPT = text("standing = 'kept'")


class QuarantinedRow(SQLModel, table=True):
    """A row as it came, and every reason why it breaks the contract. `line` counts from 1 in its feed."""

    __tablename__ = "quarantined_row"
    __table_args__ = (
        UniqueConstraint("association", "digest"),
        Index("quarantined_row_kept", "association", "id", sqlite_where=_KEPT, postgresql_where=_KEPT),
    )

    id: int | None = Field(default=None, primary_key=True)
    association: str
    digest: str
    external_id: str | None = None
    line: int
    raw: bytes
    reasons: list[str] = Field(sa_type=JSON)
    standing: RowStanding = Field(default=RowStanding.KEPT, sa_type=one_of(RowStanding, "quarantined_row_standing"))
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_seen: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = None


class FieldMapping(SQLModel, table=True):
    """What an association writes in a field, and what it means by it: `stuen` for floor 0."""

    __tablename__ = "field_mapping"
    __table_args__ = (UniqueConstraint("association", "field", "written"),)

    id: int | None = Field(default=None, primary_key=True)
    association: str
    field: str
    written: str
    meant: str
    since: datetime = Field(sa_type=UtcDateTime)
    by: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that breaks the contract, before it is written down."""

    line: int
    raw: bytes
    external_id: str | None
    reasons: list[str]

    @property
    def digest(self) -> str:
        """What the same row has again tomorrow, wherever it stands in the feed."""
        return blake2b(self.raw, digest_size=16).hexdigest()


def keep(session: Session, association: str, rejected: Iterable[Rejected], *, now: datetime) -> None:
    """Keep each row once, with when it was first and last seen. A dropped row that comes again stays dropped."""
    found = {one.digest: one for one in rejected}
    query = select(QuarantinedRow).where(
        QuarantinedRow.association == association, col(QuarantinedRow.digest).in_(found)
    )
    known = {row.digest: row for row in session.exec(query)} if found else {}
    for digest, one in found.items():
        row = known.get(digest)
        if row is None:
            session.add(
                QuarantinedRow(
                    association=association,
                    digest=digest,
                    external_id=one.external_id,
                    line=one.line,
                    raw=one.raw[:LONGEST_RAW_BYTES],
                    reasons=one.reasons,
                    first_seen=now,
                    last_seen=now,
                )
            )
            continue
        row.line, row.reasons, row.last_seen = one.line, one.reasons, now
        if row.standing is not RowStanding.DROPPED:
            row.standing, row.ended_at, row.ended_by = RowStanding.KEPT, None, None
        session.add(row)


def release(session: Session, association: str, load_id: int, *, seen: datetime, whole: bool, now: datetime) -> None:
    """Let rows go that a load delivered right; after a whole feed, those too that it no longer has.

    `seen` is when the load was begun: the rows in quarantine that it has were last seen then.
    """
    kept = update(QuarantinedRow).where(
        col(QuarantinedRow.association) == association,
        col(QuarantinedRow.standing) == RowStanding.KEPT,
        col(QuarantinedRow.last_seen) < seen,
    )
    staged = select(StagedVacancy.external_id).where(StagedVacancy.load_id == load_id)
    right = kept.where(col(QuarantinedRow.external_id).in_(staged))
    session.execute(right.values(standing=RowStanding.CAME_RIGHT, ended_at=now, ended_by="a later feed"))
    if whole:
        session.execute(kept.values(standing=RowStanding.GONE, ended_at=now, ended_by="a later feed"))


def mappings_of(session: Session, association: str) -> Mapping[tuple[str, str], str]:
    """What an association's words mean, by field and word."""
    rows = session.exec(select(FieldMapping).where(FieldMapping.association == association))
    return {(row.field, row.written): row.meant for row in rows}
