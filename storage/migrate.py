"""Brings a database to the newest schema, and tells whether it has it."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from storage.database import Database


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, *, to: str = "head") -> None:
    """Bring the schema forward; one transaction."""
    with database.engine.execution_options(writing=True).begin() as connection:
        command.upgrade(_config(connection), to)


def draft(message: str, version: str, *, folder: Path) -> None:
    """Write the migration from the newest schema to what the code describes now, for a person to read and mend."""
    database = Database(f"sqlite:///{folder / 'draft.sqlite'}")
    migrate(database)
    with database.engine.execution_options(writing=True).connect() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=version)


@cache
def newest_version() -> str | None:
    """The version that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def version_of(database: Database) -> str | None:
    """The version that a database has; None when it has none."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def knows(version: str) -> bool:
    """Whether this code has heard of a version."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(version) is not None
    except CommandError:
        return False
