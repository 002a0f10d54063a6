"""Rows of an association judged by the contract, by its own words' mappings and the municipalities there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlmodel import Session

from domain.ports import RawVacancy
from domain.vacancy_feed import VacancyRow, judged
from storage.places import municipality_codes
from storage.quarantine import Rejected, mappings_of, meant

STANDS_TWICE = "stands twice in the feed"
TWICE = f"external_id: {STANDS_TWICE}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What an association's rows are judged by."""

    municipalities: frozenset[str]
    mappings: Mapping[tuple[str, str], str]


def ground_of(session: Session, association: str) -> Ground:
    """What an association's rows are judged by, now."""
    return Ground(municipality_codes(session), mappings_of(session, association))


@dataclass(slots=True)
class Judged:
    """Some rows, judged: the good ones by their id, and those that break the contract."""

    rows: Sequence[RawVacancy]
    good: dict[str, VacancyRow]
    rejected: list[Rejected]


def judge(rows: Sequence[RawVacancy], ground: Ground) -> Judged:
    """Judge every row."""
    good: dict[str, VacancyRow] = {}
    aside: list[Rejected] = []
    municipalities, mapped = ground.municipalities, bool(ground.mappings)
    for raw in rows:
        row, faults = judged(
            meant(raw.values, ground.mappings) if mapped else raw.values, municipalities=municipalities
        )
        if row is None:
            aside.append(rejected(raw, faults))
        elif good.setdefault(row["external_id"], row) is not row:
            aside.append(rejected(raw, [TWICE]))
    return Judged(rows, good, aside)


def rejected(raw: RawVacancy, faults: list[str]) -> Rejected:
    """A row for quarantine, under its id when it has one."""
    named = raw.values.get("external_id")
    return Rejected(
        raw.line, as_bytes(raw.source), raw.values, named if isinstance(named, str) and named else None, faults
    )


def as_bytes(source: object) -> bytes:
    """A row as it came; what was JSON is written as JSON again, and what must be written out first, is."""
    if callable(source):
        source = source()
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        return source.encode("utf-8", "surrogateescape")
    return orjson.dumps(source, default=str)
