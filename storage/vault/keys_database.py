"""The database in which the families' data keys are kept: its tables, and how it is opened."""

from collections.abc import Callable

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, inspect

from domain.errors import TilflytError
from storage.columns import UtcDateTime
from storage.database import Database
from storage.dialect import one_at_a_time, overwrite_what_is_deleted

# Separate from the platform's tables: this is another database, and may be on another server.
KEPT = MetaData()
DATA_KEY = Table(
    "data_key",
    KEPT,
    Column("case_key", String(32), primary_key=True),
    Column("key_id", String(32), nullable=False, index=True),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime(), nullable=False),
)
DESTROYED_KEY = Table(
    "destroyed_key",
    KEPT,
    Column("case_key", String(32), primary_key=True),
    Column("destroyed_at", UtcDateTime(), nullable=False),
)


class NoKeys(TilflytError):
    """The keys' database has none of its tables."""

    code = "not_installed"


def opened_keys(url: str, *, must_be_there: Callable[[], object] | None) -> Database:
    """Open it, with its tables made where they are not there.

    With `must_be_there`, which raises when the database is not, nothing is made: `NoKeys` when a table is missing.
    """
    if must_be_there is not None:
        must_be_there()
    database = Database(url)
    overwrite_what_is_deleted(database.engine)
    if must_be_there is not None:
        if lacking := sorted(KEPT.tables.keys() - set(inspect(database.engine).get_table_names())):
            database.close()
            raise NoKeys(f"the keys' database has no table {lacking[0]}: run `tilflyt migrate`, or look where it is")
        return database
    with database.writing() as session:
        # Several processes may start at once, and look for the tables at the same moment.
        one_at_a_time(session, "data_key")
        KEPT.create_all(session.connection())
    return database
