"""Whatever people answer and however the years pass, a calendar year has no more families than its ceilings allow."""

import tempfile
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import col, select

from domain.parties.ceilings.agreed import AreaCeiling, FamiliesCeiling, VacancyCeiling
from domain.questions.question import REASON_CODES, Answer, QuestionKind
from domain.referrals.lifecycle import Status, WithdrawalReason
from domain.working_days import day_of
from storage.database import Database
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral, request_stop
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy
from tasks.asking.deadlines import remind_and_close
from tests.world.ceilings import agree_on
from tests.world.databases.copied import migrated_sqlite
from tests.world.families import family
from tests.world.new_world import world_on
from tests.world.world import World

FAMILIES = 4
ON_THEIR_WAY = (Status.PROPOSED, Status.APPROVED, Status.ACCEPTED)


class Years(RuleBasedStateMachine):
    """Four families, homes in two municipalities and an area, and people who answer as they like."""

    world: World
    folder: tempfile.TemporaryDirectory[str]

    @initialize(
        each=st.integers(0, 2),
        area=st.integers(0, 1),
        share=st.sampled_from(["1/4", "1/2", "1"]),
        homes=st.integers(1, 3),
    )
    def begin(self, each: int, area: int, share: str, homes: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        self.database = Database(migrated_sqlite(path))
        self.world = world_on(self.database, path)
        self.each, self.area = each, area
        agree_on(
            self.world,
            families=(FamiliesCeiling(at_most=each),),
            areas=(AreaCeiling(at_most=area, municipality="0450", area="Strandkvarteret"),),
            vacancies=(VacancyCeiling(share=Fraction(share)),),
        )
        for _ in range(homes):
            self.world.home("havblik", "0450", area="strand kvarteret")
            self.world.home("havblik", "0450")
            self.world.home("kloeverlykken", "0430")
        self.world.flag(*(family(number) for number in range(1, FAMILIES + 1)))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    @precondition(lambda self: self.world.questions())
    @rule(data=st.data(), yes=st.sampled_from([True, True, True, False]))
    def somebody_answers(self, data: st.DataObject, yes: bool) -> None:
        question = data.draw(st.sampled_from(self.world.questions()), label="question")
        reason = None if yes else data.draw(st.sampled_from(REASON_CODES[question.kind]), label="reason")
        nth = [other.id for other in self.world.questions(question.kind)].index(question.id)
        self.world.answer(question.kind, Answer.YES if yes else Answer.NO, reason, nth=nth)

    @precondition(lambda self: self.world.questions(QuestionKind.OFFER))
    @rule()
    def every_association_offers(self) -> None:
        while self.world.questions(QuestionKind.OFFER):
            self.world.answer(QuestionKind.OFFER)

    @rule()
    def the_path_is_carried(self) -> None:
        self.world.carry(times=1)

    @rule(days=st.sampled_from([1, 7, 40, 200]))
    def days_pass(self, days: int) -> None:
        self.world.clock.move_on(timedelta(days=days))
        remind_and_close(self.world.platform)

    @rule(number=st.integers(1, FAMILIES))
    def a_case_is_withdrawn(self, number: int) -> None:
        with self.world.platform.database.writing() as session:
            now = self.world.clock.now()
            request_stop(session, number, WithdrawalReason.CASE_WITHDRAWN, now=now)

    def received(self) -> list[Vacancy]:
        """The homes of this year's families, found one by one from each case."""
        year, found = day_of(self.world.clock.now()).year, []
        for case in self.world.rows(select(Referral)):
            lines = select(HistoryLine.at).where(
                HistoryLine.referral_id == case.id, HistoryLine.to_status == Status.HOUSED
            )
            moved_in = [day_of(at).year for at in self.world.rows(lines)]
            if case.status in ON_THEIR_WAY or year in moved_in:
                newest = select(Offer).where(Offer.referral_id == case.id).order_by(col(Offer.id).desc())
                offer = self.world.rows(newest)[0]
                found += self.world.rows(select(Vacancy).where(Vacancy.id == offer.vacancy_id))
        return found

    @invariant()
    def no_ceiling_is_passed(self) -> None:
        homes = self.received()
        for code in ("0430", "0450"):
            assert len([home for home in homes if home.municipality == code]) <= self.each
        assert len([home for home in homes if home.area_name]) <= self.area


Years.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    # Each example makes a database of its own, which takes longer than drawing its data.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestYears = Years.TestCase
