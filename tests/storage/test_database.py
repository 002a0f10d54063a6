"""Writers in several processes wait for each other, none for ever; and a transaction is all or nothing."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from storage import dialect
from storage.database import Database, write_at_end
from storage.lanes import Lane


@pytest.fixture
def two(tmp_path: Path) -> tuple[Database, Database]:
    """The same file opened twice, so that the two do not share the turn of one process's threads."""
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    first, second = Database(url), Database(url)
    with first.writing() as session:
        session.execute(text("CREATE TABLE line (who TEXT)"))
    return first, second


def test_a_writer_waits_until_the_other_is_done(two: tuple[Database, Database]):
    first, second = two

    def write_second() -> None:
        with second.writing() as session:
            session.execute(text("INSERT INTO line VALUES ('second')"))

    waiting = threading.Thread(target=write_second)
    with first.writing() as session:
        session.connection()
        waiting.start()
        time.sleep(0.05)  # The other writer must find the lock taken.
        session.execute(text("INSERT INTO line VALUES ('first')"))
    waiting.join()

    with first.reading() as session:
        assert session.execute(text("SELECT who FROM line ORDER BY rowid")).scalars().all() == ["first", "second"]


def test_a_writer_does_not_wait_for_ever_and_can_try_again(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dialect, "BUSY_TIMEOUT_MS", 20)
    first, second = two

    with first.writing() as holding:
        holding.connection()
        with pytest.raises(sqlite3.OperationalError, match="locked"), second.writing() as session:
            session.execute(text("INSERT INTO line VALUES ('second')"))
    with second.writing() as session:
        session.execute(text("INSERT INTO line VALUES ('second')"))

    with first.reading() as session:
        assert session.execute(text("SELECT count(*) FROM line")).scalar_one() == 1


def test_what_is_written_at_the_end_stands_or_falls_with_its_transaction(sqlite: Database):
    def open_lanes(*names: str) -> None:
        with sqlite.writing() as session:
            for name in names:
                write_at_end(session, Lane, {"name": name, "failures": 0})
            if "broken" in names:
                raise RuntimeError

    open_lanes("first", "second")
    with pytest.raises(RuntimeError):
        open_lanes("third", "broken")

    with sqlite.reading() as session:
        assert set(session.exec(select(Lane.name))) == {"first", "second"}


def test_a_server_that_was_started_anew_is_found_again(
    new_postgres_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dialect, "IDLE_AT_MOST_S", 0.0)
    url = new_postgres_url()
    ours, other = Database(url), Database(url)
    with ours.reading() as session:
        session.execute(text("SELECT 1"))
    with other.writing() as session:
        all_others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert session.execute(text(f"SELECT pg_terminate_backend(pid) {all_others}")).all()
    with ours.reading() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    ours.close()
    other.close()
