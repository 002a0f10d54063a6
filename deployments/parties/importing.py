"""Imports the reference facts, and the files with the parties and their agreements."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, select

from connectors.registry import CONNECTORS
from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.parties.file import read
from deployments.worker.cron_lines import fault_of
from domain.homes.area import AreaStatus
from domain.parties.lacks import lacking
from domain.parties.login_address import to_register
from domain.parties.login_advice import letters_suffice
from domain.parties.parties_file import Fault, Given, PartiesFile, Surroundings
from storage.areas.places import Area, AreaFigures, AreaListing, Municipality
from storage.columns import id_of
from storage.database import Database
from storage.parties.agreements import newest_agreements
from storage.parties.partners import partners
from storage.staff.parties import Imported, import_parties, known

REFERENCE = Path(__file__).parents[1] / "reference"
LISTS: dict[str, tuple[AreaStatus, date]] = {
    "parallel_society_2018": (AreaStatus.PARALLEL_SOCIETY, date(2018, 12, 1)),
    "transformation_2018": (AreaStatus.TRANSFORMATION, date(2018, 12, 1)),
    "parallel_society_2019": (AreaStatus.PARALLEL_SOCIETY, date(2019, 12, 1)),
    "parallel_society_2020": (AreaStatus.PARALLEL_SOCIETY, date(2020, 12, 1)),
    "listed_2022": (AreaStatus.VULNERABLE, date(2022, 12, 1)),
    "combined_letting_2024": (AreaStatus.COMBINED_LETTING, date(2024, 12, 1)),
}


@dataclass(frozen=True, slots=True)
class NewFacts:
    """How many rows were new."""

    municipalities: int
    areas: int


def import_reference(database: Database) -> NewFacts:
    """Load the municipalities, the areas, their listings and their figures; rows that exist already stay."""
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
        return NewFacts(municipalities=len(new), areas=areas)


def municipality_codes() -> frozenset[str]:
    """The codes of all municipalities, from the reference facts."""
    return frozenset(row["code"] for row in _rows("municipalities.csv"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _area(session: Session, row: dict[str, str]) -> tuple[int, bool]:
    query = select(Area).where(Area.municipality == row["municipality_code"], Area.name == row["area"])
    area = session.exec(query).one_or_none()
    if area is not None:
        return id_of(area), False
    area = Area(municipality=row["municipality_code"], name=row["area"])
    session.add(area)
    session.flush()
    return id_of(area), True


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


def import_file(
    database: Database,
    path: Path,
    *,
    now: datetime,
    by: str = COMMAND_LINE,
    demo: bool = False,
    environment: Mapping[str, str] | None = None,
    accept_below_used: bool = False,
) -> Imported:
    """Load partners and agreements from a TOML file: all of it, or nothing when there is a fault.

    Only the demo world may have a login without encryption. Secrets are looked up in the `environment`, if given.
    `WrongFile` names for every fault the entry, the field and what to do. A yearly ceiling below what is used already
    is one unless `accept_below_used`.
    """
    here, accepted = surroundings(environment=environment, demo=demo), {"accept_below_used": accept_below_used}
    return carry_out(database, import_parties, read(path), here, by=by, now=now, **accepted)


def surroundings(*, environment: Mapping[str, str] | None, demo: bool) -> Surroundings:
    """What a file is checked against here: the connectors, the municipalities, and the cron lines that Prefect runs."""
    connectors = {id_: connector.serves for id_, connector in CONNECTORS.items()}
    return Surroundings(connectors, municipality_codes(), environment, demo, rules=(schedules,))


def schedules(given: Given) -> Iterator[Fault]:
    """A feed's schedule is a cron line that Prefect can run."""
    for partner in given.file.partners:
        if partner.feed.schedule is not None and (why := fault_of(partner.feed.schedule)):
            yield Fault(f"partner {partner.party}", "feed.schedule", why)


def logins_to_register(database: Database, origin: str) -> list[str]:
    """The address that each party must have registered at its login provider, a line each."""
    with database.reading() as session:
        return [
            f"{partner.name} ({partner.party}): {address}"
            for partner, address in to_register(partners(session), origin)
        ]


def warnings_in_force(database: Database, *, mailbox: bool) -> list[str]:
    """A sentence for everything that the parties in force lack."""
    with database.reading() as session:
        return list(map(str, lacking(PartiesFile(), known(session), mailbox=mailbox)))


def advice_on_logins(database: Database) -> list[str]:
    """A sentence for each agreement that should ask for a login, because parties of it have one."""
    with database.reading() as session:
        return letters_suffice(newest_agreements(session), partners(session))
