"""When two want the same home or the same family, the first one gets it."""

from sqlmodel import select

from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Effect, Status
from storage.outbox import OutboxRow, Telling
from storage.referrals.exclusions import exclude
from tasks.case import Case
from tasks.path.legs import LEGS
from tasks.path.moves import move_each
from tasks.path.requests import send_requests
from tasks.path.searching import line_up
from tasks.path.suitable_homes import find_homes
from tests.world.families import family
from tests.world.world import World


def test_the_quickest_association_gets_the_family_and_the_other_is_told(world: World):
    world.home("havblik")
    world.home("kloeverlykken", "0430")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    assert len(world.questions(QuestionKind.OFFER)) == 2

    world.answer(QuestionKind.OFFER, nth=1)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert [question.standing for question in world.questions(QuestionKind.OFFER, None)] == [
        Standing.REVOKED,
        Standing.ANSWERED,
    ]
    assert len(world.rows(select(OutboxRow).where(OutboxRow.telling == Telling.REQUEST_RECALLED))) == 1


def test_two_families_that_are_offered_the_same_home_do_not_both_get_it(world: World):
    world.home()
    world.flag(family(1), family(2))
    world.until(QuestionKind.OFFER)

    world.answer(QuestionKind.OFFER, nth=0)
    world.answer(QuestionKind.OFFER, nth=0)
    world.settle()

    statuses = sorted(world.referral(f"TF-2026-0000{number}").status for number in (1, 2))
    assert statuses == [Status.PROPOSED, Status.SEEKING]


def test_a_search_that_a_decline_overtook_asks_for_nothing(world: World):
    home = world.home()
    world.flag(family())
    world.answer(QuestionKind.SIGN_OFF)
    move_each(world.platform, LEGS["admit_signed_off"], [world.referral().id])
    with world.platform.database.reading() as session:
        found = find_homes(Case(world.platform, session, world.referral(), world.clock.now()))
    with world.platform.database.writing() as session:
        exclude(session, world.referral().id, Effect.EXCLUDE_HOME, str(home))

    with world.platform.database.writing() as session:
        line_up(Case(world.platform, session, world.referral(), world.clock.now()), found)
    send_requests(world.platform)

    assert list(found.homes) == ["havblik"]
    assert not world.questions(QuestionKind.OFFER)
    assert world.referral().due_at == world.clock.now()
