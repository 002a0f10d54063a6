"""Claims under an agreement's guarantees, and what was answered to them"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only
from storage.migrations.in_place import let_hold

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KINDS = (
    "sign_off", "fewer_alike", "offer", "approval", "acceptance", "move_in", "month", "claim", "claim_second",
)  # fmt: skip
TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "acceptance_recorded", "move_in_requested", "month_requested", "claim_requested", "claim_second_requested",
    "claim_answered", "answer_reminder", "answer_on_page", "answer_overdue", "digest", "request_recalled",
    "family_housed", "referral_stopped", "not_referred", "audit_checkpoint", "receipt", "reserve", "release",
    "disclose", "recall", "hand_over", "take_back", "posting",
)  # fmt: skip
# That it was another person says UNIQUE (claim_id, answered_by).
COMES_TOO_SOON = """
    NEW.number = 2 AND NOT EXISTS (
        SELECT 1 FROM claim_answered AS first
        WHERE first.claim_id = NEW.claim_id AND first.number = 1 AND first.answer = 'yes')
    OR NEW.number = 2 AND NEW.answer = 'withdrawn'
"""
TOLD = "a second answer to a claim follows a first yes"


def upgrade() -> None:
    let_hold("question", "question_kind", "kind", KINDS)
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("agreement_version_id", sa.Integer(), nullable=False),
        sa.Column("claimant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("evidence_number", sa.String(), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=False),
        sa.CheckConstraint("amount_ore > 0", name="claim_above_zero"),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"]),
        sa.ForeignKeyConstraint(["agreement_version_id"], ["agreement_version.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claimant", "key"),
        sa.UniqueConstraint("referral_id", "rule", "number"),
    )
    keep_append_only("claim")
    op.create_table(
        "claim_answered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", _one_of("claim_answer", "yes", "no", "withdrawn"), nullable=False),
        sa.Column("reason", _one_of("claim_no", "evidence_missing", "not_covered", "amount_too_high"), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number IN (1, 2)", name="claim_answered_twice"),
        sa.CheckConstraint("(answer = 'no') = (reason IS NOT NULL)", name="claim_no_has_a_reason"),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_id", "number"),
        sa.UniqueConstraint("claim_id", "answered_by"),
    )
    keep_append_only("claim_answered")
    _refuse_too_soon()


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _refuse_too_soon() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER claim_answered_in_order BEFORE INSERT ON claim_answered WHEN {COMES_TOO_SOON} "
            f"BEGIN SELECT RAISE(ABORT, '{TOLD}'); END"
        )
        return
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(
        "CREATE FUNCTION claim_answered_in_order() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = {schema}, pg_temp "
        f"AS $$ BEGIN IF {COMES_TOO_SOON} THEN RAISE EXCEPTION '{TOLD}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER claim_answered_in_order AFTER INSERT ON claim_answered FOR EACH ROW "
        "EXECUTE FUNCTION claim_answered_in_order()"
    )
