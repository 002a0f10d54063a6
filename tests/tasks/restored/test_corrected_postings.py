"""After a restored backup no posting goes twice: also of a model of parts, and also when it was corrected meanwhile."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from domain.ports.finance import HeldPosting, LedgerPosting
from domain.questions.question import QuestionKind
from domain.told_once import MOST_CORRECTIONS, is_our_posting, posting_key
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.restored.watermark import Marks
from tests.storage.books.model import under_the_model
from tests.stories.postings_that_wait import AS_CSV
from tests.tasks.books.postings_of_a_world import NO, ODENSE, corrects, finance_of, keeps_books, moves_in, states, told
from tests.tasks.restored.after_a_restore import settled
from tests.world.clock import START
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.put_back import backed_up, put_back, restore
from tests.world.world import World

FAABORG = "municipality:0430"


@pytest.fixture
def world(sqlite_world: World, tmp_path: Path) -> World:
    sqlite_world.platform = replace(sqlite_world.platform, marks=Marks(tmp_path / "not-in-backup"))
    return sqlite_world


def sides(world: World) -> Counter[tuple[str, str, str, int]]:
    posted = (one for system in world.finance() for one in system.postings.values())
    return Counter((one.reference, one.kind, one.account, one.amount_ore) for one in posted)


def test_postings_of_a_model_of_parts_are_not_posted_again(world: World):
    under_the_model(world)
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.MOVE_IN)
    kept = backed_up(world)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()
    before = sides(world)
    assert len({kind for _, kind, _, _ in before}) > 2
    put_back(world, kept)

    found = restore(world)
    assert found.posted_before == len(before)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()

    assert sides(world) == before
    rows = world.rows(select(OutboxRow).where(OutboxRow.telling == Telling.POSTING))
    assert {row.standing for row in rows} == {OutboxStanding.MOOT}
    assert set(states(world, ODENSE)) == {"accepted"}


def test_what_is_booked_and_told_is_nothing_to_settle_after_a_restore(world: World):
    under_the_model(world)
    moves_in(world)
    kept = backed_up(world)
    world.flag(family(2))
    put_back(world, kept)

    found = restore(world)

    assert found.posted_before == 0
    assert settled(found) == set()


def test_a_correction_that_was_lost_is_made_again_under_the_same_key(world: World):
    system = finance_of(world, ODENSE)
    system.says = [NO]
    moves_in(world)
    kept = backed_up(world)
    first = corrects(world, str(told(world, ODENSE)[0].row.id), account_string="5.33")
    world.deliver()
    before = sides(world)
    put_back(world, kept)
    restore(world)

    again = corrects(world, str(told(world, ODENSE)[0].row.id), account_string="5.33")
    world.deliver()

    assert again == first
    assert sides(world) == before
    assert states(world, ODENSE) == ["corrected", "accepted"]


def test_a_correction_to_another_party_that_was_lost_is_told_and_not_posted_there_again(world: World):
    finance_of(world, ODENSE).says = [NO]
    moves_in(world)
    kept = backed_up(world)
    corrects(world, str(told(world, ODENSE)[0].row.id), receiver=FAABORG)
    world.deliver()
    before = sides(world)
    put_back(world, kept)

    found = restore(world)
    assert ("booking:TF-2026-00001/move_in", "restored_posting") in settled(found)
    assert found.posted_before == 1
    corrects(world, str(told(world, ODENSE)[0].row.id), receiver=FAABORG)
    world.deliver()

    assert sides(world) == before
    assert states(world, FAABORG) == ["accepted"]


def test_a_party_that_takes_files_is_a_persons_to_ask(world: World):
    keeps_books(world, ODENSE, AS_CSV)
    moves_in(world)
    kept = backed_up(world)
    put_back(world, kept)

    assert (f"{ODENSE}/finance", "restored_party") in settled(restore(world))


def test_the_key_of_a_correction_is_ours_and_no_other_is():
    posting = LedgerPosting("TF-2026-00001/move_in", "TF-2026-00001", ODENSE, -5, START.date(), "move_in")
    keys = [posting_key(KEY, posting, correction=number) for number in range(MOST_CORRECTIONS + 2)]
    assert keys[0] == posting_key(KEY, posting)
    assert len(set(keys)) == len(keys)
    ours = [is_our_posting(KEY, HeldPosting(posting, key)) for key in keys]
    assert ours == [True] * (MOST_CORRECTIONS + 1) + [False]
    assert not is_our_posting(KEY, HeldPosting(replace(posting, booking="17"), keys[0]))
