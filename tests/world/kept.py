"""Copies of worlds at a moment, so that the days before it are computed once for a hundred tests."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import Database
from tests.world.clock import TestClock
from tests.world.new_world import vault_in
from tests.world.world import World


def file_of(world: World) -> str:
    return str(world.platform.database.engine.url.database)


def keys_of(world: World) -> str:
    return world.platform.vault.keys.url.removeprefix("sqlite:///")


class Kept:
    """A copy of a world: its rows, its partners and its clock. For PostgreSQL the rows are kept elsewhere."""

    def __init__(self, world: World) -> None:
        self.platform, self.at = world.platform, world.clock.now()
        self.partners = deepcopy(world.partners)
        self.next_home = next(deepcopy(world.homes))
        self.rows = remembered(file_of(world)) if world.platform.database.is_sqlite else None
        self.keys = remembered(keys_of(world))

    def again(self, folder: Path, database: Database | None = None) -> World:
        """The same world in a new file, or on a database that holds its rows already."""
        database = database or Database(f"sqlite:///{folder / 'tilflyt.sqlite'}")
        platform = replace(self.platform, database=database, vault=vault_in(folder))
        world = World(platform, TestClock(), deepcopy(self.partners))
        return self.into(world)

    def into(self, world: World) -> World:
        """Take another world back to this moment, also when its file is open."""
        if self.rows is not None:
            written(self.rows, file_of(world))
        written(self.keys, keys_of(world))
        world.clock.at = self.at
        world.partners = deepcopy(self.partners)
        world.homes = itertools.count(self.next_home)
        world.platform = replace(
            world.platform,
            clock=world.clock,
            mailer=world.partners.mail,
            anonymity=self.platform.anonymity,
            connect=world.partners.connect,
        )
        return world


def remembered(file: str | Path) -> sqlite3.Connection:
    """A copy of a database in memory."""
    rows = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(file)) as opened:
        opened.backup(rows)
    return rows


def written(rows: sqlite3.Connection, file: str | Path) -> None:
    """Write a database from memory into a file, which may be new or open elsewhere."""
    with closing(sqlite3.connect(file)) as opened:
        rows.backup(opened)


def world_after(lived: Callable[[World], None]) -> Callable[..., Iterator[World]]:
    """A fixture: the demo's parties on each database, after some days that are computed once in each process."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def after(
        request: pytest.FixtureRequest,
        tmp_path: Path,
        once_lived: Callable[[str, Path, Callable[[World], None]], World],
    ) -> Iterator[World]:
        found = once_lived(request.param, tmp_path, lived)
        yield found
        found.platform.database.close()

    return after
