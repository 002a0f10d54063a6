"""As it was written, a name of an area is kept until it is answered; and a printed letter is known by its row"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE area_name SET written = '' WHERE said_at IS NOT NULL")
    op.execute(
        "UPDATE outbox SET last_error = 'letter_printed' WHERE standing = 'by_hand' AND EXISTS ("
        " SELECT 1 FROM history_line WHERE history_line.referral_id = outbox.referral_id"
        " AND history_line.deed = 'letter_printed' AND history_line.reason = outbox.telling"
        " AND history_line.at >= outbox.created_at)"
    )
    # What the list says of such a letter is another thing from now on.
    op.execute(
        "UPDATE attention_item SET code = 'letter_printed' WHERE code = 'letter_by_hand' AND closed_at IS NULL"
        " AND subject IN (SELECT 'letter:' || id FROM outbox WHERE last_error = 'letter_printed')"
    )
