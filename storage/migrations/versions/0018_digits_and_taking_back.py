"""A link alone answers only with the digits of its letter, and a family may take its yes back before it is disclosed"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.in_place import let_hold

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PASSED_BY = ("addressee", "deputy_rule", "staff", "wrong_digits", "protection")
TELLINGS = (
    "sign_off_requested", "fewer_alike_requested", "offer_requested", "approval_requested", "acceptance_requested",
    "acceptance_recorded", "move_in_requested", "answer_reminder", "answer_overdue", "digest", "request_recalled",
    "family_housed", "referral_stopped", "not_referred", "audit_checkpoint", "receipt", "reserve", "release",
    "disclose", "recall", "hand_over", "take_back", "posting",
)  # fmt: skip


def upgrade() -> None:
    moment = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    # As SQL: SQLite adds such columns in place.
    op.execute("ALTER TABLE question ADD COLUMN wrong_digits INTEGER NOT NULL DEFAULT 0")
    op.execute(f"ALTER TABLE question ADD COLUMN taken_back_at {moment}")
    op.execute(f"ALTER TABLE referral ADD COLUMN disclosure_due_at {moment}")
    let_hold("question", "question_passed_by", "passed_by", PASSED_BY)
    let_hold("outbox", "outbox_telling", "telling", TELLINGS)
    _write_again_to_whom_it_waits_for()
    _forget_links_of_the_shredded()


def _write_again_to_whom_it_waits_for() -> None:
    """Letters that were sent before hold no digits: each open question is reminded of once, by the same way."""
    connection = op.get_bind()
    letters = connection.execute(
        sa.text(
            "SELECT lane, addressee, referral_id, question_id, offer_id FROM outbox WHERE id IN ("
            "SELECT max(outbox.id) FROM outbox JOIN question ON question.id = outbox.question_id"
            " WHERE question.standing = 'open' AND outbox.telling LIKE '%\\_requested' ESCAPE '\\'"
            " AND outbox.standing = 'delivered' GROUP BY question.id) ORDER BY id"
        )
    ).mappings()
    now = datetime.now(UTC)
    again = [dict(letter) | {"key": uuid4().hex, "now": now} for letter in letters]
    if again:
        insert = sa.text(
            "INSERT INTO outbox (telling, lane, key, addressee, referral_id, question_id, offer_id, created_at, standing)"
            " VALUES ('answer_reminder', :lane, :key, :addressee, :referral_id, :question_id, :offer_id, :now,"
            " 'waiting')"
        ).bindparams(sa.bindparam("now", type_=UtcDateTime()))
        connection.execute(insert, again)


def _forget_links_of_the_shredded() -> None:
    op.execute(
        "UPDATE question SET token_hash = 'shredded ' || id WHERE referral_id IN (SELECT referral_id FROM shredding)"
    )
