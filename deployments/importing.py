"""Bringing data in: the reference facts of this folder, and the files in which parties agreed."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cronsim import CronSim, CronSimError
from pydantic import ValidationError
from sqlmodel import Session, select

from connectors.registry import CONNECTORS
from deployments.acting import COMMAND_LINE
from deployments.files import toml_of
from deployments.login_advice import letters_suffice
from domain.agreement import Agreement, AnswerLevel, faults
from domain.area import AreaStatus
from domain.colleagues import faults_of_absences, faults_of_people
from domain.errors import Invalid
from domain.login_address import to_register
from domain.party import Partner, PartyKind, association, faults_of_names, municipality
from storage.audit.events import write_event
from storage.database import Database
from storage.parties import AGREEMENTS, PARTNERS, remember_agreement, remember_partner
from storage.parties import partners as known_partners
from storage.places import Area, AreaFigures, AreaListing, Municipality
from storage.staff.leavers import pass_on_from_leavers

REFERENCE = Path(__file__).parent / "reference"
LISTS: dict[str, tuple[AreaStatus, date]] = {
    "parallel_society_2018": (AreaStatus.PARALLEL_SOCIETY, date(2018, 12, 1)),
    "transformation_2018": (AreaStatus.TRANSFORMATION, date(2018, 12, 1)),
    "parallel_society_2019": (AreaStatus.PARALLEL_SOCIETY, date(2019, 12, 1)),
    "parallel_society_2020": (AreaStatus.PARALLEL_SOCIETY, date(2020, 12, 1)),
    "listed_2022": (AreaStatus.VULNERABLE, date(2022, 12, 1)),
    "combined_letting_2024": (AreaStatus.COMBINED_LETTING, date(2024, 12, 1)),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """How much was new."""

    municipalities: int = 0
    areas: int = 0
    agreements: int = 0
    partners: int = 0


def import_reference(database: Database) -> Imported:
    """Load the municipalities, the areas, their listings and their figures; what is here already stays."""
    with database.writing() as session:
        known = set(session.exec(select(Municipality.code)))
        new = [
            Municipality(code=row["code"], name=row["name"], region=row["region_until_2026"])
            for row in _rows("municipalities.csv")
            if row["code"] not in known
        ]
        session.add_all(new)
        session.flush()
        areas = sum(_listings(session, row) for row in _rows("area_list_membership.csv"))
        for row in _rows("area_figures.csv"):
            _figures(session, row)
        return Imported(municipalities=len(new), areas=areas)


def municipality_codes() -> frozenset[str]:
    """The municipalities there are, as the reference facts have them."""
    return frozenset(row["code"] for row in _rows("municipalities.csv"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _area(session: Session, row: dict[str, str]) -> tuple[int, bool]:
    query = select(Area).where(Area.municipality == row["municipality_code"], Area.name == row["area"])
    area = session.exec(query).one_or_none()
    if area is not None:
        return area.id or 0, False
    area = Area(municipality=row["municipality_code"], name=row["area"])
    session.add(area)
    session.flush()
    return area.id or 0, True


def _listings(session: Session, row: dict[str, str]) -> bool:
    area_id, new = _area(session, row)
    if new:
        session.add_all(
            AreaListing(area_id=area_id, status=status, published=published, source="area_list_membership.csv")
            for column, (status, published) in LISTS.items()
            if row[column] == "1"
        )
    return new


def _figures(session: Session, row: dict[str, str]) -> None:
    area_id, _ = _area(session, row)
    published = date.fromisoformat(row["list_date"])
    query = select(AreaFigures).where(AreaFigures.area_id == area_id, AreaFigures.published == published)
    if session.exec(query).first() is None:
        outside = row["outside_labour_market_pct"]
        session.add(
            AreaFigures(
                area_id=area_id,
                published=published,
                residents=int(row["residents"]) if row["residents"] else None,
                outside_labour_market_pct=float(outside) if outside else None,
                source=row["source"],
            )
        )


def import_parties(
    database: Database, path: Path, *, now: datetime, by: str = COMMAND_LINE, demo: bool = False
) -> Imported:
    """Load partners and agreements from a TOML file: all of it, or on a fault nothing.

    A login without encryption is for the demo world alone. `Invalid` names the entry, the field and the rule.
    """
    content = toml_of(path)
    agreements = [_parsed(AGREEMENTS, "agreement", entry) for entry in _tables(content, "agreement")]
    partners = [_parsed(PARTNERS, "partner", entry) for entry in _tables(content, "partner")]
    for agreement in agreements:
        _check(agreement)
    for partner in partners:
        for fault in (*faults_of_people(partner), *faults_of_absences(partner), *faults_of_names(partner)):
            raise Invalid(f"partner {partner.party} {fault.field}", fault.reason)
        _check_login(partner, demo=demo)
        if not _is_a_schedule(partner.feed.schedule):
            raise Invalid(f"partner {partner.party} feed.schedule", "is no cron line")
        for system, connection in partner.systems.items():
            if connection.connector not in CONNECTORS:
                raise Invalid(f"partner {partner.party} systems.{system}.connector", "unknown")
    with database.writing() as session:
        codes = set(session.exec(select(Municipality.code)))
        for partner in partners:
            if partner.kind is PartyKind.MUNICIPALITY and partner.id not in codes:
                raise Invalid(f"partner {partner.party}", "unknown municipality")
        _check_logins(agreements, [*partners, *known_partners(session)])
        new = Imported(
            agreements=sum(remember_agreement(session, agreement, now=now) for agreement in agreements),
            partners=sum(remember_partner(session, partner, now=now) for partner in partners),
        )
        pass_on_from_leavers(session, now=now)
        counts = {name: str(count) for name, count in asdict(new).items()}
        write_event(session, "parties_imported", actor=by, about="parties", at=now, **counts)
        return new


def logins_to_register(database: Database, origin: str) -> list[str]:
    """What each party must have registered at its login provider, a line each."""
    with database.reading() as session:
        return [f"{at.name} ({at.party}): {address}" for at, address in to_register(known_partners(session), origin)]


def advice_on_logins(database: Database) -> list[str]:
    """Where people should log in to answer, a sentence each."""
    with database.reading() as session:
        return letters_suffice(session)


def _tables(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = content.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Invalid(name, f"each begins with [[{name}]]")
    return found


def _is_a_schedule(cron: str | None) -> bool:
    with suppress(CronSimError):
        return cron is None or bool(CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC)))
    return False


def _parsed(adapter: Any, kind: str, entry: dict[str, object]) -> Any:  # noqa: ANN401  # an adapter of either kind
    name = entry.get("id") or entry.get("party") or "without a name"
    try:
        return adapter.validate_python(entry, strict=False)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in fault["loc"])
        raise Invalid(f"{kind} {name} {field}", fault["msg"]) from None


def _check(agreement: Agreement) -> None:
    if found := faults(agreement):
        raise Invalid(f"agreement {agreement.id}", "; ".join(found))


def _check_login(partner: Partner, *, demo: bool) -> None:
    if partner.login is not None and partner.login.in_the_open and not demo:
        raise Invalid(f"partner {partner.party} login.issuer", "must be reached over https outside the demo world")


def _check_logins(agreements: list[Agreement], parties: list[Partner]) -> None:
    """Where an agreement asks people to log in, each of its parties must say where."""
    known = {partner.party for partner in parties}
    with_login = {partner.party for partner in parties if partner.login is not None}
    for agreement in agreements:
        if agreement.answer_level is not AnswerLevel.LINK_AND_LOGIN:
            continue
        codes = sorted({*agreement.sending, *agreement.receiving})
        named = [municipality(code) for code in codes] + [association(id_) for id_ in agreement.associations]
        if missing := [party for party in named if party in known - with_login]:
            raise Invalid(f"agreement {agreement.id} answer_level", f"no login is known for {', '.join(missing)}")
