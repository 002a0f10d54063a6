"""A keyed digest of the CPR number beside each case, and a door of the vault to make it for the cases there are"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.in_place import let_hold

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

DOORS = ("address_family", "senders_own_view", "disclosure", "right_of_access", "recognition")


def upgrade() -> None:
    op.create_table(
        "person_digest",
        sa.Column("referral_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_with", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index("ix_person_digest_digest", "person_digest", ["digest"])
    let_hold("vault_opening", "vault_door", "door", DOORS)
