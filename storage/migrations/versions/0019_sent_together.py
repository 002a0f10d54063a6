"""Requests to one recipient go out together: which wait for the next sending"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lined_up",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.PrimaryKeyConstraint("referral_id", "recipient"),
    )
    op.create_index("ix_lined_up_recipient", "lined_up", ["recipient"], unique=False)
