"""Move-ins are found by their day, and bookings by theirs in the order in which they were made"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_move_in_moved_in_on", "move_in", ["moved_in_on"])
    op.drop_index("ix_booking_entry_date", "booking")
    op.create_index("booking_by_day", "booking", ["entry_date", "id"])
