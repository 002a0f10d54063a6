"""Staff say what an area's name means, and which area a family leaves when its flag named it unclearly."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Session, select

from domain.errors import Invalid
from domain.homes.area_names import compared
from domain.subject import About, Subject
from storage.areas.area_names import AreaAddress, AreaName, area_names
from storage.areas.places import Area, Municipality
from storage.attention import close_subject
from storage.audit.events import write_event
from storage.audit.states import chain_state
from storage.columns import id_of
from storage.locks import Lock, hold_case, hold_cases, holding, taking
from storage.referrals.left_areas import record_left_area
from storage.referrals.referrals import Referral

ROWS_AT_ONCE = 500


def say_what_area(
    session: Session, municipality: str, name: str, area: str | None, *, by: str, now: datetime
) -> AreaName:
    """Record that a name means this area of its municipality, or with None no listed area, even if nobody asked.

    It applies at once to homes, and to families whose flag used the name. `Invalid` when there is no such area, or the
    name is an area's own.
    """
    if session.get(Municipality, municipality) is None:
        raise Invalid("municipality", "is the code of no municipality")
    as_compared, area_id = compared(name), None if area is None else area_called(session, municipality, area)
    if not as_compared:
        raise Invalid("name", "holds neither letter nor digit")
    if area_names(session).is_one(municipality, as_compared):
        but = "where a home's department alone is called that, have its association name the area, or list its address"
        raise Invalid("name", f"is the name of an area itself, and means that area; {but}")
    row = _row_of(session, municipality, as_compared, by=by, now=now)
    row.area_id, row.said_at, row.said_by, row.written = area_id, now, by, ""
    session.add(row)
    session.flush()
    chain_state(session, AreaName, row, now=now)
    facts = {"municipality": municipality, "area": str(area_id or "none")}
    write_event(session, "area_name_said", actor=by, about=About.AREA_NAME.of(id_of(row)), at=now, **facts)
    _settle(session, row, by=by, now=now)
    return row


def area_called(session: Session, municipality: str, name: str) -> int:
    """The area of a municipality that a person names; `Invalid` when none is called that, or several are."""
    meant = area_names(session).meaning(municipality, compared(name))
    if meant.area_id is None:
        known = ", ".join(session.exec(select(Area.name).where(Area.municipality == municipality).order_by(Area.name)))
        raise Invalid("area", f"is none of {municipality}; known: {known or 'none'}")
    return meant.area_id


def _row_of(session: Session, municipality: str, as_compared: str, *, by: str, now: datetime) -> AreaName:
    left = select(Referral.id).where(
        Referral.sending_municipality == municipality, Referral.from_area_name == as_compared
    )
    hold_cases(session, session.exec(left).all())
    query = select(AreaName).where(AreaName.municipality == municipality, AreaName.compared == as_compared)
    # Locked: of two people who say at once, the later one counts.
    taking(session, Lock.AREA_NAME)
    if (row := session.exec(holding(query)).one_or_none()) is not None:
        return row
    row = AreaName(municipality=municipality, compared=as_compared, written="", asked_by=by, asked_at=now)
    session.add(row)
    session.flush()
    return row


def _settle(session: Session, row: AreaName, *, by: str, now: datetime) -> None:
    """Close the attention items that waited for this name."""
    close_subject(session, About.AREA_NAME.of(id_of(row)), now=now, by=by)
    # Names beyond `MOST_OPEN` are asked about with the next feed.
    close_subject(session, About.AREAS.of(row.asked_by), now=now, by=by)
    left = select(Referral).where(
        Referral.sending_municipality == row.municipality, Referral.from_area_name == row.compared
    )
    for referral in session.exec(left):
        referral.from_area_id = row.area_id
        session.add(referral)


def say_left_area(session: Session, referral_id: int, area: str | None, *, by: str, now: datetime) -> None:
    """Record the area that a family leaves, where its flag named it unclearly; None is no listed area."""
    hold_case(session, referral_id)
    referral = session.get_one(Referral, referral_id)
    area_id = None if area is None else area_called(session, referral.sending_municipality, area)
    record_left_area(session, referral, area_id, by=by, now=now)


def remember_addresses(
    session: Session, rows: Iterable[tuple[str, str, str]], *, by: str, now: datetime
) -> tuple[int, list[Invalid]]:
    """Store an address list, each row an address's id, its municipality and its area (empty for none): all rows or
    none.

    It replaces the earlier list. Returns how many addresses it has, and every fault with its row.
    """
    listed, faults = dict[str, int | None](), list[Invalid]()
    areas = {(area.municipality, compared(area.name)): area.id for area in session.exec(select(Area))}
    for number, (address, municipality, area) in enumerate(rows, 1):
        try:
            name = str(UUID(address.strip()))
        except ValueError:
            faults.append(Invalid(f"row {number}", "dar_address_id is no UUID"))
            continue
        if area.strip() and (municipality.strip(), compared(area)) not in areas:
            faults.append(Invalid(f"row {number}", "area is no known area of its municipality"))
            continue
        area_id = areas.get((municipality.strip(), compared(area))) if area.strip() else None
        if listed.setdefault(name, area_id) != area_id:
            faults.append(Invalid(f"row {number}", "dar_address_id stood before, with another area"))
    if not faults:
        _replace(session, listed)
        write_event(
            session, "addresses_listed", actor=by, about=Subject(About.AREAS), at=now, addresses=str(len(listed))
        )
    return len(listed), faults


def _replace(session: Session, listed: dict[str, int | None]) -> None:
    session.exec(delete(AreaAddress))
    rows = [{"dar_address_id": address, "area_id": area} for address, area in listed.items()]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(AreaAddress), rows[first : first + ROWS_AT_ONCE])
