"""Parties are asked whether they approve a settled month; answers about no case are looked for"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.in_place import let_hold

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KINDS = ("sign_off", "fewer_alike", "offer", "approval", "acceptance", "move_in", "month")
TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "acceptance_recorded", "move_in_requested", "month_requested", "answer_reminder", "answer_on_page",
    "answer_overdue", "digest", "request_recalled", "family_housed", "referral_stopped", "not_referred",
    "audit_checkpoint", "receipt", "reserve", "release", "disclose", "recall", "hand_over", "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    let_hold("question", "question_kind", "kind", KINDS)
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
    waits = sa.text("settled_at IS NULL AND subject IS NOT NULL")
    op.create_index("question_of_no_case_waits", "question", ["id"], sqlite_where=waits, postgresql_where=waits)
