"""When a worker last was there to run a schedule, and whether its time was put off once because none was"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedule", sa.Column("seen_at", storage.columns.UtcDateTime(), nullable=True))
    op.add_column("schedule", sa.Column("put_off", sa.Boolean(), server_default=sa.false(), nullable=False))
