"""Quarantine (karantæne): rows that break the contract, kept as they came until they are right or a person decides."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import JSON, Index, bindparam, func, text
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.feeds.contract import FIELDS
from domain.text.screening import holds_cpr_number
from storage.columns import UtcDateTime, one_of
from storage.dialect import only_where

LONGEST_TOLD = 500
# As many as a person can look at in a day, and at most 20 MB a day from a party that sends what it likes.
MOST_A_DAY = 1_000
QUOTA_LASTS = timedelta(days=1)
# A number that began with 0 has lost the 0.
_CPR_DIGITS = 10
NOT_A_WORD = ["neither text nor number"]


class RowStanding(StrEnum):
    """What happened to a row in quarantine."""

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
        Index("quarantined_row_kept", "association", "id", **only_where(_KEPT)),
        Index("quarantined_row_lately", "association", "first_seen"),
    )

    id: int | None = Field(default=None, primary_key=True)
    association: str
    digest: str
    external_id: str | None = None
    line: int
    raw: bytes
    # The row's values under the contract's names, as its connector read them; on replay they are judged again.
    told: dict[str, Any] = Field(sa_type=JSON)
    reasons: list[str] = Field(sa_type=JSON)
    standing: RowStanding = Field(default=RowStanding.KEPT, sa_type=one_of(RowStanding, "quarantined_row_standing"))
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_seen: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = None


class FieldMapping(SQLModel, table=True):
    """A word that an association writes in a field, and what it means by it: `stuen` for floor 0."""

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
    told: Mapping[str, object]
    external_id: str | None
    reasons: list[str]

    @property
    def digest(self) -> str:
        """The digest that the same row has again tomorrow, wherever it stands in the feed."""
        return blake2b(self.raw, digest_size=16).hexdigest()


_ALWAYS = ("association", "digest", "external_id", "line", "raw", "told", "reasons", "first_seen", "last_seen")
_UNLESS_DROPPED = ("raw", "told", "standing", "ended_at", "ended_by")
_again = ", ".join(f"{name} = excluded.{name}" for name in ("line", "reasons", "last_seen"))
_back = ", ".join(
    f"{name} = CASE quarantined_row.standing WHEN 'dropped' THEN quarantined_row.{name} ELSE excluded.{name} END"
    for name in _UNLESS_DROPPED
)
_KEEP = text(
    f"INSERT INTO quarantined_row ({', '.join(_ALWAYS)}, standing) VALUES (:{', :'.join(_ALWAYS)}, 'kept')"  # noqa: S608  # names of columns
    f" ON CONFLICT (association, digest) DO UPDATE SET {_again}, {_back}"
).bindparams(
    bindparam("told", type_=JSON()),
    bindparam("reasons", type_=JSON()),
    bindparam("first_seen", type_=UtcDateTime()),
    bindparam("last_seen", type_=UtcDateTime()),
)


def keep(session: Session, association: str, rejected: Iterable[Rejected], *, now: datetime) -> int:
    """Keep each row once, with when it was first and last seen; returns how many are not kept, the day's limit reached.

    A dropped row that comes again stays dropped. Even beyond the limit it is kept that a known home's row is wrong:
    what is known of the home stays.
    """
    rows = {one.digest: one for one in rejected}
    if not rows:
        return 0
    kept, surplus = dict(rows), {}
    if len(rows) > (room := _room(session, association, now)):
        again = _known(session, association, rows)
        new = [digest for digest in rows if digest not in again]
        surplus = {digest: kept.pop(digest) for digest in new[room:]}
    written = [_as_row(association, digest, one, now) for digest, one in kept.items()]
    written += _only_which(session, association, surplus.values(), now)
    if written:
        session.connection().execute(_KEEP, written)
    return len(surplus)


_KEPT_LATELY = select(func.count()).where(
    col(QuarantinedRow.association) == bindparam("of"),
    col(QuarantinedRow.first_seen) > bindparam("since", type_=UtcDateTime()),
)


def _room(session: Session, association: str, now: datetime) -> int:
    values = {"of": association, "since": now - QUOTA_LASTS}
    lately: int = session.connection().execute(_KEPT_LATELY, values).scalar_one()
    return max(0, MOST_A_DAY - lately)


_AMONG = select(QuarantinedRow.digest).where(
    QuarantinedRow.association == bindparam("of"), col(QuarantinedRow.digest).in_(bindparam("some", expanding=True))
)
AT_ONCE = 500


def _known(session: Session, association: str, digests: Iterable[str]) -> set[str]:
    """Which digests are in quarantine already."""
    return _among(session, _AMONG, association, digests)


def _among(session: Session, statement: Any, association: str, names: Iterable[str]) -> set[str]:  # noqa: ANN401  # a statement or its text
    found, listed = set[str](), list(names)
    for first in range(0, len(listed), AT_ONCE):
        values = {"of": association, "some": listed[first : first + AT_ONCE]}
        found.update(session.connection().execute(statement, values).scalars())
    return found


_HOMES_AMONG = text("SELECT external_id FROM vacancy WHERE association = :of AND external_id IN :some").bindparams(
    bindparam("some", expanding=True)
)


def _only_which(
    session: Session, association: str, surplus: Iterable[Rejected], now: datetime
) -> Iterator[dict[str, Any]]:
    """One row for each known home whose rows are not kept: it says that they are wrong, but not what they hold."""
    of_homes = {one.external_id: one for one in surplus if one.external_id is not None}
    for external_id in _among(session, _HOMES_AMONG, association, of_homes):
        one = replace(of_homes[external_id], raw=b"", told={})
        digest = blake2b(b"the row of " + external_id.encode(), digest_size=16).hexdigest()
        yield _as_row(association, digest, one, now)


def _as_row(association: str, digest: str, one: Rejected, now: datetime) -> dict[str, Any]:
    return {
        "association": association,
        "digest": digest,
        "external_id": one.external_id,
        "line": one.line,
        "raw": one.raw,
        "told": {name: _as_told(value) for name, value in one.told.items() if name in FIELDS},
        "reasons": one.reasons,
        "first_seen": now,
        "last_seen": now,
    }


def _as_told(value: object) -> object:
    """A value that is judged the same on replay, and takes no more room than a wrong value needs.

    A value that may hold a CPR number is wrong wherever it stands, and so is its stand-in.
    """
    if isinstance(value, str | date):
        told = str(value)[: 2 * LONGEST_TOLD]
        return NOT_A_WORD if holds_cpr_number(told) else told[:LONGEST_TOLD]
    if value is None or isinstance(value, int | float):
        return NOT_A_WORD if holds_cpr_number(str(value).zfill(_CPR_DIGITS)) else value
    return NOT_A_WORD


# Nobody needs the row's content any more; its digest is enough to recognise it.
FORGOTTEN: dict[str, Any] = {"raw": b"", "told": {}}
_MAPPINGS = select(FieldMapping.field, FieldMapping.written, FieldMapping.meant).where(
    FieldMapping.association == bindparam("of")
)


def mappings_of(session: Session, association: str) -> Mapping[tuple[str, str], str]:
    """The meanings of an association's words, by field and word."""
    rows = session.connection().execute(_MAPPINGS, {"of": association})
    return {(field, written): meant for field, written, meant in rows}


def meant(values: Mapping[str, object], mappings: Mapping[tuple[str, str], str]) -> Mapping[str, object]:
    """A row's values, with mapped words replaced by their meaning."""
    words = ((name, str(value)) for name, value in values.items() if isinstance(value, str | int | float))
    found = {name: mappings[name, word] for name, word in words if (name, word) in mappings}
    return {**values, **found} if found else values
