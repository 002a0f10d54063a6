"""Worlds kept at a moment, so that a hundred tests need not live through the same days again."""

import itertools
import sqlite3
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from storage.database import Database
from tests.world import TestClock, World


def file_of(world: World) -> str:
    return str(world.platform.database.engine.url.database)


class Kept:
    """A world on SQLite as it was: its rows, its partners and its clock."""

    def __init__(self, world: World) -> None:
        self.platform, self.at = world.platform, world.clock.now()
        self.partners = deepcopy(world.partners)
        self.next_home = next(deepcopy(world.homes))
        self.rows = sqlite3.connect(":memory:", check_same_thread=False)
        _copy(file_of(world), self.rows, back=False)

    def again(self, folder: Path) -> World:
        """The same world in a file of its own."""
        database = Database(f"sqlite:///{folder / 'tilflyt.sqlite'}")
        world = World(replace(self.platform, database=database), TestClock(), deepcopy(self.partners))
        return self.into(world)

    def into(self, world: World) -> World:
        """Take another world back to this moment, though somebody may have its file open."""
        _copy(file_of(world), self.rows, back=True)
        world.clock.at = self.at
        world.partners = deepcopy(self.partners)
        world.homes = itertools.count(self.next_home)
        world.platform = replace(
            world.platform,
            clock=world.clock,
            mailer=world.partners.mail,
            connect=world.partners.connect,
        )
        return world


def _copy(file: str, rows: sqlite3.Connection, *, back: bool) -> None:
    opened = sqlite3.connect(file)
    if back:
        rows.backup(opened)
    else:
        opened.backup(rows)
    opened.close()
