"""Staff move a case to another version of its agreement while the path moves it on: one of the two is first."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from domain.parties.deadlines import times_of
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.books.ledger import Booking
from storage.books.verdict import book_differences
from storage.columns import id_of
from storage.database import Database
from storage.parties.agreement_migrations import AgreementMigration, MigratedCase
from storage.parties.agreements import agreement_of
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import lock
from storage.staff.agreements.migration import migrate_case
from storage.staff.agreements.undo import move_back
from storage.staff.agreements.version_change import CaseReport
from tasks.case import Case
from tasks.path.legs import LEGS
from tasks.path.moves import due, move_each
from tasks.path.searching import line_up
from tasks.path.suitable_homes import find_homes
from tasks.platform import Platform
from tests.stories.meeting import Meeting, at_once
from tests.world.agreement_versions import REFERENCE, asked, second_version
from tests.world.families import family
from tests.world.world import World

POSTGRES = pytest.mark.parametrize("world", ["postgresql"], indirect=True)


def crossing(world: World, deed: Callable[[Session], object], leg: str) -> list[BaseException]:
    """Have the path walk a leg and staff do a deed, waiting for each other before each write; returns the errors."""
    gate, wrong = threading.Barrier(2), []
    url = world.platform.database.engine.url.render_as_string(hide_password=False)

    def walk(database: Database) -> None:
        platform = replace(world.platform, database=database)
        move_each(platform, LEGS[leg], [one.id for one in due(platform, LEGS[leg], now=world.clock.now())])

    def act(database: Database) -> None:
        with database.writing() as session:
            deed(session)

    def run(work: Callable[[Database], None]) -> None:
        database = Meeting(url, gate)
        try:
            work(database)
        except BaseException as error:  # any error is returned to the test
            wrong.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in (walk, act)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def is_consistent(world: World) -> None:
    """Check that the question asked last has the deadline of the version under which the case was by its history."""
    lines = world.rows(select(HistoryLine).order_by(col(HistoryLine.id)))
    deeds = [line.deed for line in lines]
    (question,) = world.questions(QuestionKind.ACCEPTANCE)
    before = deeds[: deeds.index("asked_acceptance")]
    moved = [one for one in before if one.startswith("agreement_")]
    days = 9 if moved and moved[-1] == "agreement_migrated" else 10
    with world.platform.database.reading() as session:
        step = agreement_of(session, world.referral().agreement_version_id).step(QuestionKind.ACCEPTANCE)
    step = replace(step, answer_within_days=days)
    times = times_of(step, asked_at=question.asked_at, holidays=world.platform.holidays)
    assert question.answer_by == times.answer_by


@POSTGRES
@pytest.mark.parametrize("_time", range(4))
def test_a_migration_and_an_approval_that_cross_are_done_one_after_the_other(world: World, _time: int):
    asked(world, QuestionKind.APPROVAL)
    version_id = second_version(world)
    world.answer(QuestionKind.APPROVAL)
    told: list[CaseReport] = []

    def move(session: Session) -> None:
        told.append(migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now()))

    assert crossing(world, move, "ask_families") == []
    world.settle()

    assert (told[0].left, world.referral().status) == ((), Status.APPROVED)
    assert world.referral().agreement_version_id == version_id
    is_consistent(world)


@POSTGRES
@pytest.mark.parametrize("_time", range(4))
def test_an_undoing_and_an_approval_that_cross_leave_the_case_under_the_version_of_its_step(world: World, _time: int):
    asked(world, QuestionKind.APPROVAL)
    version_id = second_version(world)
    with world.platform.database.writing() as session:
        migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now())
    world.answer(QuestionKind.APPROVAL)
    told: list[CaseReport] = []

    def undo(session: Session) -> None:
        told.append(move_back(session, REFERENCE, 1, by="jura", now=world.clock.now()))

    assert crossing(world, undo, "ask_families") == []
    world.settle()

    assert world.referral().status is Status.APPROVED
    assert (world.referral().agreement_version_id == version_id) == bool(told[0].left)
    is_consistent(world)


@POSTGRES
@pytest.mark.parametrize("_time", range(4))
def test_a_migration_and_a_move_in_that_cross_book_by_one_version(world: World, _time: int):
    asked(world, QuestionKind.MOVE_IN)
    version_id = second_version(world)
    world.answer(QuestionKind.MOVE_IN)

    def move(session: Session) -> None:
        migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now())

    assert crossing(world, move, "book_compensation") == []
    world.settle()

    assert {row.agreement_version_id for row in world.rows(select(Booking))} == {world.referral().agreement_version_id}
    assert world.rows(select(MigratedCase)) == []
    with world.platform.database.reading() as session:
        assert list(book_differences(session, now=world.clock.now())) == []


def test_two_who_migrate_at_once_move_a_case_once(world: World):
    asked(world, QuestionKind.APPROVAL)
    version_id = second_version(world)

    def move(platform: Platform) -> None:
        with platform.database.writing() as session:
            migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now())

    assert at_once(world, move) == []
    assert len(world.rows(select(MigratedCase))) == len(world.rows(select(AgreementMigration))) == 1


def test_two_who_undo_at_once_move_a_case_back_once(world: World):
    asked(world, QuestionKind.APPROVAL)
    version_id = second_version(world)
    with world.platform.database.writing() as session:
        migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now())

    def undo(platform: Platform) -> None:
        with platform.database.writing() as session:
            move_back(session, REFERENCE, 1, by="jura", now=world.clock.now())

    assert at_once(world, undo) == []
    assert [row.undoes_id for row in world.rows(select(MigratedCase).order_by(col(MigratedCase.id)))] == [None, 1]


def test_a_search_that_a_migration_overtook_asks_for_nothing(world: World):
    world.home()
    world.flag(family())
    world.answer(QuestionKind.SIGN_OFF)
    move_each(world.platform, LEGS["admit_signed_off"], [world.referral().id])
    version_id = second_version(world, associations=("kloeverlykken",))
    with world.platform.database.reading() as session:
        found = find_homes(Case(world.platform, session, world.referral(), world.clock.now()))
    with world.platform.database.writing() as session:
        migrate_case(session, REFERENCE, version_id, migration=None, by="jura", now=world.clock.now())

    with world.platform.database.writing() as session:
        held = lock(session, id_of(world.referral()))
        assert held is not None
        line_up(Case(world.platform, session, held, world.clock.now()), found)
    world.settle()

    assert list(found.homes) == ["havblik"]
    assert world.questions(QuestionKind.OFFER) == []
