"""The databases on which is measured."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storage.database import Database
from storage.migrate import migrate
from tests.world.databases.own_postgres import OwnPostgres


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of database, and how a fresh, migrated one is made, copied and, by its name, taken away again."""

    name: str
    fresh: Callable[[str], str]
    copy: Callable[[str, str], str]
    drop: Callable[[str], None]
    pids: Mapping[str, int] = field(default_factory=dict)


def sqlite(folder: Path) -> Kind:
    """Files in a folder."""

    def fresh(name: str) -> str:
        url = f"sqlite:///{folder / name}.sqlite"
        database = Database(url)
        migrate(database)
        database.close()
        return url

    def copy(url: str, name: str) -> str:
        path = folder / f"{name}.sqlite"
        source, target = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(path)
        source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{path}"

    def drop(name: str) -> None:
        for path in folder.glob(f"{name}.sqlite*"):
            path.unlink()

    return Kind("SQLite", fresh, copy, drop)


def postgresql(server: OwnPostgres, folder: Path) -> Kind:
    """Databases of one server, whose data lie in a folder."""

    def fresh(name: str) -> str:
        url = server.new_database(name)
        # Earlier changes are written to disk now, and not during the measurement.
        server.run("CHECKPOINT")
        return url

    def copy(url: str, name: str) -> str:
        source = url.rpartition("?")[0].rpartition("/")[2]
        server.run(f"CREATE DATABASE {name} TEMPLATE {source}")
        return server.url_of(name)

    leader = int((folder / "postmaster.pid").read_text().splitlines()[0])
    return Kind("PostgreSQL", fresh, copy, lambda name: server.run(f"DROP DATABASE {name}"), {"database": leader})
