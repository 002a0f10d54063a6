"""What every test can stand on: both databases, and a world around a platform on each."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from deployments.own_postgres import OwnPostgres, own_postgres
from storage.database import Database
from storage.migrate import migrate
from tests.world import World, world_on


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    """A real PostgreSQL server, one for each process of the test run.

    Outside pytest's own folder, which another test run beside this one would shut for the server's own user.
    """
    with tempfile.TemporaryDirectory(prefix="tilflyt-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with own_postgres(Path(folder) / "data") as server:
            yield server


_names = itertools.count(1)


@pytest.fixture
def new_postgres_url(postgres: OwnPostgres) -> Callable[[], str]:
    """Makes a fresh, migrated PostgreSQL database and tells its URL."""
    return lambda: postgres.new_database(f"test_{next(_names)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database of each kind."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        return make()
    return migrated_sqlite(tmp_path)


def migrated_sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder / 'tilflyt.sqlite'}"
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """SQLite alone, for what does not depend on the database."""
    found = Database(migrated_sqlite(tmp_path))
    yield found
    found.close()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """The demo's parties on each database."""
    return world_on(database, tmp_path)


@pytest.fixture
def sqlite_world(sqlite: Database, tmp_path: Path) -> World:
    """The demo's parties on SQLite alone."""
    return world_on(sqlite, tmp_path)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as found:
        yield found
