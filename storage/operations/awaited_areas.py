"""Unknown area names that hold homes back, or a family's left area open: asked again until a person has answered.

A name that a new list answers, or that no home and no case has any more, is deleted, with what was written.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select as sa_select
from sqlalchemy import text
from sqlmodel import Session, col, select

from domain.homes.area_names import AreaNames, compared
from domain.parties.party import association, municipality
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.areas.area_names import AreaAddress, AreaName, area_names, ask_about, have_it_said
from storage.attention import close_subject
from storage.audit.states import chain_gone
from storage.columns import id_of
from storage.feeds.staging import StagedVacancy
from storage.locks import Lock, hold_cases, holding, taking
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding

BY = "nothing waits for it"
# By the party that wrote it, each name as it was written (where that is known), by municipality and compared name.
WaitedFor = dict[str, dict[tuple[str, str], str]]

# Reserved homes too: they may come back onto the market.
_HOMES = (
    sa_select(Vacancy.association, Vacancy.municipality, Vacancy.area_name, Vacancy.department)  # type: ignore[call-overload]  # columns of a table
    .join(AreaAddress, col(AreaAddress.dar_address_id) == Vacancy.dar_address_id, isouter=True)
    .where(
        col(Vacancy.standing).in_([VacancyStanding.AVAILABLE, VacancyStanding.RESERVED]),
        col(AreaAddress.dar_address_id).is_(None),
    )
    .distinct()
)


def departments_in_areas(session: Session) -> list[tuple[str, str, str, int | None]]:
    """Departments whose homes name no area, but whose own name contains an area's name.

    Each with its municipality, its association, and the area's id: None when it may be several areas, and waits.
    """
    names = area_names(session)
    found = []
    for of, code, area_name, department in session.connection().execute(_HOMES.order_by(text("2, 1, 4"))):
        if area_name:
            continue
        meant = names.of_home(code, None, department)
        if meant.area_id is not None or not meant.is_known:
            found.append((code, of, department, meant.area_id))
    return found


# Loads that are held back or still being fetched too: they may be applied.
_STAGED = (
    sa_select(StagedVacancy.municipality, StagedVacancy.area_name)  # type: ignore[call-overload]  # columns of a table
    .where(col(StagedVacancy.area_name).is_not(None))
    .distinct()
)


def ask_again_about_names(session: Session, *, now: datetime) -> int:
    """Put each name that something waits for on the list, unless it is there; returns how many were put.

    Also names beyond `MOST_OPEN`, and department names that may mean two areas.
    """
    names = area_names(session)
    waited_for = _waited_for(session, names)
    kept = {place for places in waited_for.values() for place in places}
    kept |= {(code, area_name) for code, area_name in session.connection().execute(_STAGED)}
    _let_go(session, names, kept, now=now)
    for of, places in waited_for.items():
        ask_about(session, places, asked_by=of, now=now)
    asked = session.exec(select(AreaName).where(col(AreaName.said_at).is_(None)).order_by(col(AreaName.id)))
    return sum(have_it_said(session, row, now=now) for row in asked.all())


# Closed cases too: each counts for the area that its family left.
_LEFT = select(Referral.sending_municipality, Referral.from_area_name).where(
    col(Referral.from_area_name).is_not(None),
    col(Referral.from_area_id).is_(None),
    col(Referral.status) != Status.WITHDRAWN,
)


def _waited_for(session: Session, names: AreaNames) -> WaitedFor:
    found: WaitedFor = defaultdict(dict)
    for of, code, area_name, department in session.connection().execute(_HOMES):
        if not names.of_home(code, area_name, department).is_known:
            place = (code, area_name or compared(department))
            found[association(of)].setdefault(place, "" if area_name else department)
    for code, area_name in session.exec(_LEFT):
        if area_name and not names.meaning(code, area_name).is_known:
            found[municipality(code)].setdefault((code, area_name), "")
    return found


_LEFT_UNKNOWN = select(Referral.id, Referral.sending_municipality, Referral.from_area_name).where(
    col(Referral.from_area_name).is_not(None), col(Referral.from_area_id).is_(None)
)


def _let_go(session: Session, names: AreaNames, kept: set[tuple[str, str]], *, now: datetime) -> None:
    unknown = session.exec(_LEFT_UNKNOWN).all()
    hold_cases(session, [of for of, code, name in unknown if names.meaning(code, name or "").is_known])
    taking(session, Lock.AREA_NAME)
    open_names = select(AreaName).where(col(AreaName.said_at).is_(None)).order_by(col(AreaName.id))
    for row in session.exec(holding(open_names)).all():
        meant = names.meaning(row.municipality, row.compared)
        if meant.is_known:
            _know_left_area(session, row, meant.area_id)
        elif (row.municipality, row.compared) in kept:
            continue
        session.delete(row)
        chain_gone(session, AreaName, {"id": row.id}, now=now)
        close_subject(session, About.AREA_NAME.of(id_of(row)), now=now, by=BY)


def _know_left_area(session: Session, row: AreaName, area_id: int | None) -> None:
    left = select(Referral).where(
        Referral.sending_municipality == row.municipality, Referral.from_area_name == row.compared
    )
    for referral in session.exec(left):
        referral.from_area_id = area_id
        session.add(referral)
