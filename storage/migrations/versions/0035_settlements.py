"""Settlements of closed months, and what the parties pay each other by them; amounts in 64 bits"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only
from storage.migrations.in_place import rewrite

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("ledger_entry", "posted_before"):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"ALTER TABLE {table} ALTER COLUMN amount_ore TYPE BIGINT")
        else:
            rewrite(table, "amount_ore INTEGER", "amount_ore BIGINT")
    op.create_index("ix_booking_entry_date", "booking", ["entry_date"])
    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("last_day"),
    )
    keep_append_only("settlement")
    op.create_table(
        "settled_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("netted", sa.Boolean(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payee", sa.String(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("settlement_id", "netted", "payer", "payee"),
    )
    keep_append_only("settled_payment")
