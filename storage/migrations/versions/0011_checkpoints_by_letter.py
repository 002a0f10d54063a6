"""Every party is sent the audit chain's checkpoints"""

from alembic import op

from storage.migrations.in_place import let_hold

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TELLINGS = (
    "sign_off_requested", "offer_requested", "approval_requested", "acceptance_requested", "move_in_requested",
    "answer_reminder", "answer_overdue", "digest", "request_recalled", "family_housed", "referral_stopped",
    "not_referred", "audit_checkpoint", "receipt", "reserve", "release", "disclose", "recall", "posting",
)  # fmt: skip


def upgrade() -> None:
    # As SQL: SQLite adds such a column in place.
    op.execute("ALTER TABLE outbox ADD COLUMN checkpoint_seq INTEGER REFERENCES audit_checkpoint (seq)")
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
