"""A platform whose partners run in the same process, and what people do, for tests of the whole."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC

from sqlmodel import col, select

from domain.anonymity.measure import AnonymityTerms
from domain.feeds.row_judge import validated
from domain.homes.area_names import compared
from domain.parties.route import ROUTE
from domain.parties.sending_days import USUAL_DAYS, USUAL_HOUR, next_sending
from domain.questions.question import Answer, GivenBy, QuestionKind, Reply, Standing
from domain.referrals.household import FlaggedFamily
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.privacy.releases import LinedUp
from storage.questions.answers import record_answer
from storage.questions.questions import Question, suggested
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.intake import intake
from tasks.path.legs import LEGS
from tasks.path.moves import LegReport, anything_is_due, due, move_each
from tasks.platform import Platform
from tests.world.clock import TestClock
from tests.world.families import family
from tests.world.in_process import InProcessCaseSystem, InProcessDesk, InProcessFinance, InProcessPartners


@dataclass
class World:
    """The demo's parties around a platform on one database, and what people do."""

    __test__ = False

    platform: Platform
    clock: TestClock
    partners: InProcessPartners
    homes: itertools.count = field(default_factory=lambda: itertools.count(1))
    order: tuple[QuestionKind, ...] = ROUTE

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
                "case_system", partner_of(session, f"municipality:{municipality}").systems["case_system"]
            )
        system.families += families
        return asyncio.run(intake.take_in(self.platform, municipality))

    def carry(self, times: int = 3) -> list[LegReport]:
        """Run the path without Prefect: every leg, in order, a few times or until nothing is due."""
        reports: list[LegReport] = []
        for _ in range(times):
            if not anything_is_due(self.platform):
                break
            for leg in LEGS.values():
                found = due(self.platform, leg, now=self.clock.now())
                reports += [move_each(self.platform, leg, [one.id for one in found])] if found else []
        return reports

    def deliver(self) -> int:
        """Deliver everything in the outbox that is due."""

        async def all_lanes() -> int:
            lanes = due_lanes(self.platform)
            return sum([await deliver_lane(self.platform, lane, worker="test") for lane in lanes])

        return asyncio.run(all_lanes())

    def settle(self) -> None:
        """Run the path and deliver until nothing is due."""
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
        """Answer yes to all questions before this kind, and have one of this kind asked."""
        if kind is QuestionKind.FEWER_ALIKE:
            # From here on no request has enough families alike.
            self.platform = replace(self.platform, anonymity=AnonymityTerms(least=99, wanted=99))
        for earlier in self.order:
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
        """Move the clock to the next day on which requests are sent, by the demo's agreement that names no days."""
        for _ in range(times):
            self.clock.at = next_sending(self.clock.at, USUAL_DAYS, USUAL_HOUR, self.platform.holidays).astimezone(UTC)
            self.settle()

    def wait_for_others(self, *, sendings: int = 2) -> None:
        """Have some sendings find too few families alike, without moving the clock."""
        for _ in range(sendings):
            with self.platform.database.writing() as session:
                for waits in session.exec(select(LinedUp)):
                    waits.due_at = self.clock.now()
                    session.get_one(Referral, waits.referral_id).due_at = self.clock.now()
            self.settle()

    def housed(self) -> None:
        """Answer yes to every question."""
        self.until(QuestionKind.MOVE_IN)
        while self.questions(QuestionKind.MOVE_IN):
            self.answer(QuestionKind.MOVE_IN)
            self.settle()

    def withdrawn(self) -> None:
        """Offer a family a home, and have it withdraw its consent."""
        self.home()
        self.flag(family())
        self.until(QuestionKind.ACCEPTANCE)
        self.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
        self.settle()

    def texts(self) -> list[str]:
        """Every letter as text, headers and body."""
        return [
            "\n".join(f"{name}: {value}" for name, value in letter.items())
            + "\n"
            + letter.get_body(("plain",)).get_content()
            for letter in self.mail.letters
        ]
