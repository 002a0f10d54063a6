"""A login comes back at the address with which it began"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that are under way began with the one address that there was. As SQL: SQLite adds such a column in place.
    op.execute("ALTER TABLE login_attempt ADD COLUMN back VARCHAR NOT NULL DEFAULT '/login/back'")
