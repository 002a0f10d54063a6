"""Rows of a feed between being fetched and being applied: nothing that is vacant changes until the last one is here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlmodel import Field, Session, SQLModel

from domain.feeds.contract import FIELDS
from domain.feeds.row_judge import Told
from domain.homes.area_names import compared
from storage.dialect import KEPT_BY_KEY, copied_in


class StagedVacancy(SQLModel, table=True):
    """A row that satisfies the contract, waiting with its load.

    The contract has judged it, and so the table judges nothing: rules and references cost as much as the row itself.
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
_NAMES = tuple(column.name for column in STAGED.columns)
# What a vacancy takes over from its row.
CARRIED = tuple(name for name in _NAMES if name not in ("load_id", "external_id", "status"))


def staged_among(session: Session, load_id: int, external_ids: Iterable[str]) -> list[str]:
    """Which of some ids stand in a load already."""
    return list(session.connection().execute(_AMONG, {"load": load_id, "ids": list(external_ids)}).scalars())


_AMONG = select(STAGED.c.external_id).where(
    STAGED.c.load_id == bindparam("load"), STAGED.c.external_id.in_(bindparam("ids", expanding=True))
)


Staged = Sequence[Any]


def as_staged(told: Told, *, plainly: bool) -> Staged:
    """A row that satisfies the contract, as it will stand in its load. `plainly` is `told_plainly` of its session."""
    if not plainly and told[AREA] is None:
        return told
    row: list[Any] = [*told]
    row[AREA] = (row[AREA] and compared(row[AREA])) or None
    if plainly:
        row[_DAY] = row[_DAY].isoformat()
        for place in _YES_OR_NO:
            if row[place] is not None:
                row[place] = +row[place]
    return row


AREA, _DAY = map(FIELDS.index, ("area", "available_from"))
_YES_OR_NO = tuple(map(FIELDS.index, ("lift", "step_free", "pets")))


def stage(session: Session, load_id: int, rows: Collection[Staged]) -> None:
    """Write rows down, past the session and the statement compiler, which cost more than the database."""
    if not rows:
        return
    if copied_in(session, STAGED, ((load_id, *row) for row in rows)):
        return
    connection = session.connection()
    for statement, values in _statements(load_id, list(rows)):
        connection.exec_driver_sql(statement, values)


# SQLite's driver begins anew for each statement, and looks long at each None: many rows go in at once, without the
# columns that none of them fills.
ROWS_AT_ONCE = 50


def _statements(load_id: int, rows: Sequence[Staged]) -> Iterator[tuple[str, Staged]]:
    filled = tuple(place for place in range(len(_NAMES) - 1) if any(row[place] is not None for row in rows))
    values_of = itemgetter(*filled)
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[first : first + ROWS_AT_ONCE]
        yield _insert(filled, len(some)), (load_id, *chain.from_iterable(map(values_of, some)))


@lru_cache(maxsize=64)
def _insert(filled: tuple[int, ...], rows: int) -> str:
    names = ", ".join(_NAMES[1 + place] for place in filled)
    values = ", ".join([f"(?1{', ?' * len(filled)})"] * rows)
    return f"INSERT INTO staged_vacancy ({_NAMES[0]}, {names}) VALUES {values}"  # noqa: S608  # names of columns
