"""Books that people and months write at random, each deed through the function that the platform has for it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from domain.books.compensation import guarantee_ends
from domain.homes.dwelling import LettingCriteria
from domain.parties.compensation.model import Compensation
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Status
from domain.working_days import day_of
from storage.books.balances import Balance, balances
from storage.books.move_ins import book_due, book_move_in
from storage.columns import id_of
from storage.database import Database
from storage.parties.agreements import (
    AgreementVersion,
    agreement_of,
    agreement_versions,
    newest_agreements,
    remember_agreement,
)
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral
from storage.staff.families.move_outs import record_move_out
from storage.vacancies.offers import Offer, OfferStanding
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.storage.books.written_books import Paid, Written, paid_in, written_in
from tests.world.clock import START
from tests.world.new_world import KEY

AGREEMENTS = ("fyn", "oestjylland")


@dataclass(frozen=True, slots=True)
class Family:
    """A family that moved in: its case and its offer have its number."""

    number: int
    at: datetime
    terms: Compensation


@dataclass(slots=True)
class Books:
    """A database with the demo's parties, and the deeds that books are written by."""

    database: Database
    now: datetime = START
    families: list[Family] = field(default_factory=list)
    moved_out: set[int] = field(default_factory=set)

    def agree(self, agreement: str, terms: Compensation, settled_gross: frozenset[str]) -> None:
        """Import a new version of an agreement: for families from now on, and for settlements."""
        with self.database.writing() as session:
            versions = agreement_versions(session)
            newest = max((one for one in versions if one[0] == agreement), key=lambda one: one[1])
            new = replace(
                versions[newest],
                version=newest[1] + 1,
                compensation=terms,
                settled_gross=tuple(sorted(settled_gross)),
            )
            remember_agreement(session, new, now=self.now)

    def move_in(self, agreement: str, *, into: int, children: int, reserved_days: int, rent_ore: int) -> None:
        """A family moves in under the newest version of an agreement."""
        number = len(self.families) + 1
        with self.database.writing() as session:
            version = session.exec(
                select(AgreementVersion)
                .where(AgreementVersion.agreement_id == agreement)
                .order_by(col(AgreementVersion.version).desc())
                .limit(1)
            ).one()
            found = agreement_of(session, id_of(version))
            receiver = found.receiving[into % len(found.receiving)]
            referral = self._case(number, id_of(version), found.sending[0], children)
            session.add_all((referral, self._home(number, receiver, found.associations[0], rent_ore)))
            session.flush()
            offer = Offer(
                id=number,
                referral_id=number,
                vacancy_id=number,
                pseudonym="K7Q2-93XM",
                reserved_until=self.now,
                standing=OfferStanding.TAKEN,
                made_at=self.now - timedelta(days=reserved_days),
            )
            session.add(offer)
            session.flush()
            book_move_in(session, referral, offer, told_key=KEY, now=self.now)
            write_history(session, number, at=self.now, actor="havblik", deed="moved_in", to_status=Status.HOUSED)
        self.families.append(Family(number, self.now, found.compensation))

    def _case(self, number: int, version: int, sender: str, children: int) -> Referral:
        return Referral(
            id=number,
            reference=f"TF-2026-{number:05}",
            case_key=f"{number:032x}",
            status=Status.HOUSED,
            status_since=self.now,
            agreement_version_id=version,
            sending_municipality=sender,
            flag_id=str(number),
            case_id=str(number),
            flagged_by="sagsbehandler-1",
            received_at=self.now,
            language=Language.DANISH,
            answers_by=FamilyAnswersBy.LETTER,
            outside_labour_market=1,
            persons=children + 1,
            children=children,
            rooms_min=3,
            rent_max_monthly_ore=2_000_000,
            move_in_from=day_of(self.now),
            step_free=False,
        )

    def _home(self, number: int, receiver: str, association: str, rent_ore: int) -> Vacancy:
        return Vacancy(
            id=number,
            association=association,
            external_id=str(number),
            department="Solbakken",
            municipality=receiver,
            rooms=3,
            size_m2=79,
            rent_monthly_ore=rent_ore,
            available_from=day_of(self.now),
            step_free=True,
            letting=LettingCriteria.MUNICIPAL_ASSIGNMENT,
            standing=VacancyStanding.LET,
            first_seen=self.now,
        )

    def book_what_is_due(self) -> None:
        """What the path does with every family that lives in its home, within its guarantee period and as it ends."""
        for one in self.families:
            if one.number in self.moved_out:
                continue
            with self.database.writing() as session:
                referral, offer = session.get_one(Referral, one.number), session.get_one(Offer, one.number)
                book_due(session, referral, offer, moved_in_on=day_of(one.at), told_key=KEY, now=self.now)

    def may_move_out(self) -> list[Family]:
        """The families that a move-out can be recorded for: whoever moved in, also where nothing was paid for it."""
        return [one for one in self.families if one.number not in self.moved_out]

    def move_out(self, one: Family, *, days_ago: int) -> None:
        """A family has moved out some days ago, within its guarantee period."""
        last_day = min(day_of(guarantee_ends(one.at, one.terms)), day_of(self.now))
        on = max(day_of(self.now) - timedelta(days=days_ago), day_of(one.at))
        for new in (True, False):
            with self.database.writing() as session:
                told = {"told_key": KEY, "by": "maria", "now": self.now}
                assert record_move_out(session, one.number, on=min(on, last_day), **told) is new
        self.moved_out.add(one.number)

    def opted_out(self) -> set[str]:
        """The municipalities that are settled gross, by the agreements as they are now."""
        with self.database.reading() as session:
            return {f"municipality:{code}" for one in newest_agreements(session) for code in one.settled_gross}

    def written(self) -> list[Written]:
        """Every booking, in the order in which they were made."""
        with self.database.reading() as session:
            return list(written_in(session))

    def balances(self, as_of: datetime) -> list[Balance]:
        with self.database.reading() as session:
            return balances(session, as_of=as_of)

    def settled(self) -> list[tuple[date, list[Paid]]]:
        """Each settlement's last day, with its payments."""
        with self.database.reading() as session:
            return paid_in(session)
