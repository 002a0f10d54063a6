"""The invoices that were written, and what their buyers say of them"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

FORMS = ("peppol_bis_3", "oioubl_2_1")
VERDICTS = ("accepted", "rejected", "received", "under_query")
STATES = ("written", "received", "under_query", "accepted", "rejected", "replaced")


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("buyer_gln", sa.String(), nullable=False),
        sa.Column("form", _one_of(FORMS, "invoice_form"), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["settled_payment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("payment_id", "attempt"),
    )
    op.create_table(
        "invoice_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("name_digest", sa.String(), nullable=False),
        sa.Column("meaning_digest", sa.String(), nullable=False),
        sa.Column("verdict", _one_of(VERDICTS, "invoice_verdict"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("state", _one_of(STATES, "invoice_state"), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "name_digest"),
    )
    for table in ("invoice", "invoice_response"):
        keep_append_only(table)


def _one_of(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
