"""However many homes are offered at once, no more families are put forward than a yearly ceiling has room for."""

import threading
from contextlib import suppress

import pytest
from sqlmodel import select

from domain.parties.ceilings.agreed import FamiliesCeiling
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.referrals.referrals import Referral
from tasks.ceilings import reached
from tasks.path.legs import LEGS
from tasks.path.moves import move_each
from tests.world.at_once import all_at_once
from tests.world.ceilings import agree_on
from tests.world.families import family
from tests.world.world import World

TOGETHER_WITHIN_S = 2.0


def offers(world: World, *, families: int, room: int) -> None:
    """So many families are each offered a home of its own."""
    agree_on(world, families=(FamiliesCeiling(at_most=room),))
    for _ in range(families):
        world.home()
    world.flag(*(family(number) for number in range(1, families + 1)))
    world.until(QuestionKind.OFFER)
    while world.questions(QuestionKind.OFFER):
        world.answer(QuestionKind.OFFER)


def statuses(world: World) -> list[Status]:
    return world.rows(select(Referral.status).order_by(Referral.id))


def put_forward_at_once(world: World) -> None:
    """Each case by a worker of its own, as often as workers would, all at the same instant."""
    ids = world.rows(select(Referral.id).order_by(Referral.id))
    leg = LEGS["put_offers_forward"]
    for _ in range(3):
        all_at_once([lambda id_=id_: move_each(world.platform, leg, [id_]) for id_ in ids])


@pytest.mark.parametrize(("families", "room"), [(2, 1), (20, 3), (20, 0)])
def test_offers_at_once_never_pass_the_ceiling(world: World, families: int, room: int):
    offers(world, families=families, room=room)

    put_forward_at_once(world)

    assert statuses(world).count(Status.PROPOSED) == room
    assert statuses(world).count(Status.SEEKING) == families - room
    world.settle()
    assert statuses(world).count(Status.PROPOSED) == room


def test_two_that_have_both_seen_the_last_place_do_not_both_take_it(world: World, monkeypatch: pytest.MonkeyPatch):
    """Each waits before the lock until the other has counted too; on SQLite the second has to wait for the first."""
    offers(world, families=2, room=1)
    gate, hold = threading.Barrier(2), reached.hold_ceiling

    def waits(session, agreement: str) -> None:
        with suppress(threading.BrokenBarrierError):
            gate.wait(TOGETHER_WITHIN_S)
        hold(session, agreement)

    monkeypatch.setattr(reached, "hold_ceiling", waits)
    ids = world.rows(select(Referral.id))
    leg = LEGS["put_offers_forward"]
    reports = all_at_once([lambda id_=id_: move_each(world.platform, leg, [id_]) for id_ in ids])

    assert [report.failed for report in reports] == [{}, {}]
    assert sorted(statuses(world)) == [Status.PROPOSED, Status.SEEKING]
    put_forward_at_once(world)
    world.settle()
    assert sorted(statuses(world)) == [Status.PROPOSED, Status.SEEKING]
