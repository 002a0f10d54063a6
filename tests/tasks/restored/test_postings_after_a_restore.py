"""Postings that a finance system holds already are not posted again."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.errors import PartnerRefused
from domain.ports.case_system import Receipt
from domain.ports.finance import HeldPosting, LedgerPosting
from domain.questions.question import QuestionKind
from domain.told_once import is_our_posting, posting_key, receipt_key
from storage.attention import open_items
from storage.books.ledger import Booking
from storage.books.posted_before import PostedBefore
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.restored.watermark import Marks
from tests.tasks.restored.after_a_restore import REFERENCE, settled
from tests.world.clock import START
from tests.world.families import family
from tests.world.in_process import InProcessFinance
from tests.world.new_world import KEY
from tests.world.put_back import backed_up, put_back, restore
from tests.world.world import World


@pytest.fixture
def world(sqlite_world: World, tmp_path: Path) -> World:
    sqlite_world.platform = replace(sqlite_world.platform, marks=Marks(tmp_path / "not-in-backup"))
    return sqlite_world


def moved_in_after_the_backup(world: World) -> list[InProcessFinance]:
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.MOVE_IN)
    kept = backed_up(world)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()
    put_back(world, kept)
    return world.finance()


def sides(world: World) -> Counter[tuple[str, str, str, int]]:
    posted = (one for system in world.finance() for one in system.postings.values())
    return Counter((one.reference, one.kind, one.account, one.amount_ore) for one in posted)


def move_in_again(world: World) -> None:
    world.clock.move_on(timedelta(days=3))
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()


def test_what_an_earlier_version_posted_under_keys_of_chance_is_not_posted_again(world: World):
    for number, system in enumerate(moved_in_after_the_backup(world)):
        system.postings = {f"of chance {number} {nth}": one for nth, one in enumerate(system.postings.values())}
    assert restore(world).posted_before == 3

    move_in_again(world)

    assert set(sides(world).values()) == {1}
    assert len(world.rows(select(Booking))) == 1
    assert {row.standing for row in world.rows(select(OutboxRow).where(OutboxRow.telling == Telling.POSTING))} == {
        OutboxStanding.MOOT
    }
    assert restore(world).posted_before == 0


def test_a_finance_system_that_cannot_be_asked_is_told_under_the_same_keys(world: World, monkeypatch):
    systems = moved_in_after_the_backup(world)
    before = [set(system.postings) for system in systems]

    async def cannot(*_: object) -> None:
        raise PartnerRefused("GET /postings: 404")

    monkeypatch.setattr(InProcessFinance, "posted", cannot)
    found = restore(world)
    assert ("municipality:0461/finance", "restored_party") in settled(found)
    assert world.rows(select(PostedBefore)) == []

    move_in_again(world)

    # A partner that compares the day refuses the posting, and a person is asked; nothing is posted twice.
    assert [set(system.postings) for system in systems] == before
    with world.platform.database.reading() as session:
        assert "partner_refused" in {item.code for item in open_items(session)}


def test_what_is_posted_twice_already_is_told(world: World):
    for system in moved_in_after_the_backup(world):
        system.postings |= {f"again {key}": one for key, one in system.postings.items()}
    found = restore(world)
    assert any("2 times" in one.detail for one in found.to_settle)


def test_a_dry_run_writes_nothing(world: World):
    moved_in_after_the_backup(world)
    with world.platform.database.reading() as session:
        before = session.connection().exec_driver_sql("SELECT COUNT(*) FROM audit_event").scalar_one()
    assert restore(world, dry_run=True).posted_before == 3
    with world.platform.database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT COUNT(*) FROM audit_event").scalar_one() == before
        assert open_items(session) == []
    assert world.rows(select(PostedBefore)) == []


def test_keys_are_of_what_is_told_and_of_nothing_else():
    posting = LedgerPosting("a", REFERENCE, "municipality:0461", -5, START.date(), "move_in")
    same = replace(posting, booking="b", booked_on=START.date() + timedelta(days=1), amount_ore=-6)
    assert posting_key(KEY, posting) == posting_key(KEY, same)
    others = [
        replace(posting, reference="TF-2026-00002"),
        replace(posting, account="municipality:0450"),
        replace(posting, kind="reversal"),
    ]
    keys = [posting_key(KEY, one) for one in (posting, *others)]
    keys += [posting_key(KEY, posting, number=2), posting_key(KEY, posting, period="2026-03")]
    keys += [posting_key(KEY[::-1], posting)]
    assert len(set(keys)) == 7
    accepted = Receipt("flag-1", accepted=True, reference=REFERENCE)
    answers = [accepted, replace(accepted, reference="TF-2026-00002"), Receipt("flag-1", False, field="a", reason="b")]
    assert len({receipt_key(KEY, code, one) for code in ("0461", "0751") for one in answers}) == 6


@pytest.mark.parametrize(
    ("booking", "number", "ours"),
    [
        (f"{REFERENCE}/move_in", 1, True),
        (f"{REFERENCE}/move_in/2", 2, True),
        (f"{REFERENCE}/move_in/2", 1, False),
        (f"{REFERENCE}/move_in", 2, False),
        (f"{REFERENCE}/move_in/1", 1, False),
        (f"{REFERENCE}/move_in/02", 2, False),
        (f"{REFERENCE}/move_in/²", 2, False),
        ("17", 1, False),
    ],
)
def test_a_posting_shows_our_key_by_the_name_of_its_booking(booking: str, number: int, ours: bool):
    posting = LedgerPosting(booking, REFERENCE, "municipality:0461", -5, START.date(), "move_in")
    assert is_our_posting(KEY, HeldPosting(posting, posting_key(KEY, posting, number=number))) is ours
    assert not is_our_posting(KEY, HeldPosting(posting, ""))


def test_a_row_that_waits_keeps_the_key_that_it_may_have_been_sent_under(world: World):
    """A row of an earlier version, waiting during an upgrade: its key and its booking's number stay the same."""
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.MOVE_IN)
    assert world.answer(QuestionKind.MOVE_IN)
    world.carry()
    with world.platform.database.writing() as session:
        for row in session.exec(select(OutboxRow).where(OutboxRow.telling == Telling.POSTING)):
            row.key = f"old {row.id}"
            session.add(row)
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER booking_no_update")
        connection.exec_driver_sql("UPDATE booking SET name = NULL")
    world.deliver()
    posted = [(key, one.booking) for system in world.finance() for key, one in system.postings.items()]
    assert len(posted) == 3
    assert {key.partition(" ")[0] for key, _ in posted} == {"old"}
    assert {booking for _, booking in posted} == {"1"}
