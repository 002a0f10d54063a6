"""Stories of the path in each order that an agreement may have, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.parties.agreement import ENDED_BY_A_PERSON
from domain.parties.route import ROUTE
from domain.questions.question import REASON_CODES, Answer, QuestionKind, Standing
from domain.referrals.lifecycle import Status, WithdrawalReason
from storage.attention import open_items
from storage.books.ledger import Booking, sum_ore
from storage.outbox import Telling
from storage.privacy.consents import consents_of
from storage.privacy.disclosures import Disclosure
from storage.referrals.referrals import request_stop
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.asking.deadlines import remind_and_close
from tests.stories.orders_begun import begun, deeds, is_free, told
from tests.world.families import family
from tests.world.orders import ALONE, ALONE_AND_FAMILY_FIRST, FAMILY_FIRST, ORDERS, Order, agree_on
from tests.world.world import World

SIGN_OFF, OFFER, APPROVAL, ACCEPTANCE, MOVE_IN = ROUTE
RESTS = {
    SIGN_OFF: Status.RECEIVED,
    OFFER: Status.SEEKING,
    APPROVAL: Status.PROPOSED,
    ACCEPTANCE: Status.APPROVED,
    MOVE_IN: Status.ACCEPTED,
}
STEPS = [pytest.param(order, kind, id=f"{order}: {kind}") for order in ORDERS for kind in order.kinds]
each_order = pytest.mark.parametrize("order", ORDERS, ids=str)
each_step = pytest.mark.parametrize(("order", "kind"), STEPS)


def rests(order: Order, kind: QuestionKind) -> Status:
    """Where a case rests while a question is asked."""
    return Status.PROPOSED if order.family_first and kind is ACCEPTANCE else RESTS[kind]


@each_order
def test_a_family_is_housed_in_the_order_of_its_agreement_and_disclosed_after_both_yeses(world: World, order: Order):
    agree_on(world, order)
    world.home()
    world.flag(family())

    for kind in order.kinds:
        world.until(kind)
        assert [one.kind for one in world.questions()] == [kind]
        assert world.referral().status is rests(order, kind)
        assert bool(world.rows(select(Disclosure)) or world.desk().tenants) is (kind is MOVE_IN)
    world.housed()

    assert world.referral().status is Status.HOUSED
    assert len(world.rows(select(Booking))) == 1
    assert [one.kind for one in world.questions(None, Standing.ANSWERED)] == list(order.kinds)
    assert world.rows(select(Vacancy.standing)) == [VacancyStanding.LET]
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
        assert list(open_items(session)) == []


@each_step
def test_a_no_at_each_step_frees_the_home_and_tells_nobody_who_the_family_is(
    world: World, order: Order, kind: QuestionKind
):
    begun(world, order, kind)

    world.answer(kind, Answer.NO, REASON_CODES[kind][0])
    world.settle()

    assert world.referral().status is (Status.CLOSED if kind is SIGN_OFF else Status.SEEKING)
    assert world.questions() == []
    assert is_free(world)
    assert all(one.recalled_at for one in world.rows(select(Disclosure)))
    refused = order.family_first and kind is APPROVAL
    assert told(world, Telling.HOME_NOT_APPROVED) == (["family"] if refused else [])
    if refused:
        text = world.texts()[-1]
        assert world.mail.letters[-1]["To"] == family().identity.email
        assert "området er under pres" in text
        assert "Ankestyrelsen" in text


@each_step
def test_silence_at_each_step_ends_as_the_agreement_says(world: World, order: Order, kind: QuestionKind):
    begun(world, order, kind)
    (asked,) = world.questions()

    world.clock.at = asked.expires_at + timedelta(minutes=1)
    remind_and_close(world.platform)
    world.settle()

    waits_on = kind in ENDED_BY_A_PERSON
    assert world.referral().status is (rests(order, kind) if waits_on else Status.SEEKING)
    assert [one.kind for one in world.questions()] == ([kind] if waits_on else [])
    assert is_free(world) is (kind is not MOVE_IN)
    refused = order.family_first and kind is APPROVAL
    assert told(world, Telling.HOME_NOT_APPROVED) == (["family"] if refused else [])
    if refused:
        assert "svarede ikke inden fristen" in world.texts()[-1]


@each_step
def test_a_case_withdrawn_at_each_step_stops_and_tells_only_who_was_asked(
    world: World, order: Order, kind: QuestionKind
):
    begun(world, order, kind)

    with world.platform.database.writing() as session:
        request_stop(session, world.referral().id, WithdrawalReason.CASE_WITHDRAWN, now=world.clock.now())
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    assert world.questions() == []
    assert is_free(world)
    asked = {one.kind for one in world.questions(None, None)}
    municipality = ["municipality:0450/anvisning"] if APPROVAL in asked else []
    stopped = [one.partition("-")[0] for one in told(world, Telling.REFERRAL_STOPPED)]
    assert stopped == [*municipality, "municipality:0461/sagsbehandler"]


@pytest.mark.parametrize("order", [ALONE, ALONE_AND_FAMILY_FIRST], ids=str)
def test_where_one_person_decides_nobody_signs_off_and_that_person_is_told(world: World, order: Order):
    begun(world, order, OFFER)

    assert world.questions(SIGN_OFF, None) == []
    assert deeds(world)[:2] == ["received", "one_person_decided"]
    assert told(world, Telling.REFERRED_BY_ONE) == ["municipality:0461/sagsbehandler-1"]
    (text,) = [one for one in world.texts() if "én person" in one]
    assert "Var det ikke dig" in text


def test_a_municipality_that_was_asked_about_an_earlier_home_is_not_told_of_a_stop(world: World):
    begun(world, FAMILY_FIRST, APPROVAL)
    world.answer(APPROVAL, Answer.NO, "area_under_pressure")
    world.home("kloeverlykken", "0430")
    world.until(ACCEPTANCE)
    assert [one.kind for one in world.questions()] == [ACCEPTANCE]

    with world.platform.database.writing() as session:
        request_stop(session, world.referral().id, WithdrawalReason.CASE_WITHDRAWN, now=world.clock.now())
    world.settle()

    assert told(world, Telling.REFERRAL_STOPPED) == ["municipality:0461/sagsbehandler-1"]


@pytest.mark.parametrize("kind", [ACCEPTANCE, APPROVAL])
def test_a_consent_that_ended_stops_the_case_at_either_yes(world: World, kind: QuestionKind):
    begun(world, FAMILY_FIRST, kind)
    world.clock.move_on(timedelta(days=3))
    with world.platform.database.writing() as session:
        given = consents_of(session, world.referral().id)[-1]
        given.ends_on = world.clock.now().date() - timedelta(days=1)
        session.add(given)

    world.answer(kind)
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    assert world.rows(select(Disclosure)) == []


def test_a_case_keeps_the_order_it_began_in(world: World):
    world.home()
    world.flag(family())
    agree_on(world, ALONE_AND_FAMILY_FIRST)
    world.order = ORDERS[0].kinds

    world.housed()

    assert [one.kind for one in world.questions(None, Standing.ANSWERED)] == list(ORDERS[0].kinds)
