"""A platform whose partners live in the same process, and the people's hands, for tests of the whole."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from deployments.demo import world as demo
from deployments.parties.importing import import_file, import_reference
from deployments.standins.in_process import InProcessCaseSystem, InProcessDesk, InProcessFinance, InProcessPartners
from domain.anonymity.measure import AnonymityTerms
from domain.anonymity.sending_days import USUAL_DAYS, USUAL_HOUR, next_sending
from domain.feeds.row_judge import validated
from domain.homes.area_names import compared
from domain.parties.agreement import ROUTE
from domain.questions.question import Answer, GivenBy, QuestionKind, Reply, Standing
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven
from domain.referrals.household import FamilyAnswersBy, FlaggedFamily, Identity, Language, Need
from storage.columns import id_of
from storage.database import Database
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner, remember_partner
from storage.privacy.releases import LinedUp
from storage.questions.comments import announce_sealing_key
from storage.questions.questions import Question, record_answer, suggested
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from storage.vault.data_keys import KeyStore
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.path import intake
from tasks.path.legs import LEGS, LegReport, anything_is_due, due, move_each
from tasks.platform import Platform, days_offices_are_closed

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))


@dataclass(slots=True)
class TestClock:
    """A clock that stands still until a test moves it."""

    __test__ = False

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move_on(self, by: timedelta) -> None:
        self.at += by


def family(number: int = 1, *, municipality: str = "0461", **changes: object) -> FlaggedFamily:
    """An invented family of three that needs three rooms for at most 9,000 kr."""
    identity = demo.identity(number % 24)
    # No two numbers are one person: names come again, CPR numbers do not.
    identity["cpr"] = f"{identity['cpr'][:2]}{1 + number // 5000 % 12:02}80-{(4001 + number) % 10000:04}"
    flagged = FlaggedFamily(
        flag_id=f"flag-{number}",
        case_id=f"sag-{municipality}-{number}",
        flagged_by="sagsbehandler-1",
        from_area="Vollsmose" if municipality == "0461" else "Bispehaven",
        outside_labour_market=1,
        language=Language.DANISH,
        answers_by=FamilyAnswersBy.LETTER,
        need=Need(3, 3, 900_000, date(2026, 4, 1)),
        consent=Consent(
            given_on=date(2026, 2, 20),
            given_to="sagsbehandler",
            how=ConsentGiven.IN_WRITING,
            children=ChildrenHeard.HEARD,
            ends_on=date(2027, 2, 20),
        ),
        identity=Identity(**identity),
    )
    return replace(flagged, **changes)


@dataclass
class World:
    """The demo's parties around a platform on one database, and the people's hands."""

    __test__ = False

    platform: Platform
    clock: TestClock
    partners: InProcessPartners
    homes: itertools.count = field(default_factory=lambda: itertools.count(1))

    @property
    def mail(self):
        return self.partners.mail

    def case_system(self, code: str = "0461") -> InProcessCaseSystem:
        return self.partners.of("case_system", code)

    def desk(self, association: str = "havblik") -> InProcessDesk:
        found = [
            made
            for (kind, url), made in self.partners.systems.items()
            if kind == "reservations" and url.endswith(f"/{association}")
        ]
        return found[0] if found else InProcessDesk()

    def finance(self) -> list[InProcessFinance]:
        return [made for (kind, _), made in self.partners.systems.items() if kind == "finance"]

    def home(self, association: str = "havblik", municipality: str = "0450", **changes: object) -> int:
        """A vacant home of three rooms for 7,000 kr."""
        number = next(self.homes)
        row = validated(
            {
                "external_id": f"{association}-{number}",
                "department": "Strandvænget",
                "municipality": municipality,
                "rooms": 3,
                "size_m2": 79,
                "rent_monthly_ore": 700_000,
                "available_from": "2026-04-01",
                "step_free": True,
                "letting": "municipal_assignment",
            }
            | changes
        )
        with self.platform.database.writing() as session:
            values = {name: value for name, value in row.items() if name not in ("area", "status")}
            vacancy = Vacancy(
                association=association,
                area_name=compared(row.get("area") or "") or None,
                standing=VacancyStanding.AVAILABLE,
                first_seen=self.clock.now(),
                **values,
            )
            session.add(vacancy)
            session.flush()
            return id_of(vacancy)

    def flag(self, *families: FlaggedFamily, municipality: str = "0461") -> intake.IntakeReport:
        """Have the case system flag families, and take them in."""
        with self.platform.database.reading() as session:
            system = self.platform.connect(
                "case_system", partner(session, f"municipality:{municipality}").systems["case_system"]
            )
        system.families += families
        return asyncio.run(intake.take_in(self.platform, municipality))

    def carry(self, times: int = 3) -> list[LegReport]:
        """What the path does, without Prefect: every leg, in order, a few times or until nothing is due."""
        reports: list[LegReport] = []
        for _ in range(times):
            if not anything_is_due(self.platform):
                break
            for leg in LEGS:
                found = due(self.platform, leg, now=self.clock.now())
                reports += [move_each(self.platform, leg, [one.id for one in found])] if found else []
        return reports

    def deliver(self) -> int:
        """Tell everything that waits to be told."""

        async def all_lanes() -> int:
            lanes = due_lanes(self.platform)
            return sum([await deliver_lane(self.platform, lane, worker="test") for lane in lanes])

        return asyncio.run(all_lanes())

    def settle(self) -> None:
        """Carry and deliver until nothing more happens by itself."""
        self.carry()
        self.deliver()

    def referral(self, reference: str = "TF-2026-00001") -> Referral:
        with self.platform.database.reading() as session:
            return session.exec(select(Referral).where(Referral.reference == reference)).one()

    def questions(self, kind: QuestionKind | None = None, standing: Standing | None = Standing.OPEN) -> list[Question]:
        query = select(Question).order_by(col(Question.id))
        query = query.where(Question.kind == kind) if kind else query
        query = query.where(Question.standing == standing) if standing else query
        return self.rows(query)

    def rows(self, query):
        with self.platform.database.reading() as session:
            return list(session.exec(query))

    def answer(
        self, kind: QuestionKind, answer: Answer = Answer.YES, reason: str | None = None, *, nth: int = 0
    ) -> bool:
        """Answer an open question of a kind, as its page would record it."""
        question = self.questions(kind)[nth]
        with self.platform.database.writing() as session:
            homes = [
                home
                for home in suggested(session, id_of(question))
                if session.get_one(Vacancy, home).standing is VacancyStanding.AVAILABLE
            ]
            if question.kind is QuestionKind.OFFER and answer is Answer.YES and not homes:
                answer, reason = Answer.NO, "homes_already_let"
            reply = Reply(
                answer,
                reason,
                vacancy_id=homes[0] if homes and answer is Answer.YES else None,
                given_by=GivenBy.PHONE if question.on_behalf else None,
            )
            return record_answer(
                session, id_of(question), reply, referral_id=question.referral_id, now=self.clock.now()
            )

    def until(self, kind: QuestionKind) -> None:
        """Answer yes to everything up to a question of a kind, and have that one asked."""
        if kind is QuestionKind.FEWER_ALIKE:
            # From here on nobody has enough who are alike.
            self.platform = replace(self.platform, anonymity=AnonymityTerms(least=99, wanted=99))
        for earlier in ROUTE:
            self.settle()
            if earlier is kind:
                return
            while self.questions(earlier):
                assert self.answer(earlier), f"the answer to {earlier} was not recorded"
                self.settle()
            if kind is QuestionKind.FEWER_ALIKE:
                self.wait_for_others()
                return

    def sending_day(self, times: int = 1) -> None:
        """The next day comes on which requests go out, by the agreement of the demo that says nothing of its own."""
        for _ in range(times):
            self.clock.at = next_sending(self.clock.at, USUAL_DAYS, USUAL_HOUR, self.platform.holidays).astimezone(UTC)
            self.settle()

    def wait_for_others(self, *, sendings: int = 2) -> None:
        """Some sendings find too few like what waits, without a day going by."""
        for _ in range(sendings):
            with self.platform.database.writing() as session:
                for waits in session.exec(select(LinedUp)):
                    waits.due_at = self.clock.now()
                    session.get_one(Referral, waits.referral_id).due_at = self.clock.now()
            self.settle()

    def housed(self) -> None:
        """Everybody says yes to everything."""
        self.until(QuestionKind.MOVE_IN)
        while self.questions(QuestionKind.MOVE_IN):
            self.answer(QuestionKind.MOVE_IN)
            self.settle()

    def withdrawn(self) -> None:
        """A family is offered a home and withdraws its consent."""
        self.home()
        self.flag(family())
        self.until(QuestionKind.ACCEPTANCE)
        self.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
        self.settle()

    def texts(self) -> list[str]:
        """Every letter as text, head and body."""
        return [
            "\n".join(f"{name}: {value}" for name, value in letter.items())
            + "\n"
            + letter.get_body(("plain",)).get_content()
            for letter in self.mail.letters
        ]


def change(world: World, party: str, contact_id: str, **changes: object) -> None:
    """Have a party's file changed for one of its people."""
    with world.platform.database.writing() as session:
        known = partner(session, party)
        people = tuple(replace(one, **changes) if one.id == contact_id else one for one in known.contacts)
        remember_partner(session, replace(known, contacts=people), now=world.clock.now())


