"""The families' keys leave for a database of their own; comments rest under them; shredding has its certificate"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The keys themselves are taken out by `storage.vault.take_keys_out`, because they go to another database.
    with op.batch_alter_table("vault_entry") as table:
        table.alter_column("key_id", existing_type=sa.String(), nullable=True)
        table.alter_column("sealed_key", existing_type=sa.LargeBinary(), nullable=True)
    with op.batch_alter_table("comment") as table:
        table.alter_column("key_id", existing_type=sa.String(), nullable=True)
    op.create_table(
        "shredding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("key_destroyed_at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("referral_id"),
    )
    keep_append_only("shredding")
