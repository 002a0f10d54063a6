"""A home that its association says is gone while a family holds it"""

from alembic import op

from storage.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As SQL: SQLite adds such a column in place, and offers refer to this table.
    op.execute(f"ALTER TABLE vacancy ADD COLUMN gone_at {UtcDateTime().compile(op.get_bind().dialect)}")
