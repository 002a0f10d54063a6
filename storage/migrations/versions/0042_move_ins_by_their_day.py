"""Move-ins are found by their day: the families of a year are counted for each"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_move_in_moved_in_on", "move_in", ["moved_in_on"])
