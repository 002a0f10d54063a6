"""A move-in is booked once, by however many processes at once, and whenever they are killed."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlmodel import col, select

from domain.books.booking import BookingKind
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.books.ledger import Booking, CompleteBooking, LedgerEntry, sum_ore
from storage.books.move_ins import MoveIn
from storage.books.verdict import book_differences
from storage.outbox import OutboxRow, Telling
from tests.faults.forked_bookers import MOVED, NOTHING
from tests.storage.books.model import under_the_model
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World

ROOT = Path(__file__).parents[2]
PROCESSES = 100
# Fewer statements than these would mean that the processes were not killed within the booking.
STATEMENTS = 15


def answered(world: World) -> None:
    """The association has answered that the family has moved in; nothing is booked yet."""
    under_the_model(world)
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)


world = world_after(answered)


def bookers(world: World, folder: Path, how: str, count: int = 0) -> dict[str, int]:
    url = world.platform.database.engine.url.render_as_string(hide_password=False)
    of = (url, str(folder), world.clock.now().isoformat(), str(world.referral().id))
    done = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "tests.faults.forked_bookers", how, str(count), *of],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def is_booked_once(world: World) -> bool:
    """Whether the books and the outbox hold exactly what one move-in brings."""
    bookings = world.rows(select(Booking).order_by(col(Booking.id)))
    entries = world.rows(select(LedgerEntry.id))
    told = world.rows(select(OutboxRow.entry_id).where(OutboxRow.telling == Telling.POSTING))
    assert [(row.kind, row.rule) for row in bookings] == [
        (BookingKind.MOVE_IN, "reception"),
        (BookingKind.MONTH, "social_work"),
        (BookingKind.MOVE_IN, "deposit_loan"),
    ]
    assert world.rows(select(CompleteBooking.booking_id)) == [row.id for row in bookings]
    assert Counter(told) == Counter(entries)
    assert len(world.rows(select(MoveIn))) == 1
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
        assert list(book_differences(session, now=world.clock.now())) == []
    return world.referral().status is Status.HOUSED


def test_a_hundred_processes_book_a_move_in_once(world: World, tmp_path: Path):
    found = bookers(world, tmp_path, "at_once", PROCESSES)

    assert found == {"moved": 1, "nothing": PROCESSES - 1, "failed": 0}
    assert is_booked_once(world)


def test_whoever_is_killed_before_any_statement_leaves_nothing_or_all(world: World, tmp_path: Path):
    found = bookers(world, tmp_path, "killed")

    assert found["killed"] >= STATEMENTS
    # The last one moved the case, or found that one had done so that was killed just after its commit.
    assert found["code"] in (MOVED, NOTHING)
    assert is_booked_once(world)
    assert bookers(world, tmp_path, "at_once", 3) == {"moved": 0, "nothing": 3, "failed": 0}
