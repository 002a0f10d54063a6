"""How many families an agreement has received this year, and which of its yearly ceilings are reached.

Counted are the agreement's families, whichever of its versions their case began on: those who moved in in the calendar
year in Copenhagen, by the history, and those on their way, by their offer. A share is of the homes whose association
first announced them in that year (`vacancy.first_seen`), however they are let and whatever became of them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, text, union_all
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.homes.dwelling import Dwelling
from domain.parties.agreement import Agreement
from domain.parties.ceilings.agreed import AreaCeiling
from domain.parties.ceilings.agreed_areas import NO_AREAS, AgreedAreas
from domain.parties.ceilings.use import SHARE_OF_VACANCIES, Count, Level, Reached, Spot, levels
from domain.working_days import COPENHAGEN
from storage.areas.area_names import AreaAddress, area_names
from storage.columns import UtcDateTime
from storage.parties.agreements import AgreementVersion, agreement_of
from storage.referrals.history import HOUSED, HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy

Year = Mapping[str, datetime]


def reached_now(session: Session, *, on: date) -> dict[int, Reached]:
    """The ceilings that are reached on a day, by the version of an agreement; versions without any are left out."""
    ids = session.exec(select(AgreementVersion.id)).all()
    versions = {id_: agreement_of(session, id_) for id_ in ids if id_ is not None}
    found, areas = levels_of(session, versions, on=on)
    reached = {id_: tuple(level for level in some if level.is_reached) for id_, some in found.items()}
    return {id_: Reached(some, areas) for id_, some in reached.items() if some}


def reached_for(session: Session, version_id: int, home: Dwelling, *, on: date) -> list[Level]:
    """The ceilings that stand on a day against putting a home forward, as the transaction sees them."""
    found, areas = levels_of(session, {version_id: agreement_of(session, version_id)}, on=on)
    reached = tuple(level for level in found.get(version_id, ()) if level.is_reached)
    return Reached(reached, areas).objections(home)


def levels_of(
    session: Session, versions: Mapping[int, Agreement], *, on: date
) -> tuple[dict[int, tuple[Level, ...]], AgreedAreas]:
    """How far each ceiling is used on a day, by the version of an agreement; those without ceilings are left out."""
    with_some = {id_: agreement for id_, agreement in versions.items() if agreement.ceilings.hold_on(on)}
    if not with_some:
        return {}, NO_AREAS
    named = {(one.municipality, one.area) for agreement in with_some.values() for one in agreement.ceilings.areas}
    areas = AgreedAreas(area_names(session), named) if named else NO_AREAS
    year = {
        "first": datetime(on.year, 1, 1, tzinfo=COPENHAGEN),
        "end": datetime(on.year + 1, 1, 1, tzinfo=COPENHAGEN),
    }
    families = _families(session, {one.id for one in with_some.values()}, year, areas)
    offering = {id_ for one in with_some.values() if one.ceilings.vacancies for id_ in one.associations}
    vacancies = _announced(session, offering, year)
    found = {
        id_: levels(agreement, areas, Count(families[agreement.id], vacancies), on=on)
        for id_, agreement in with_some.items()
    }
    return found, areas


_in_the_year = {"first": bindparam("first", type_=UtcDateTime()), "end": bindparam("end", type_=UtcDateTime())}
# The words stand in the statement itself, because SQLite finds a partial index by its text, never by a parameter.
_on_their_way = sa_select(col(Offer.referral_id), col(Offer.vacancy_id)).where(
    text("standing IN ('live', 'taken')"), text("standing = 'live'")
)
# No home is put forward after a move-in, so the newest offer is the one by which the family moved in.
_newest = (
    sa_select(func.max(Offer.id))
    .where(col(Offer.referral_id) == col(HistoryLine.referral_id))
    .correlate(HistoryLine)
    .scalar_subquery()
)
_moved_in = (
    sa_select(col(HistoryLine.referral_id), col(Offer.vacancy_id))
    .join(Offer, col(Offer.id) == _newest)
    .where(HOUSED, col(HistoryLine.at) >= _in_the_year["first"], col(HistoryLine.at) < _in_the_year["end"])
)
_used = union_all(_on_their_way, _moved_in).subquery()
_place: tuple[Any, ...] = (
    col(Vacancy.municipality),
    col(Vacancy.area_name),
    col(Vacancy.department),
    col(AreaAddress.dar_address_id).is_not(None).label("address_is_listed"),
    col(AreaAddress.area_id).label("address_area_id"),
)
_where = (col(AgreementVersion.agreement_id), col(Vacancy.association), *_place)
_FAMILIES = (
    sa_select(*_where, func.count().label("families"))
    .select_from(_used)
    .join(Vacancy, col(Vacancy.id) == _used.c.vacancy_id)
    .join(Referral, col(Referral.id) == _used.c.referral_id)
    .join(AgreementVersion, col(AgreementVersion.id) == Referral.agreement_version_id)
    .join(AreaAddress, col(AreaAddress.dar_address_id) == Vacancy.dar_address_id, isouter=True)
    .where(col(AgreementVersion.agreement_id).in_(bindparam("agreements", expanding=True)))
    .group_by(*_where)
)


def _families(
    session: Session, agreements: Collection[str], year: Year, areas: AgreedAreas
) -> dict[str, dict[Spot, int]]:
    found: dict[str, dict[Spot, int]] = {agreement: defaultdict(int) for agreement in agreements}
    for row in session.connection().execute(_FAMILIES, {"agreements": sorted(agreements), **year}):
        found[row.agreement_id][Spot(row.municipality, row.association, areas.of(row))] += row.families
    return found


_ANNOUNCED = (
    sa_select(col(Vacancy.municipality), col(Vacancy.association), func.count())
    .where(
        col(Vacancy.association).in_(bindparam("associations", expanding=True)),
        col(Vacancy.first_seen) >= _in_the_year["first"],
        col(Vacancy.first_seen) < _in_the_year["end"],
    )
    .group_by(col(Vacancy.municipality), col(Vacancy.association))
)


def _announced(session: Session, associations: Collection[str], year: Year) -> dict[Spot, int]:
    if not associations:
        return {}
    rows = session.connection().execute(_ANNOUNCED, {"associations": sorted(associations), **year})
    return {Spot(municipality, association): homes for municipality, association, homes in rows}


def below_used(session: Session, agreement: Agreement, *, today: date) -> list[Level]:
    """The ceilings of a version that would be below what is used already, on its first day or today.

    A share of a year that has not begun is not judged: its homes are not announced yet.
    """
    on = max(today, agreement.valid_from)
    found, _ = levels_of(session, {0: agreement}, on=on)
    return [
        level
        for level in found.get(0, ())
        if level.used > level.ceiling and (level.limit.code != SHARE_OF_VACANCIES or on.year == today.year)
    ]


_PLACES = (
    sa_select(*_place)
    .select_from(Vacancy)
    .join(AreaAddress, col(AreaAddress.dar_address_id) == Vacancy.dar_address_id, isouter=True)
    .where(col(Vacancy.municipality).in_(bindparam("municipalities", expanding=True)))
    .distinct()
)


def areas_without_homes(session: Session, agreement: Agreement) -> list[AreaCeiling]:
    """The ceilings of areas in which no home is known: the area's name may be a slip of the pen."""
    if not (named := agreement.ceilings.areas):
        return []
    areas = AgreedAreas(area_names(session), {(one.municipality, one.area) for one in named})
    codes = sorted({one.municipality for one in named})
    there = {areas.of(row) for row in session.connection().execute(_PLACES, {"municipalities": codes})}
    return [one for one in named if areas.number(one.municipality, one.area) not in there]
