"""Rows of a feed between being fetched and being applied: nothing that is vacant changes until the last one is here."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlmodel import Field, Session, SQLModel

from domain.vacancy_feed import FeedStatus, VacancyRow


class StagedVacancy(SQLModel, table=True):
    """A row that satisfies the contract, waiting with its load.

    The contract has judged it, and so the table judges nothing: rules and references cost as much as the row itself.
    """

    __tablename__ = "staged_vacancy"
    # SQLite keeps the rows in the order of their key, and needs no second index.
    __table_args__ = ({"sqlite_with_rowid": False},)

    load_id: int = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    lbf_number: str | None
    department_number: str | None
    unit_number: str | None
    dar_address_id: str | None
    department: str
    municipality: str
    area_id: int | None
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


Staged = tuple[Any, ...]


def as_staged(row: VacancyRow, areas: Mapping[tuple[str, str], int]) -> Staged:
    """A row that satisfies the contract, as it will stand in its load."""
    told = row.get
    area, status = row.get("area"), row.get("status")
    return (
        row["external_id"],
        told("lbf_number"),
        told("department_number"),
        told("unit_number"),
        told("dar_address_id"),
        row["department"],
        row["municipality"],
        area and areas.get((row["municipality"], area)),
        row["rooms"],
        row["size_m2"],
        row["rent_monthly_ore"],
        told("deposit_ore"),
        row["available_from"].isoformat(),
        told("floor"),
        told("lift"),
        row["step_free"],
        told("pets"),
        told("persons_min"),
        told("persons_max"),
        str(row["letting"]),
        str(status) if status else VACANT,
    )


VACANT = str(FeedStatus.VACANT)


def stage(session: Session, load_id: int, rows: Collection[Staged]) -> None:
    """Write rows down, past the session and the statement compiler, which cost more than the database."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # The load's number stands in the statement, so that no row need be made anew.
        connection.exec_driver_sql(_INSERT.format(load=int(load_id)), list(rows))
        return
    driver = cast("Any", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row((load_id, *row))


_PLACES = ", ".join("?" * (len(_NAMES) - 1))
_INSERT = f"INSERT INTO staged_vacancy ({', '.join(_NAMES)}) VALUES ({{load}}, {_PLACES})"  # noqa: S608  # names of columns
_COPY = f"COPY staged_vacancy ({', '.join(_NAMES)}) FROM STDIN"
