"""A caseworker is told that a family waits because a yearly ceiling is reached"""

from storage.migrations.in_place import let_hold

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "acceptance_recorded", "move_in_requested", "month_requested", "claim_requested", "claim_second_requested",
    "claim_answered", "answer_reminder", "answer_on_page", "answer_overdue", "digest", "request_recalled",
    "family_housed", "referral_stopped", "not_referred", "referred_by_one", "home_not_approved", "ceiling_reached",
    "audit_checkpoint", "receipt", "reserve", "release", "disclose", "recall", "hand_over", "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
