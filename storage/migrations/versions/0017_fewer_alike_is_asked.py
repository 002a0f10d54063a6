"""A caseworker is asked whether a request may be sent with fewer alike; staff are not"""

from alembic import op

from storage.migrations.in_place import let_hold

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KINDS = ("sign_off", "fewer_alike", "offer", "approval", "acceptance", "move_in")
TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "move_in_requested", "answer_reminder", "answer_overdue", "digest", "request_recalled", "family_housed",
    "referral_stopped", "not_referred", "audit_checkpoint", "receipt", "reserve", "release", "disclose", "recall",
    "hand_over", "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    let_hold("question", "question_kind", "kind", KINDS)
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
    # Those requests still wait, and their caseworkers are asked the next time that they are looked at.
    op.execute(
        "UPDATE attention_item SET closed_at = opened_at, closed_by = 'platform'"
        " WHERE code = 'too_few_alike' AND closed_at IS NULL"
    )
