"""A family may want to live in a certain region"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As SQL: SQLite adds such a column in place.
    op.execute("ALTER TABLE referral ADD COLUMN wanted_region VARCHAR")
