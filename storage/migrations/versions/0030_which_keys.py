"""Which keys the installation uses: a check value of each, so that a wrong one is noticed"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("since", storage.columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
