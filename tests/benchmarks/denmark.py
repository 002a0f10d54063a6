"""Families who move between all of Denmark's municipalities, by real codes; who they are is invented."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import select

from deployments.demo import world as demo
from deployments.parties.file import read
from deployments.parties.importing import import_reference, municipality_codes
from domain.homes.dwelling import LettingCriteria
from domain.parties.agreement import Agreement
from domain.parties.compensation.model import CompensationModel
from domain.parties.compensation.parts import TO_THE_RECEIVER, Staircase
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Status
from storage.database import Database
from storage.parties.agreements import AgreementVersion, remember_agreement
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer, OfferStanding
from storage.vacancies.vacancies import Vacancy, VacancyStanding

# Municipal assignments in 2021 (Danmarks Almene Boliger); each is taken for a placement across a border.
PLACEMENTS_A_YEAR = 5_286
FIRST_DAY = date(2026, 1, 1)
SEED, ROWS_AT_ONCE = 19, 2_000
AGREEMENT = "danmark"


@dataclass(frozen=True, slots=True)
class Placement:
    """A family that moves: its case, offer and home have its number."""

    number: int
    sender: str
    receiver: str
    on: date

    @property
    def moment(self) -> datetime:
        """When its move-in is confirmed."""
        return datetime.combine(self.on, time(9), UTC)


def placements(count: int, *, years: int = 1) -> list[Placement]:
    """So many placements a year between two municipalities each, spread over the days of some years, in their order."""
    chance, codes = random.Random(SEED), sorted(municipality_codes())
    days = sorted(chance.randrange(365 * years) for _ in range(count * years))
    return [
        Placement(number, *chance.sample(codes, 2), FIRST_DAY + timedelta(days=day))
        for number, day in enumerate(days, 1)
    ]


def agreement(*, between_municipalities: bool) -> Agreement:
    """The demo's agreement by parts, between all municipalities; if so, with no part for a housing department."""
    found = next(one for one in read(Path(demo.HERE) / "agreements.toml").agreements if one.id == "oestjylland")
    codes, terms = tuple(sorted(municipality_codes())), found.compensation
    if not isinstance(terms, CompensationModel):
        raise TypeError("the demo's agreement has no parts")
    if between_municipalities:
        parts = tuple(replace(one, paid_to=TO_THE_RECEIVER) for one in terms.parts if not isinstance(one, Staircase))
        terms = replace(terms, parts=parts)
    return replace(found, id=AGREEMENT, sending=codes, receiving=codes, compensation=terms)


def peopled(database: Database, those: list[Placement], terms: Agreement) -> None:
    """Write down the cases, homes and offers of placements under an agreement, as they are just before the move-in."""
    import_reference(database)
    at = datetime.combine(FIRST_DAY, time(), UTC)
    with database.writing() as session:
        remember_agreement(session, terms, now=at)
        version = session.exec(select(AgreementVersion.id)).one()
        for first in range(0, len(those), ROWS_AT_ONCE):
            some = those[first : first + ROWS_AT_ONCE]
            for table, rows in ((Referral, _cases(some, version)), (Vacancy, _homes(some)), (Offer, _offers(some))):
                session.connection().execute(insert(table), [*rows])


def _cases(some: list[Placement], version: int | None) -> Iterator[dict[str, object]]:
    for one in some:
        yield {
            "id": one.number,
            "reference": f"TF-{one.on.year}-{one.number:05}",
            "case_key": f"{one.number:032x}",
            "status": Status.ACCEPTED,
            "status_since": one.moment,
            "version": 1,
            "attempts": 0,
            "agreement_version_id": version,
            "sending_municipality": one.sender,
            "flag_id": str(one.number),
            "case_id": str(one.number),
            "flagged_by": "sagsbehandler-1",
            "received_at": one.moment,
            "language": Language.DANISH,
            "answers_by": FamilyAnswersBy.LETTER,
            "outside_labour_market": 1,
            "persons": 4,
            "children": one.number % 4,
            "rooms_min": 3,
            "rent_max_monthly_ore": 900_000,
            "move_in_from": one.on,
            "step_free": False,
        }


def _homes(some: list[Placement]) -> Iterator[dict[str, object]]:
    for one in some:
        yield {
            "id": one.number,
            "association": "havblik",
            "external_id": str(one.number),
            "department": f"Afdeling {one.number % 40}",
            "municipality": one.receiver,
            "rooms": 3,
            "size_m2": 79,
            "rent_monthly_ore": 632_000 + one.number % 1_000,
            "available_from": one.on,
            "step_free": False,
            "letting": LettingCriteria.MUNICIPAL_ASSIGNMENT,
            "standing": VacancyStanding.LET,
            "first_seen": one.moment,
        }


def _offers(some: list[Placement]) -> Iterator[dict[str, object]]:
    for one in some:
        yield {
            "id": one.number,
            "referral_id": one.number,
            "vacancy_id": one.number,
            "pseudonym": "K7Q2-93XM",
            "reserved_until": one.moment,
            "standing": OfferStanding.TAKEN,
            "made_at": one.moment - timedelta(days=20),
        }
