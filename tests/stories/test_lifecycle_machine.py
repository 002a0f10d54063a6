"""Invariants of the lifecycle, whatever people answer and in whatever order."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import col, select

from domain.audit import Fault
from domain.questions.question import REASON_CODES, Answer, QuestionKind, Standing
from domain.referrals.lifecycle import WITHDRAWABLE, Status, WithdrawalReason
from storage.audit.verdict import verified
from storage.books.ledger import Booking, sum_ore
from storage.database import Database
from storage.privacy.disclosures import Disclosure
from storage.referrals.referrals import Referral, request_stop
from storage.vacancies.offers import Offer, OfferStanding
from tasks.asking.deadlines import remind_and_close
from tests.world.databases.copied import migrated_sqlite
from tests.world.families import family
from tests.world.new_world import world_on
from tests.world.orders import ALONE, ALONE_AND_FAMILY_FIRST, FAMILY_FIRST, USUAL, Order, agree_on
from tests.world.world import World

FAMILIES = 3


class Lives(RuleBasedStateMachine):
    """Three families, two homes, two associations, and people who answer as they like."""

    world: World
    orders: ClassVar[tuple[Order, ...]] = (USUAL,)
    folder: tempfile.TemporaryDirectory[str]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        self.database = Database(migrated_sqlite(path))
        self.world = world_on(self.database, path)
        if (order := data.draw(st.sampled_from(self.orders), label="order")) is not USUAL:
            agree_on(self.world, order)
        self.world.home("havblik", "0450")
        self.world.home("kloeverlykken", "0430")
        self.world.flag(*(family(number) for number in range(1, FAMILIES + 1)))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    @precondition(lambda self: self.world.questions())
    @rule(data=st.data())
    def somebody_answers(self, data: st.DataObject) -> None:
        question = data.draw(st.sampled_from(self.world.questions()), label="question")
        family_asked = question.kind is QuestionKind.ACCEPTANCE
        answers = [Answer.YES, Answer.NO, *([Answer.WITHDRAW] if family_asked else [])]
        answer = data.draw(st.sampled_from(answers), label="answer")
        reasons = REASON_CODES[question.kind]
        reason = data.draw(st.sampled_from(reasons), label="reason") if answer is Answer.NO else None
        nth = [other.id for other in self.world.questions(question.kind)].index(question.id)
        self.world.answer(question.kind, answer, reason, nth=nth)

    @rule()
    def the_path_is_carried(self) -> None:
        self.world.carry(times=1)

    @rule()
    def letters_and_calls_go_out(self) -> None:
        self.world.deliver()

    @rule(days=st.sampled_from([1, 7, 40, 200]))
    def days_pass(self, days: int) -> None:
        self.world.clock.move_on(timedelta(days=days))
        remind_and_close(self.world.platform)

    @rule(number=st.integers(1, FAMILIES))
    def a_case_is_withdrawn(self, number: int) -> None:
        with self.world.platform.database.writing() as session:
            now = self.world.clock.now()
            request_stop(session, number, WithdrawalReason.CASE_WITHDRAWN, now=now)

    @invariant()
    def nobody_is_housed_without_approval_and_acceptance(self) -> None:
        for referral in self.world.rows(select(Referral).where(Referral.status == Status.HOUSED)):
            yes = {
                question.kind
                for question in self.world.questions(None, Standing.ANSWERED)
                if question.referral_id == referral.id and question.answer is Answer.YES
            }
            assert {QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE, QuestionKind.MOVE_IN} <= yes

    @invariant()
    def nobody_is_disclosed_before_both_have_said_yes(self) -> None:
        approved, accepted = (
            {
                question.referral_id
                for question in self.world.questions(kind, Standing.ANSWERED)
                if question.answer is Answer.YES
            }
            for kind in (QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE)
        )
        assert {row.referral_id for row in self.world.rows(select(Disclosure))} <= approved
        assert {row.referral_id for row in self.world.rows(select(Disclosure))} <= accepted
        known = {
            tenant.email for name in ("havblik", "kloeverlykken") for tenant in self.world.desk(name).tenants.values()
        }
        assert known <= {family(number).identity.email for number in accepted}

    @invariant()
    def no_family_and_no_home_has_two_offers_that_bind(self) -> None:
        binding = self.world.rows(
            select(Offer).where(col(Offer.standing).in_((OfferStanding.LIVE, OfferStanding.TAKEN)))
        )
        assert len({offer.referral_id for offer in binding}) == len({offer.vacancy_id for offer in binding})
        assert len({offer.referral_id for offer in binding}) == len(binding)

    @invariant()
    def the_books_sum_to_zero_and_hold_each_move_in_once(self) -> None:
        with self.world.platform.database.reading() as session:
            assert sum_ore(session) == 0
        bookings = [(row.offer_id, row.kind) for row in self.world.rows(select(Booking))]
        assert len(bookings) == len(set(bookings))

    @invariant()
    def a_withdrawn_case_has_no_link_and_no_home(self) -> None:
        for referral in self.world.rows(select(Referral).where(Referral.status == Status.WITHDRAWN)):
            assert all(question.referral_id != referral.id for question in self.world.questions())
            binding = select(Offer).where(Offer.referral_id == referral.id, Offer.standing == OfferStanding.LIVE)
            assert self.world.rows(binding) == []

    @invariant()
    def the_chain_knows_what_every_row_says(self) -> None:
        with self.world.platform.database.reading() as session:
            found = {fault.fault for fault in verified(session).faults}
        assert found <= {Fault.LEFT_OUT, Fault.UNSIGNED}

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        """Every open case is due, is parked, waits for an answer, or is housed."""
        waiting = {question.referral_id for question in self.world.questions()}
        ripe = {
            question.referral_id
            for standing in (Standing.ANSWERED, Standing.OVERDUE)
            for question in self.world.questions(None, standing)
            if question.settled_at is None
        }
        for referral in self.world.rows(select(Referral).where(col(Referral.status).in_(WITHDRAWABLE))):
            assert referral.due_at is not None or referral.id in waiting
            assert referral.due_at is not None or referral.id not in ripe


Lives.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    # Each example makes a database of its own, which takes longer than drawing its data.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestLives = Lives.TestCase


class LivesOfOtherOrders(Lives):
    """The same, under agreements whose routes have another order."""

    orders = (FAMILY_FIRST, ALONE, ALONE_AND_FAMILY_FIRST)


LivesOfOtherOrders.TestCase.settings = Lives.TestCase.settings
TestLivesOfOtherOrders = LivesOfOtherOrders.TestCase