def leave_time_to_take_back(world: World, minutes: int = 60) -> None:
    """Families are flagged from now on under agreements that leave them a while before who they are is disclosed."""
    with world.platform.database.writing() as session:
        for kept in session.exec(select(AgreementVersion)).all():
            agreement = AGREEMENTS.validate_json(kept.document)
            newer = replace(agreement, version=agreement.version + 1, disclosure_after_minutes=minutes)
            remember_agreement(session, newer, now=world.clock.now())


def world_on(database: Database, folder: Path) -> World:
    """A world on a database in which nothing is."""
    import_reference(database)
    # Most stories go on at once; tests/approval_api/questions/test_taking_back.py is about the hour in between.
    parties = demo.parties_file("http://partners.invalid", folder / "parties.toml", disclosed_at_once=True)
    import_file(database, parties, now=START)
    world = world_around(database, folder)
    with database.writing() as session:
        announce_sealing_key(session, world.platform.vault, now=START)
    return world


def keys_in(folder: Path) -> str:
    """Where the families' keys of a world are kept."""
    return f"sqlite:///{folder / 'keys.sqlite'}"


def vault_in(folder: Path) -> Vault:
    """The vault of a world: its one key-encryption key, and the families' keys in a folder."""
    return Vault(KeyRing({"k1": KEY}, current="k1"), KeyStore(keys_in(folder)))


def world_around(database: Database, folder: Path) -> World:
    """A world on a database that has the reference facts and the parties already."""
    clock = TestClock()
    partners = InProcessPartners()
    platform = Platform(
        database=database,
        clock=clock,
        link_key=KEY,
        pseudonym_key=KEY[::-1],
        vault=vault_in(folder),
        public_url="http://desk.invalid",
        mail_from="tilflytterstyring@demo.invalid",
        mailer=partners.mail,
        connect=partners.connect,
        holidays=days_offices_are_closed(),
        delivery_lease=timedelta(seconds=30),
        may_email_families=True,
        # Most stories are about one family; tests/tasks/path/test_releasing.py is about the crowd.
        anonymity=AnonymityTerms(least=1, wanted=1),
    )
    return World(platform, clock, partners)
