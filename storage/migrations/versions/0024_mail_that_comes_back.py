"""Who answers by mail is told where to answer, and how far the mailbox has been looked through is remembered"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.in_place import let_hold

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "acceptance_recorded", "move_in_requested", "answer_reminder", "answer_on_page", "answer_overdue", "digest",
    "request_recalled", "family_housed", "referral_stopped", "not_referred", "audit_checkpoint", "receipt", "reserve",
    "release", "disclose", "recall", "hand_over", "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "mailbox_mark",
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("there_before", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox"),
    )
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
