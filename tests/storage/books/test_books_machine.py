"""Invariants of the books, whatever agreements say and whoever moves in, moves out, closes and settles, in any order.

40 runs of 25 steps on each database; `make test-long` has 500 of 50.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from storage.database import Database
from tests.storage.books.books_machine import AnyBooks
from tests.world.databases.copied import database_for_a_test
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.kept import Kept, written

RUNS, STEPS = (500, 50) if os.environ.get("TILFLYT_TESTS") == "long" else (40, 25)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_books_hold_whatever_happens(kind: str, tmp_path: Path, request: pytest.FixtureRequest):
    def on_sqlite() -> Database:
        kept: Kept = request.getfixturevalue("kept_world")
        assert kept.rows is not None
        for left in tmp_path.glob("books.sqlite*"):
            left.unlink()
        file = tmp_path / "books.sqlite"
        written(kept.rows, file)
        return Database(f"sqlite:///{file}")

    def on_postgresql() -> Database:
        server: OwnPostgres = request.getfixturevalue("postgres")
        return Database(database_for_a_test(server, request.getfixturevalue("peopled_postgres")))

    class OnIt(AnyBooks):
        fresh = staticmethod(on_sqlite if kind == "sqlite" else on_postgresql)

    at_length = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        # Each example makes a database of its own, which takes longer than drawing its data.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(OnIt, settings=at_length)
