"""A table's rules changed where it stands: other tables may refer to it."""

import re
from collections.abc import Iterable

from alembic import op


def let_hold(table: str, constraint: str, column: str, words: Iterable[str]) -> None:
    """Let a column hold these words and no others."""
    listed = ", ".join(f"'{word}'" for word in words)
    rule = f"{column} IN ({listed})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({rule})")
        return
    rewrite(table, rf"(CONSTRAINT {constraint} CHECK \()[^()]*\([^()]*\)", rf"\g<1>{rule}")


def let_refer_to_anything(table: str, column: str, to: str) -> None:
    """Let a column hold what the table it refers to may not have."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey")
        return
    rewrite(table, rf",\s*FOREIGN KEY\s*\({column}\) REFERENCES {to} \(\w+\)", "")


def rewrite(table: str, pattern: str, by: str) -> None:
    """Change the one place of a table's definition, in SQLite's own way (its manual, ALTER TABLE, section 7)."""
    connection, named = op.get_bind(), {"name": table}
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = :name", named).scalar_one()
    after, found = re.subn(pattern, by, before)
    if found != 1:
        raise LookupError(f"{table}: {pattern} stands there {found} times")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_schema SET sql = :sql WHERE name = :name", named | {"sql": after})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
