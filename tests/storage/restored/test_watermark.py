"""The mark beside the destroyed keys is ahead of the database only when a backup was put back."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from domain.subject import Subject
from storage.audit.chain import bind
from storage.audit.events import write_event
from storage.audit.restorations import write_restoration
from storage.database import Database
from storage.migrate import migrate
from storage.referrals.references import next_reference
from storage.restored.watermark import (
    Marks,
    NoMark,
    WentBack,
    mark_now,
    note_how_far,
    note_numbers,
    refuse_if_gone_back,
)
from tests.world.clock import START
from tests.world.kept import remembered, written


def live(database: Database, entries: int, *, about: str = "x") -> None:
    with database.writing() as session:
        for number in range(entries):
            write_event(session, "lived", actor="x", about=Subject(about, str(number)), at=START)
    with database.writing() as session:
        bind(session)


def number_given(database: Database) -> None:
    with database.writing() as session:
        next_reference(session, year=2026)


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path / "not-in-backup")


@pytest.fixture
def before(sqlite: Database) -> Callable[[], None]:
    """Returns a function that puts the database back to the moment after a few entries."""
    live(sqlite, 3)
    file = str(sqlite.engine.url.database)
    rows = remembered(file)

    def put_back() -> None:
        sqlite.close()
        written(rows, file)

    return put_back


def refused(database: Database, marks: Marks) -> str:
    with pytest.raises(WentBack) as error:
        refuse_if_gone_back(database, marks)
    return str(error.value)


def test_a_database_that_goes_on_is_never_refused(database: Database, marks: Marks):
    for _ in range(3):
        refuse_if_gone_back(database, marks)
        note_how_far(database, marks, now=START)
        live(database, 2)
        number_given(database)
        # When a worker is killed here, before it writes the mark, the mark is behind, which is no error.
        refuse_if_gone_back(database, marks)
    assert note_how_far(database, marks, now=START)
    assert not note_how_far(database, marks, now=START + timedelta(days=1))


def test_a_database_that_went_back_is_refused_with_what_to_do(
    sqlite: Database, marks: Marks, before: Callable[[], None]
):
    live(sqlite, 4)
    note_how_far(sqlite, marks, now=START)
    before()

    told = refused(sqlite, marks)
    assert "ends at entry 3, and entry 7 was known" in told
    assert "run `tilflyt restored`" in told
    # New entries may have the numbers of the lost ones: only the hash shows it.
    live(sqlite, 9, about="others")
    assert "ends at entry 12" in refused(sqlite, marks)
    with pytest.raises(WentBack):
        note_how_far(sqlite, marks, now=START)


def test_a_number_that_was_given_and_is_not_known_is_seen_too(sqlite: Database, marks: Marks, before):
    note_how_far(sqlite, marks, now=START)
    with sqlite.reading() as session:
        note_numbers(session, marks, {2026: 4}, now=START)
    refused(sqlite, marks)
    for _ in range(4):
        number_given(sqlite)
    refuse_if_gone_back(sqlite, marks)


def test_a_slower_worker_that_writes_last_makes_no_alarm(sqlite: Database, marks: Marks):
    live(sqlite, 3)
    with sqlite.reading() as session:
        slow = mark_now(session, now=START)
    live(sqlite, 3)
    note_how_far(sqlite, marks, now=START)
    assert slow is not None
    with sqlite.reading() as session:
        marks.write(first_of(session), slow)

    refuse_if_gone_back(sqlite, marks)
    note_how_far(sqlite, marks, now=START)


def first_of(session: Session) -> str:
    found: str = session.connection().exec_driver_sql("SELECT hash FROM audit_link WHERE seq = 1").scalar_one()
    return found


def test_another_database_beside_the_same_folder_has_a_mark_of_its_own(sqlite: Database, marks: Marks, tmp_path: Path):
    live(sqlite, 5)
    note_how_far(sqlite, marks, now=START)
    other = Database(f"sqlite:///{tmp_path / 'other' / 'other.sqlite'}")
    migrate(other)

    refuse_if_gone_back(other, marks)
    live(other, 1, about="other")
    refuse_if_gone_back(other, marks)
    note_how_far(other, marks, now=START)
    assert len(list(marks.folder.iterdir())) == 2
    other.close()


def test_a_mark_of_another_machine_from_before_the_backup_was_put_back_is_explained(
    sqlite: Database, marks: Marks, before: Callable[[], None], tmp_path: Path
):
    theirs = Marks(tmp_path / "theirs")
    live(sqlite, 2)
    note_how_far(sqlite, theirs, now=START)
    live(sqlite, 2)
    note_how_far(sqlite, marks, now=START)
    with sqlite.reading() as session:
        reached = mark_now(session, now=START)
    before()
    assert reached is not None
    later = START + timedelta(hours=1)
    refused(sqlite, theirs)
    with sqlite.reading() as session:
        end = mark_now(session, now=later)
    assert end is not None
    with sqlite.writing() as session:
        lost = [(reached.seq, reached.hash)]
        write_restoration(session, back_to=(end.seq, end.hash), lost=lost, by="x", now=later)

    refuse_if_gone_back(sqlite, theirs)
    refuse_if_gone_back(sqlite, marks)
    # A later restore is noticed again.
    live(sqlite, 9, about="after")
    note_how_far(sqlite, theirs, now=later + timedelta(hours=1))
    before()
    refused(sqlite, theirs)


@pytest.mark.parametrize("said", [b"", b"{", b"[1]", b'{"seq": "x"}', b"\xff\xfe", b"null"])
def test_a_mark_that_cannot_be_read_stops_nobody_and_is_written_anew(sqlite: Database, marks: Marks, said: bytes):
    live(sqlite, 1)
    note_how_far(sqlite, marks, now=START)
    (file,) = marks.folder.iterdir()
    file.write_bytes(said)

    refuse_if_gone_back(sqlite, marks)
    assert note_how_far(sqlite, marks, now=START)
    assert file.read_bytes() != said


def test_only_the_owner_may_read_the_mark(sqlite: Database, marks: Marks):
    live(sqlite, 1)
    note_how_far(sqlite, marks, now=START)
    (file,) = marks.folder.iterdir()
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(marks.folder.stat().st_mode)) == (0o600, 0o700)


def test_a_mark_that_cannot_be_written_is_told(sqlite: Database):
    live(sqlite, 1)
    with pytest.raises(NoMark, match="cannot be written"):
        note_how_far(sqlite, Marks(Path("/proc/marks")), now=START)
