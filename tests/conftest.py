"""Fixtures for all tests: both databases, and a world around a platform on each."""

import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import pytest
from sqlmodel import Session

from deployments.worker.prefect_settings import one_certificate
from storage.database import Database
from tests.stories.locking_deeds import who_takes_two_locks
from tests.world.databases.copied import database_for_a_test, in_memory, migrated_sqlite
from tests.world.databases.own_postgres import OwnPostgres, own_postgres
from tests.world.databases.shared_statements import databases_share_their_statements
from tests.world.kept import Kept
from tests.world.new_world import world_around, world_on
from tests.world.world import World

# Top-level domains that belong to nobody (RFC 6761).
NOBODYS = frozenset({"invalid", "example", "test"})


# The longest tests start first, or one of them would run alone at the end.
LONGEST = (
    "test_killed_worker.py",
    "test_small_forms.py",
    "test_booked_at_once.py",
    "test_canary.py",
    "test_killed_sync.py",
    "test_two_workers.py",
    "test_faulty_lines.py",
    "test_hostile_rows.py",
    "test_feed_description.py",
    "test_whatever_is_sent.py",
    "test_lifecycle_machine.py",
    "test_sending.py",
)


def pytest_configure() -> None:
    """Have the tests' folders in memory, if there is room: thousands of databases wait for each write to be on disk."""
    if memory := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first; the others keep their order."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_collection_finish() -> None:
    """Exclude all imported and collected objects from garbage collection, because they live until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one certificate authority instead of all: each of thousands of HTTP clients would take 18 ms to load them.

    No test connects to the internet; those about TLS have certificates of their own.
    """
    one = one_certificate(tmp_path_factory.mktemp("authority"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(certifi, "where", lambda: str(one))
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_statements() -> Iterator[None]:
    """Have all databases of a kind share compiled statements."""
    with databases_share_their_statements():
        yield


@pytest.fixture(scope="session")
def take_two_locks() -> Iterator[set[str]]:
    """The functions that take two locks in one transaction, and are not known to, since this was emptied."""
    with who_takes_two_locks() as found:
        yield found


@pytest.fixture(autouse=True)
def every_function_that_takes_two_locks_is_known(take_two_locks: set[str]) -> Iterator[None]:
    """One that is not known was never opened against the others: it is to stand in tests/stories/locking_deeds.py."""
    take_two_locks.clear()
    yield
    assert take_two_locks == set()


@pytest.fixture(scope="session", autouse=True)
def nobody_outside() -> Iterator[None]:
    """Answer at once that reserved names do not exist, without asking a name server.

    A name server that is asked for twenty names at once may take five seconds.
    """
    looked_up = socket.getaddrinfo

    def known(host: object, *args: object, **kwargs: object) -> list[tuple]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.rpartition(".")[2] in NOBODYS:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return looked_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", known)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    """A real PostgreSQL server, one for each process of the test run.

    Its folder is not in pytest's own, because another test run would close that to the server's user.
    """
    with tempfile.TemporaryDirectory(prefix="tilflyt-postgres-", dir=in_memory(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with own_postgres(Path(folder) / "data") as server:
            # Without syncing to disk: no test cuts the power, and hundreds of databases would wait for the disk.
            for setting in (
                "fsync = off",
                "synchronous_commit = off",
                "full_page_writes = off",
                "max_wal_size = '256MB'",
            ):
                server.run(f"ALTER SYSTEM SET {setting}")
            server.run("SELECT pg_reload_conf()")
            yield server


@pytest.fixture
def new_postgres_url(postgres: OwnPostgres) -> Callable[[], str]:
    """A function that makes a fresh, migrated PostgreSQL database and returns its URL."""
    return lambda: database_for_a_test(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database of each kind."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        return make()
    return migrated_sqlite(tmp_path)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """SQLite only, for tests that do not depend on the database."""
    found = Database(migrated_sqlite(tmp_path))
    yield found
    found.close()


@pytest.fixture(scope="session")
def kept_world(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The demo's parties on SQLite, before anything has happened."""
    folder = tmp_path_factory.mktemp("kept")
    database = Database(migrated_sqlite(folder))
    kept = Kept(world_on(database, folder))
    database.close()
    return kept


@pytest.fixture(scope="session")
def peopled_postgres(postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database on PostgreSQL with the demo's parties, to be copied."""
    database = Database(postgres.new_database("peopled"))
    world_on(database, tmp_path_factory.mktemp("peopled"))
    database.close()
    return "peopled"


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The demo's parties on each database."""
    if request.param == "postgresql":
        server: OwnPostgres = request.getfixturevalue("postgres")
        template: str = request.getfixturevalue("peopled_postgres")
        found = world_around(Database(database_for_a_test(server, template)), tmp_path)
    else:
        kept: Kept = request.getfixturevalue("kept_world")
        found = kept.again(tmp_path)
    yield found
    found.platform.database.close()


@pytest.fixture(scope="session")
def once_lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Path, Callable[[World], None]], World]:
    """A world after some days, which are computed once in each process and copied for each test."""
    kept: dict[tuple[str, Callable[[World], None]], Kept] = {}
    templates: dict[Callable[[World], None], str] = {}

    def server() -> OwnPostgres:
        found: OwnPostgres = request.getfixturevalue("postgres")
        return found

    def live(kind: str, lived: Callable[[World], None]) -> Kept:
        folder = tmp_path_factory.mktemp("lived")
        plain: Kept = request.getfixturevalue("kept_world")
        if kind == "postgresql":
            templates[lived] = f"lived_{len(templates)}"
            peopled: str = request.getfixturevalue("peopled_postgres")
            database = Database(server().new_database(templates[lived], template=peopled))
            world = world_around(database, folder)
        else:
            world = plain.again(folder)
        lived(world)
        found = Kept(world)
        world.platform.database.close()
        return found

    def again(kind: str, folder: Path, lived: Callable[[World], None]) -> World:
        if (kind, lived) not in kept:
            kept[kind, lived] = live(kind, lived)
        database = Database(database_for_a_test(server(), templates[lived])) if kind == "postgresql" else None
        return kept[kind, lived].again(folder, database)

    return again


@pytest.fixture
def sqlite_world(kept_world: Kept, tmp_path: Path) -> Iterator[World]:
    """A world on SQLite for one test."""
    found = kept_world.again(tmp_path)
    yield found
    found.platform.database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as found:
        yield found
