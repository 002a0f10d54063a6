"""Two workers at once move each referral only once, on both databases."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from deployments.cli.families.looking import attention_list
from domain.errors import MovedMeanwhile
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.books.ledger import Booking
from storage.outbox import OutboxRow
from storage.parties.partners import PartnerVersion
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral, make_due, move
from tasks.path.legs import LEGS
from tasks.path.moves import due, move_each
from tests.world.families import family
from tests.world.world import World

FAMILIES = 8
WORKERS = 4
# Five questions for each family, and more when a home goes to another family first.
ROUNDS = 20


def carry_at_once(world: World) -> list[str]:
    """Have every worker run every leg over the same due referrals at the same time; returns what failed."""
    start = threading.Barrier(WORKERS)
    failed: list[str] = []

    def work() -> None:
        for leg in LEGS.values():
            found = [one.id for one in due(world.platform, leg, now=world.clock.now())]
            start.wait()
            report = move_each(world.platform, leg, found)
            failed.extend(report.failed.values())

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_workers_that_see_the_same_referrals_move_each_once_from_flag_to_booking(world: World):
    for _ in range(FAMILIES):
        world.home()
    world.flag(*(family(number) for number in range(1, FAMILIES + 1)))
    failed: list[str] = []

    for _ in range(ROUNDS):
        for question in world.questions():
            nth = [other.id for other in world.questions(question.kind)].index(question.id)
            world.answer(question.kind, nth=nth)
        failed += carry_at_once(world)
        world.deliver()

    assert failed == []
    assert {row.status for row in world.rows(select(Referral))} == {Status.HOUSED}
    moves = Counter(
        (row.referral_id, row.to_status)
        for row in world.rows(select(HistoryLine).where(col(HistoryLine.to_status).is_not(None)))
    )
    assert set(moves.values()) == {1}
    assert set(Counter(row.referral_id for row in world.rows(select(Booking))).values()) == {1}
    told = Counter(
        (row.telling, row.addressee, row.question_id, row.offer_id, row.entry_id, row.receipt_id)
        for row in world.rows(select(OutboxRow))
    )
    assert set(told.values()) == {1}


def test_an_answer_that_lands_between_two_legs_is_neither_lost_nor_asked_for_again(world: World):
    world.home("havblik", "0450")
    world.home("kloeverlykken", "0430")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    with world.platform.database.writing() as session:
        # The release leg looks at a case that is due for another reason …
        make_due(session, world.referral().id, now=world.clock.now())
    found = [one.id for one in due(world.platform, LEGS["release_requests"], now=world.clock.now())]
    world.answer(QuestionKind.OFFER)

    move_each(world.platform, LEGS["release_requests"], found)

    # … and leaves it due, so that the answer is put forward by the next run.
    world.carry(times=1)
    assert world.referral().status is Status.PROPOSED
    assert len(world.questions(QuestionKind.OFFER, None)) == 2


def test_a_referral_that_somebody_else_moved_first_is_not_moved_again(world: World):
    world.flag(family())
    with world.platform.database.reading() as session:
        stale = session.exec(select(Referral)).one()
    now = world.clock.now()
    with world.platform.database.writing() as session:
        fresh = session.exec(select(Referral)).one()
        move(session, fresh, Status.SEEKING, now=now, due_at=now)

    with pytest.raises(MovedMeanwhile), world.platform.database.writing() as session:
        move(session, stale, Status.CLOSED, now=now, due_at=None)
    assert world.referral().status is Status.SEEKING


def test_one_referral_that_cannot_be_moved_stays_behind_alone_and_is_tried_again_later(world: World):
    world.home()
    world.flag(family(1), family(2))
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
    with world.platform.database.writing() as session:
        broken = update(PartnerVersion).where(col(PartnerVersion.party) == "association:havblik")
        session.execute(broken.values(document="{}"))

    reports = world.carry(times=1)

    assert [set(report.failed.values()) for report in reports if report.failed] == [{"ValidationError"}]
    assert world.referral().attempts == 1
    assert world.referral().due_at > world.clock.now()
    for _ in range(6):
        world.clock.move_on(timedelta(hours=1))
        world.carry(times=1)
    assert {item["why"] for item in attention_list(world.platform.database)} == {"ValidationError"}
