"""Databases of an earlier schema."""

from pathlib import Path
from uuid import uuid4

import pytest

from storage.database import Database
from tests.world.databases.own_postgres import OwnPostgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    """A database without a schema."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'released.sqlite'}")
    else:
        server: OwnPostgres = request.getfixturevalue("postgres")
        name = f"released_{uuid4().hex}"
        server.run(f"CREATE DATABASE {name}")
        database = Database(server.url_of(name))
    yield database
    database.close()
