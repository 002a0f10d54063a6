"""An endpoint on a world of its own, and a visitor."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from storage.database import Database
from tests.world.databases.copied import migrated_sqlite
from tests.world.logging_in import Hand
from tests.world.new_world import world_on
from tests.world.served import Asked, ask_all, browsing, serving
from tests.world.world import World


@pytest.fixture
def http(sqlite_world: World) -> Iterator[httpx.Client]:
    """A visitor of the endpoint on `sqlite_world`."""
    with serving(sqlite_world) as origin, browsing(origin) as visitor:
        yield visitor


@pytest.fixture
def hand(http: httpx.Client) -> Hand:
    """That visitor's browser, which follows redirects to a login provider."""
    return Hand(http)


@dataclass(frozen=True)
class SharedDesk:
    """A visitor, and the path of an open link for each kind of question. No test may change the world behind it."""

    world: World
    http: httpx.Client
    links: dict[Asked, str]


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedDesk]:
    """An endpoint at which every kind of question waits for its answer."""
    folder = tmp_path_factory.mktemp("shared")
    database = Database(migrated_sqlite(folder))
    world = world_on(database, folder)
    with serving(world) as origin, browsing(origin) as visitor:
        yield SharedDesk(world, visitor, ask_all(world))
    database.close()
