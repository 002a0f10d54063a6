"""A person may choose to have a request sent although few families are like it"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As SQL: SQLite adds such a column in place.
    op.execute("ALTER TABLE release_wait ADD COLUMN least INTEGER")
