"""What the database itself refuses, on SQLite and PostgreSQL alike."""

from datetime import datetime

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, col, select

from domain.books.booking import BookingKind
from domain.books.compensation import Entry
from domain.questions.question import Answer, QuestionKind, Reply
from domain.referrals.lifecycle import Status
from storage.books.ledger import Booking, LedgerEntry, book
from storage.columns import id_of
from storage.database import Database
from storage.migrate import _config, migrate, newest_version, version_of
from storage.questions.answers import record_answer
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.tables import METADATA
from storage.vacancies.offers import Offer, OfferStanding
from tests.world.families import family
from tests.world.world import World

HOUSED_ROWS = ("history_line", "booking", "ledger_entry", "vault_opening")


def test_the_schema_is_the_one_that_the_code_describes(database: Database):
    assert version_of(database) == newest_version()
    with database.engine.connect() as connection:
        try:
            command.check(_config(connection))
        except CommandError as difference:
            pytest.fail(str(difference))


def test_migrating_again_changes_nothing(database: Database):
    migrate(database)

    assert version_of(database) == newest_version()


@pytest.mark.parametrize("table", HOUSED_ROWS)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_must_stay_as_written_cannot_be_changed_or_deleted(world: World, table: str, change: str):
    world.home()
    world.flag(family())
    world.housed()

    with pytest.raises(DBAPIError, match="append-only"), world.platform.database.writing() as session:
        session.execute(text(change.format(table)))


@pytest.mark.parametrize(
    "values",
    [
        {"status": "somewhere"},
        {"persons": 0},
        {"rooms_min": 11},
        {"rent_max_monthly_ore": 0},
        {"version": 0},
        {"sending_municipality": "9999"},
        {"language": "sv"},
    ],
)
def test_a_referral_cannot_hold_what_is_not_so(world: World, values: dict[str, object]):
    world.flag(family())
    sets = ", ".join(f"{name} = :{name}" for name in values)

    with pytest.raises(IntegrityError), world.platform.database.writing() as session:
        session.execute(text(f"UPDATE referral SET {sets}"), values)  # noqa: S608  # names from the table above


def test_a_case_has_one_open_referral(world: World):
    world.flag(family(1))
    with world.platform.database.reading() as session:
        first = session.exec(select(Referral)).one()

    copy = first.model_dump() | {"id": None, "reference": "TF-2026-00002", "case_key": "0" * 32, "flag_id": "other"}
    with pytest.raises(IntegrityError), world.platform.database.writing() as session:
        session.add(Referral(**copy))


@pytest.mark.parametrize("same", ["referral_id", "vacancy_id"])
def test_one_offer_binds_for_each_family_and_each_home(world: World, same: str):
    world.home()
    other_home = world.home()
    world.flag(family(1), family(2))
    world.until(QuestionKind.APPROVAL)
    offers = world.rows(select(Offer).where(Offer.standing == OfferStanding.LIVE))
    assert len(offers) == 2

    copy = offers[0].model_dump() | {"id": None}
    copy["vacancy_id" if same == "referral_id" else "referral_id"] = (
        other_home if same == "referral_id" else offers[-1].referral_id
    )
    with pytest.raises(IntegrityError), world.platform.database.writing() as session:
        session.execute(update(Offer).where(col(Offer.id) != offers[0].id).values(standing=OfferStanding.RELEASED))
        session.add(Offer(**copy))


def test_a_booking_that_does_not_sum_to_zero_is_refused(world: World):
    with pytest.raises(ValueError, match="sum to zero"), world.platform.database.writing() as session:
        booking = Booking(referral_id=1, offer_id=1, kind=BookingKind.MOVE_IN, booked_at=world.clock.now())
        book(session, booking, [Entry("a", 5), Entry("b", -4)])
    assert world.rows(select(LedgerEntry)) == []


def test_an_exception_leaves_nothing_behind(world: World):
    with pytest.raises(RuntimeError), world.platform.database.writing() as session:
        session.add(HistoryLine(referral_id=1, at=world.clock.now(), actor="a", deed="b", to_status=Status.RECEIVED))
        raise RuntimeError

    assert world.rows(select(HistoryLine)) == []


def test_a_question_is_answered_once(world: World):
    world.flag(family())
    question = world.questions()[0]

    assert world.answer(QuestionKind.SIGN_OFF)
    with world.platform.database.writing() as session:
        no = Reply(Answer.NO, "need_not_documented")
        again = record_answer(session, id_of(question), no, referral_id=question.referral_id, now=world.clock.now())
    assert not again
    assert [row.answer for row in world.rows(select(Question))] == [Answer.YES]


def test_sqlite_keeps_its_promises(sqlite: Database):
    with sqlite.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


def test_every_table_is_named_in_one_place():
    assert set(METADATA.tables) == set(SQLModel.metadata.tables)
    assert len(METADATA.tables) >= 25


def test_naive_moments_are_refused(world: World):
    world.flag(family())
    with pytest.raises(Exception, match="time zone"), world.platform.database.writing() as session:
        session.execute(update(Question).values(answer_by=datetime(2026, 1, 1)))  # noqa: DTZ001  # naive is the point
