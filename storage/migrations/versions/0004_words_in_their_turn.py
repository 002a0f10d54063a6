"""A vacancy's words are checked one after another: SQLite builds a table anew for each row and list of more than two"""

import re

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTED = re.compile(r"CHECK \((?P<column>letting|standing) IN \((?P<words>[^)]*)\)\)")


def one_after_another(listed: re.Match[str]) -> str:
    """The same check, a comparison for each word."""
    words = listed["words"].split(", ")
    return f"CHECK ({' OR '.join(listed['column'] + ' = ' + word for word in words)})"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    # SQLite's own way to change a check in place (its manual, ALTER TABLE, section 7): offers refer to this table.
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'vacancy'").scalar_one()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    after = LISTED.sub(one_after_another, before)
    connection.exec_driver_sql("UPDATE sqlite_schema SET sql = ? WHERE name = 'vacancy'", (after,))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
