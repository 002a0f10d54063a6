"""Reference facts: municipalities, areas, the lists they stood on and their published figures."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import CheckConstraint, func
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.homes.area import AreaStatus, Listing, designations
from storage.columns import one_of


class Municipality(SQLModel, table=True):
    """One of the 98 municipalities, by its four-digit code."""

    __tablename__ = "municipality"

    code: str = Field(primary_key=True, max_length=4)
    name: str
    region: str


class Area(SQLModel, table=True):
    """A housing area that has stood on a published list."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("municipality", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality: str = Field(foreign_key="municipality.code")
    name: str


class AreaListing(SQLModel, table=True):
    """An area's entry on the list published on a day. Never deleted."""

    __tablename__ = "area_listing"
    __table_args__ = (UniqueConstraint("area_id", "status", "published"),)

    id: int | None = Field(default=None, primary_key=True)
    area_id: int = Field(foreign_key="area.id")
    status: AreaStatus = Field(sa_type=one_of(AreaStatus, "area_status"))
    published: date
    source: str


class AreaFigures(SQLModel, table=True):
    """An area's published figures; a missing figure is unknown, never zero. Shares in per cent."""

    __tablename__ = "area_figures"
    __table_args__ = (
        UniqueConstraint("area_id", "published"),
        CheckConstraint("residents IS NULL OR residents >= 0", name="residents_not_negative"),
    )

    id: int | None = Field(default=None, primary_key=True)
    area_id: int = Field(foreign_key="area.id")
    published: date
    residents: int | None = None
    outside_labour_market_pct: float | None = None
    source: str


_CODES = select(Municipality.code)


def municipality_codes(session: Session) -> frozenset[str]:
    """The codes of all municipalities, read once a process."""
    known: dict[str, frozenset[str]] = session.info.get("for_good", {})
    if not known.get("municipalities"):
        known["municipalities"] = frozenset(session.connection().execute(_CODES).scalars())
    return known["municipalities"]


def listed_areas(session: Session, *, on: date) -> dict[int, frozenset[AreaStatus]]:
    """Every area that is listed on a day, with what it is listed as."""
    newest_query = (
        select(AreaListing.status, func.max(AreaListing.published))
        .where(AreaListing.published <= on)
        .group_by(col(AreaListing.status))
    )
    newest = {AreaStatus(status): published for status, published in session.exec(newest_query)}
    listings: dict[int, list[Listing]] = {}
    for row in session.exec(select(AreaListing)):
        listings.setdefault(row.area_id, []).append(Listing(row.status, row.published))
    found = {area: designations(rows, on=on, newest=newest) for area, rows in listings.items()}
    return {area: statuses for area, statuses in found.items() if statuses}


def within_region(session: Session, codes: Collection[str], region: str) -> frozenset[str]:
    """Which of some municipalities lie in a region."""
    query = select(Municipality.code).where(col(Municipality.code).in_(codes), Municipality.region == region)
    return frozenset(session.exec(query))


def region_of(session: Session, codes: Collection[str]) -> str | None:
    """The region that some municipalities lie in; None when they lie in several."""
    regions = set(session.exec(select(Municipality.region).where(col(Municipality.code).in_(codes)).distinct()))
    return regions.pop() if len(regions) == 1 else None


def municipality_names(session: Session) -> dict[str, str]:
    """Every municipality's name by its code."""
    return {row.code: row.name for row in session.exec(select(Municipality))}


def region_by_municipality(session: Session) -> dict[str, str]:
    """The region of every municipality, by its code."""
    return {row.code: row.region for row in session.exec(select(Municipality))}
