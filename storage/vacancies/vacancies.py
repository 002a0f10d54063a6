"""Vacancies and what happens to them: available, reserved, let, withdrawn."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, bindparam, exists, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col

from domain.allocation.criteria import Search
from domain.homes.dwelling import Dwelling, LettingCriteria
from domain.letters import HomeFacts
from domain.parties.party import association
from domain.referrals.household import Need
from domain.subject import About, Subject
from storage.areas.area_names import AreaAddress, AreaName
from storage.areas.places import Municipality
from storage.columns import UtcDateTime, one_of
from storage.database import changed
from storage.dialect import only_where
from storage.locks import Lock, taking
from storage.parties.partners import partner_of


class VacancyStanding(StrEnum):
    """What happened to a vacancy."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    LET = "let"
    WITHDRAWN = "withdrawn"


_MISSING = text("missing_since IS NOT NULL")


class Vacancy(SQLModel, table=True):
    """A vacant tenancy unit, identified by its association and the association's own id."""

    __tablename__ = "vacancy"
    __table_args__ = (
        UniqueConstraint("association", "external_id"),
        Index("vacancy_standing", "standing", "municipality"),
        CheckConstraint("rooms BETWEEN 1 AND 12", name="vacancy_rooms_in_range"),
        CheckConstraint("size_m2 > 0", name="vacancy_size_positive"),
        CheckConstraint("rent_monthly_ore > 0", name="vacancy_rent_positive"),
        CheckConstraint("(standing = 'reserved') = (reserved_until IS NOT NULL)", name="vacancy_reserved_until"),
        Index("vacancy_missing", "association", **only_where(_MISSING)),
    )

    id: int | None = Field(default=None, primary_key=True)
    association: str
    external_id: str
    department: str
    # Checked before the row was staged: a foreign key, which the database checks again, costs a tenth of a night.
    municipality: str
    # In the form in which names are compared (domain/homes/area_names.py). What it means is looked up when needed, by
    # the lists of that day.
    area_name: str | None = None
    rooms: int
    size_m2: int
    rent_monthly_ore: int
    available_from: date
    step_free: bool
    letting: LettingCriteria = Field(sa_type=one_of(LettingCriteria, "vacancy_letting"))
    lbf_number: str | None = None
    department_number: str | None = None
    unit_number: str | None = None
    dar_address_id: str | None = None
    deposit_ore: int | None = None
    floor: int | None = None
    lift: bool | None = None
    pets: bool | None = None
    persons_min: int | None = None
    persons_max: int | None = None
    standing: VacancyStanding = Field(sa_type=one_of(VacancyStanding, "vacancy_standing_word"))
    reserved_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_seen: datetime = Field(sa_type=UtcDateTime)
    # When the association itself last told us of it, between two nights.
    pushed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Since when full feeds have lacked it.
    missing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # When its association said that it is gone, although a family holds it.
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Since when its association has announced it again, although our family is said to live there.
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VacancyChange(SQLModel, table=True):
    """A field of a vacancy that a load changed; the values as text, None for empty."""

    __tablename__ = "vacancy_change"

    id: int | None = Field(default=None, primary_key=True)
    vacancy_id: int = Field(foreign_key="vacancy.id", index=True)
    load_id: int = Field(foreign_key="feed_load.id")
    at: datetime = Field(sa_type=UtcDateTime)
    field: str
    before: str | None
    after: str | None


_BY_ADDRESS = {
    "vacancy_id": col(Vacancy.id),
    "address_is_listed": col(AreaAddress.dar_address_id).is_not(None),
    "address_area_id": col(AreaAddress.area_id),
}
_AS_DWELLING = sa_select(
    *(_BY_ADDRESS[fact.name] if fact.name in _BY_ADDRESS else getattr(Vacancy, fact.name) for fact in fields(Dwelling))
).join(AreaAddress, col(AreaAddress.dar_address_id) == Vacancy.dar_address_id, isouter=True)
# The criteria refuse these homes too; here they would take the places of homes that suit.
_WAITS_FOR_ITS_AREA = exists().where(
    col(AreaName.municipality) == Vacancy.municipality,
    col(AreaName.compared) == Vacancy.area_name,
    col(AreaName.said_at).is_(None),
    col(AreaAddress.dar_address_id).is_(None),
)

_CANDIDATES = (
    _AS_DWELLING.where(
        col(Vacancy.standing) == VacancyStanding.AVAILABLE,
        col(Vacancy.municipality).in_(bindparam("municipalities", expanding=True)),
        col(Vacancy.association).in_(bindparam("associations", expanding=True)),
        col(Vacancy.id).not_in(bindparam("excluded", expanding=True)),
        col(Vacancy.rooms) >= bindparam("rooms"),
        col(Vacancy.rent_monthly_ore) <= bindparam("rent"),
        ~_WAITS_FOR_ITS_AREA,
    )
    .order_by(col(Vacancy.rooms), col(Vacancy.rent_monthly_ore))
    .limit(bindparam("most"))
)


def candidates(session: Session, need: Need, search: Search, *, most: int = 200) -> Iterator[Dwelling]:
    """Available vacancies that may suit, smallest and cheapest first, read as they are asked for.

    The database only narrows the search by bounds that it knows; the criteria decide.
    """
    bounds = {
        "municipalities": sorted(search.municipalities),
        "associations": sorted(search.associations),
        "excluded": sorted(search.excluded_vacancies),
        "rooms": need.rooms_min,
        "rent": need.rent_max_monthly_ore,
        "most": most,
    }
    for row in session.connection().execute(_CANDIDATES, bounds):
        yield Dwelling(*row)


_DWELLING = _AS_DWELLING.where(col(Vacancy.id) == bindparam("id"))


def dwelling(session: Session, vacancy_id: int) -> Dwelling:
    """The home of a vacancy."""
    return Dwelling(*session.connection().execute(_DWELLING, {"id": vacancy_id}).one())


_RESERVE = (
    update(Vacancy)
    .where(col(Vacancy.id) == bindparam("wanted_id"), col(Vacancy.standing) == VacancyStanding.AVAILABLE)
    .values(standing=VacancyStanding.RESERVED, reserved_until=bindparam("until"))
)


def reserve(session: Session, vacancy_id: int, *, until: datetime) -> bool:
    """Reserve an available vacancy; False when somebody else has it."""
    if changed(session, _RESERVE, {"wanted_id": vacancy_id, "until": until}) != 1:
        return False
    taking(session, Lock.HOME, vacancy_id)
    return True


def announced(vacancy_id: int) -> Subject:
    """The subject of the attention item about a home that is announced while a family is said to live there."""
    return About.ANNOUNCED.of(vacancy_id)


def home_facts(session: Session, home: Vacancy) -> HomeFacts:
    """A vacancy as letters and pages describe it; its department by the agreed name, where there is one."""
    lets_it = partner_of(session, association(home.association))
    return HomeFacts(
        department=lets_it.departments.get(home.department_number or "", home.department),
        association=lets_it.name,
        municipality=session.get_one(Municipality, home.municipality).name,
        rooms=home.rooms,
        size_m2=home.size_m2,
        rent_monthly_ore=home.rent_monthly_ore,
        available_from=home.available_from,
        step_free=home.step_free,
    )
