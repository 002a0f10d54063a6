"""Cases that were moved to another version of their agreement"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_migration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to_version_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["to_version_id"], ["agreement_version.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    keep_append_only("agreement_migration")
    op.create_table(
        "migrated_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("migration_id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("from_version_id", sa.Integer(), nullable=False),
        sa.Column("to_version_id", sa.Integer(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["from_version_id"], ["agreement_version.id"]),
        sa.ForeignKeyConstraint(["migration_id"], ["agreement_migration.id"]),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.ForeignKeyConstraint(["to_version_id"], ["agreement_version.id"]),
        sa.ForeignKeyConstraint(["undoes_id"], ["migrated_case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("undoes_id"),
    )
    op.create_index("ix_migrated_case_migration_id", "migrated_case", ["migration_id"])
    op.create_index("ix_migrated_case_referral_id", "migrated_case", ["referral_id"])
    keep_append_only("migrated_case")
