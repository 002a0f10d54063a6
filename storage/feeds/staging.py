"""Rows of a feed that are fetched but not yet applied: judged by the contract, and stored with their load.

No vacancy changes until the last row is here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlmodel import Field, Session, SQLModel

from domain.feeds.contract import FIELDS, GoodRow
from domain.feeds.row_judge import Judge, external_id_of
from domain.homes.area_names import AreaNames, compared
from domain.parties.party import association as association_party
from domain.ports.vacancy_feed import RawVacancy
from storage.areas.area_names import area_names, ask_about, not_known
from storage.areas.places import municipality_codes
from storage.columns import id_of
from storage.dialect import KEPT_BY_KEY, told_plainly
from storage.feeds.bulk_insert import BulkInsert, Values
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import Rejected, keep, mappings_of, meant
from storage.feeds.raw_rows import to_keep

TWICE = "external_id: stands twice in the feed"


class StagedVacancy(SQLModel, table=True):
    """A row that satisfies the contract, waiting with its load.

    The table has no rules and references, because the contract has judged the row: they cost as much as the row itself.
    """

    __tablename__ = "staged_vacancy"
    __table_args__ = (KEPT_BY_KEY,)

    load_id: int = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    lbf_number: str | None
    department_number: str | None
    unit_number: str | None
    dar_address_id: str | None
    department: str
    municipality: str
    area_name: str | None
    rooms: int
    size_m2: int
    rent_monthly_ore: int
    deposit_ore: int | None
    available_from: date
    floor: int | None
    lift: bool | None
    step_free: bool
    pets: bool | None
    persons_min: int | None
    persons_max: int | None
    letting: str
    status: str


STAGED: Table = SQLModel.metadata.tables["staged_vacancy"]
# The fields that a vacancy takes over from its row.
CARRIED = tuple(column.name for column in STAGED.columns if column.name not in ("load_id", "external_id", "status"))


@dataclass(frozen=True, slots=True)
class Ground:
    """What an association's rows are judged by; `plainly` is `told_plainly` of the session that they are written in."""

    municipalities: frozenset[str]
    mappings: Mapping[tuple[str, str], str]
    # Looked up only when a row names an area.
    areas: Callable[[], AreaNames]
    plainly: bool = True


def ground_of(session: Session, association: str, *, mapped: bool = True) -> Ground:
    """What an association's rows are judged by, while the session is open; `mapped` when it may have mapped words."""
    areas = cache(partial(area_names, session))
    words = mappings_of(session, association) if mapped else {}
    return Ground(municipality_codes(session), words, areas, told_plainly(session))


@dataclass(slots=True)
class JudgedRows:
    """Some rows, judged: the good ones by their id, ready for staging, and those that break the contract.

    `kinds` are the sets of field names that the rows have, each once. `areas` are the unknown area names as written, by
    municipality and compared name.
    """

    rows: Sequence[RawVacancy]
    good: dict[str, Values]
    rejected: list[Rejected]
    kinds: set[tuple[str, ...]]
    areas: dict[tuple[str, str], str] = field(default_factory=dict)


def judge(rows: Sequence[RawVacancy], ground: Ground) -> JudgedRows:
    """Judge every row, and prepare a right one for staging at once, while it is in the processor's cache."""
    good: dict[str, Values] = {}
    aside: list[Rejected] = []
    named: dict[tuple[str, str], str] = {}
    judging, mapped, plainly = Judge(ground.municipalities), bool(ground.mappings), ground.plainly
    as_staged = _as_staged_plainly if plainly else _as_staged
    for raw in rows:
        if raw.fault is not None:
            aside.append(rejected(raw, [raw.fault]))
            continue
        row, faults = judging.judged(meant(raw.values, ground.mappings) if mapped else raw.values)
        if row is None:
            aside.append(rejected(raw, faults))
        elif (external_id := row.external_id) in good:
            aside.append(rejected(raw, [TWICE]))
        else:
            written = row.area
            area = (written and compared(written)) or None
            # A row that is staged as it stands is not looked at again.
            good[external_id] = as_staged(row, area) if plainly or written else row
            if written and area:
                named.setdefault((row.municipality, area), written)
    return JudgedRows(rows, good, aside, judging.kinds, not_known(named, ground.areas))


def rejected(raw: RawVacancy, faults: list[str]) -> Rejected:
    """A row for quarantine, with its id when it has one."""
    return Rejected(raw.line, to_keep(raw), raw.values, external_id_of(raw.values), faults)


_AREA, _DAY, _LIFT, _STEP_FREE, _PETS = map(FIELDS.index, ("area", "available_from", "lift", "step_free", "pets"))


def _as_staged(row: GoodRow, area: str | None) -> Values:
    """A row in its stored form, with its area's name in the form in which names are compared."""
    return (*row[:_AREA], area, *row[_AREA + 1 :])


def _as_staged_plainly(row: GoodRow, area: str | None) -> Values:
    """A row in its stored form, as the types that SQLite's driver takes fastest."""
    values: list[Any] = [*row]
    values[_AREA], values[_DAY], values[_STEP_FREE] = area, values[_DAY].isoformat(), +values[_STEP_FREE]
    if values[_LIFT] is not None:
        values[_LIFT] = +values[_LIFT]
    if values[_PETS] is not None:
        values[_PETS] = +values[_PETS]
    return values


_INSERT = BulkInsert(STAGED)


def stage(session: Session, load: FeedLoad, found: JudgedRows, *, keep_rejected: bool = True) -> None:
    """Write rows down with their load and count them in it: good ones as staged vacancies, the others in quarantine.

    A person is asked about the areas that nobody knows.
    """
    _INSERT.write(session, id_of(load), found.good.values())
    if keep_rejected:
        asked_by = association_party(load.association)
        ask_about(session, found.areas, asked_by=asked_by, now=load.started_at)
        load.not_kept += keep(session, load.association, found.rejected, now=load.started_at)
    load.rows += len(found.rows)
    load.quarantined += len(found.rejected)


def reject_repeated(session: Session, load: FeedLoad, found: JudgedRows) -> None:
    """Reject the rows whose id stands in their load already: an earlier batch had it."""
    again = set(_staged_among(session, id_of(load), found.good))
    for raw in found.rows if again else ():
        if (external_id := external_id_of(raw.values)) in again and external_id in found.good:
            del found.good[external_id]
            found.rejected.append(rejected(raw, [TWICE]))


_AMONG = select(STAGED.c.external_id).where(
    STAGED.c.load_id == bindparam("load"), STAGED.c.external_id.in_(bindparam("ids", expanding=True))
)


def _staged_among(session: Session, load_id: int, external_ids: Iterable[str]) -> list[str]:
    return list(session.connection().execute(_AMONG, {"load": load_id, "ids": list(external_ids)}).scalars())
