"""Who a family is may be told to several parties: the association and the municipality that it moves to"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.in_place import let_hold

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TELLINGS = (
    "sign_off_requested", "offer_requested", "approval_requested", "acceptance_requested", "move_in_requested",
    "answer_reminder", "answer_overdue", "digest", "request_recalled", "family_housed", "referral_stopped",
    "not_referred", "audit_checkpoint", "receipt", "reserve", "release", "disclose", "recall", "hand_over",
    "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("disclosure_offer_id_key", "disclosure", type_="unique")
        op.create_unique_constraint("disclosure_offer_id_to_party_key", "disclosure", ["offer_id", "to_party"])
        return
    # SQLite cannot let go of a rule that has no name: the table, to which none refers, is written anew.
    op.rename_table("disclosure", "disclosure_before")
    op.drop_index("ix_disclosure_referral_id", "disclosure_before")
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("to_party", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("disclosed_at", UtcDateTime()),
        sa.Column("recalled_at", UtcDateTime()),
        sa.Column("deletion_confirmed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id", "to_party"),
    )
    op.execute("INSERT INTO disclosure SELECT * FROM disclosure_before")
    op.drop_table("disclosure_before")
    op.create_index("ix_disclosure_referral_id", "disclosure", ["referral_id"])
