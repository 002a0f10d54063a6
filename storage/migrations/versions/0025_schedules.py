"""What runs by itself is remembered: who runs it now, when it last came to its end, and by when it must have again"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("due_by", UtcDateTime(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=True),
        sa.Column("kept_until", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
