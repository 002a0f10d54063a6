"""Indexes by which the families of a year are counted, for an agreement's ceilings"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    housed = sa.text("to_status = 'housed'")
    op.create_index("history_housed", "history_line", ["at"], sqlite_where=housed, postgresql_where=housed)
    op.create_index("offer_of_case", "offer", ["referral_id"])
