"""A family that is asked before the municipality takes its yes back, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.parties.route import ROUTE
from domain.questions.question import Answer, Standing
from domain.referrals.lifecycle import Status
from storage.outbox import Telling
from storage.privacy.disclosures import Disclosure
from storage.questions.acceptance import take_back
from tests.stories.orders_begun import begun, deeds, told
from tests.world.orders import ALONE_AND_FAMILY_FIRST, FAMILY_FIRST, Order
from tests.world.world import World

_, _, APPROVAL, ACCEPTANCE, MOVE_IN = ROUTE
HOUR = timedelta(hours=1)


def taken_back(world: World) -> bool:
    yes = world.questions(ACCEPTANCE, Standing.ANSWERED)[-1]
    with world.platform.database.writing() as session:
        return take_back(session, yes.id, referral_id=yes.referral_id, now=world.clock.now())


@pytest.mark.parametrize("order", [FAMILY_FIRST, ALONE_AND_FAMILY_FIRST], ids=str)
def test_a_yes_taken_back_while_the_municipality_is_asked_asks_the_family_anew_and_then_it(world: World, order: Order):
    begun(world, order, APPROVAL, minutes=60)
    (before,) = world.questions()

    assert taken_back(world)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert [one.kind for one in world.questions()] == [ACCEPTANCE]
    world.answer(ACCEPTANCE)
    world.settle()
    (anew,) = world.questions()
    assert (anew.kind, anew.request, anew.answer_by) == (APPROVAL, before.request, before.answer_by)
    world.answer(APPROVAL)
    world.settle()
    assert world.referral().status is Status.ACCEPTED
    world.clock.move_on(HOUR)
    world.settle()
    assert [one.kind for one in world.questions()] == [MOVE_IN]
    assert deeds(world).count("acceptance_taken_back") == 1


@pytest.mark.parametrize("acted_on", [False, True], ids=["before the path has acted", "after it"])
def test_a_yes_taken_back_after_the_municipalitys_is_asked_for_anew_and_the_municipalitys_holds(
    world: World, acted_on: bool
):
    begun(world, FAMILY_FIRST, APPROVAL, minutes=60)
    world.answer(APPROVAL)
    if acted_on:
        world.settle()
        assert world.referral().status is Status.ACCEPTED

    assert taken_back(world)
    world.settle()

    assert world.referral().status is Status.APPROVED
    assert [one.kind for one in world.questions()] == [ACCEPTANCE]
    assert "skal også sige ja" not in world.texts()[-1]
    world.clock.move_on(HOUR)
    world.settle()
    assert world.rows(select(Disclosure)) == []
    world.answer(ACCEPTANCE)
    world.settle()
    assert world.referral().status is Status.ACCEPTED
    world.clock.move_on(HOUR)
    world.settle()
    assert [one.kind for one in world.questions()] == [MOVE_IN]


def test_a_yes_taken_back_before_the_path_has_acted_on_it_is_asked_for_anew(world: World):
    begun(world, FAMILY_FIRST, ACCEPTANCE, minutes=60)
    world.answer(ACCEPTANCE)

    assert taken_back(world)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert [one.kind for one in world.questions()] == [ACCEPTANCE]
    assert world.questions(APPROVAL, None) == []


def test_a_no_of_the_municipality_to_a_family_that_has_taken_its_yes_back_is_told_as_well(world: World):
    begun(world, FAMILY_FIRST, APPROVAL, minutes=60)
    world.answer(APPROVAL, Answer.NO, "quota_used")

    assert taken_back(world)
    world.settle()

    assert world.referral().status is Status.SEEKING
    assert world.questions() == []
    assert told(world, Telling.HOME_NOT_APPROVED) == ["family"]
