"""A column that may hold more words than before."""

import re
from collections.abc import Iterable

from alembic import op


def let_hold(table: str, constraint: str, column: str, words: Iterable[str]) -> None:
    """Let a column hold these words and no others, in place: other tables may refer to its table."""
    rule = f"{column} IN ({', '.join(f"'{word}'" for word in words)})"
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({rule})")
        return
    # SQLite's own way (its manual, ALTER TABLE, section 7).
    named = {"name": table}
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = :name", named).scalar_one()
    after, found = re.subn(rf"(CONSTRAINT {constraint} CHECK \()[^()]*\([^()]*\)", rf"\g<1>{rule}", before)
    if found != 1:
        raise LookupError(f"{table} has no {constraint}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_schema SET sql = :sql WHERE name = :name", named | {"sql": after})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
