"""Rows of an association judged by the contract, by its own words' mappings and the municipalities there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from sqlmodel import Session

from domain.feeds.row_judge import ID, MUNICIPALITY, Judge, external_id_of
from domain.homes.area_names import AreaNames
from domain.ports import RawVacancy
from storage.areas.area_names import area_names, not_known
from storage.areas.places import municipality_codes
from storage.dialect import told_plainly
from storage.feeds.quarantine import Rejected, mappings_of, meant
from storage.feeds.raw_rows import to_keep
from storage.feeds.staging import AREA, Staged, as_staged

STANDS_TWICE = "stands twice in the feed"
TWICE = f"external_id: {STANDS_TWICE}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What an association's rows are judged by."""

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
class Judged:
    """Some rows, judged: the good ones by their id, as they will be staged, and those that break the contract.

    `kinds` are the names that the rows have, each set of names once; `areas` the names of areas that nobody knows, by
    municipality and compared name, as they were written.
    """

    rows: Sequence[RawVacancy]
    good: dict[str, Staged]
    rejected: list[Rejected]
    kinds: set[tuple[str, ...]]
    areas: dict[tuple[str, str], str] = field(default_factory=dict)


def judge(rows: Sequence[RawVacancy], ground: Ground) -> Judged:
    """Judge every row, and make ready for staging what is right: at once, while the row is at hand in the cache."""
    good: dict[str, Staged] = {}
    aside: list[Rejected] = []
    named: dict[tuple[str, str], str] = {}
    judging, plainly, mapped = Judge(ground.municipalities), ground.plainly, bool(ground.mappings)
    for raw in rows:
        if raw.fault is not None:
            aside.append(rejected(raw, [raw.fault]))
            continue
        values = raw.values
        told, faults = judging.judged(meant(values, ground.mappings) if mapped else values)
        if told is None:
            aside.append(rejected(raw, faults))
        elif told[ID] in good:
            aside.append(rejected(raw, [TWICE]))
        else:
            good[told[ID]] = row = as_staged(told, plainly=plainly)
            if row[AREA]:
                named.setdefault((row[MUNICIPALITY], row[AREA]), told[AREA])
    return Judged(rows, good, aside, judging.kinds, not_known(named, ground.areas))


def rejected(raw: RawVacancy, faults: list[str]) -> Rejected:
    """A row for quarantine, under its id when it has one."""
    return Rejected(raw.line, to_keep(raw), raw.values, external_id_of(raw.values), faults)
