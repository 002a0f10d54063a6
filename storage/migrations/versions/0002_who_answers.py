"""Who answers: what a question is about, to whom it was passed on, and who stands in for whom"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Whoever flagged a family may not sign it off, and neither may their deputy. Days are counted in UTC.
FLAGGED_IT = """
    NEW.kind = 'sign_off' AND EXISTS (
        SELECT 1 FROM referral WHERE referral.id = NEW.referral_id AND (
            referral.flagged_by IN (NEW.contact_id, NEW.answered_by) OR EXISTS (
                SELECT 1 FROM deputy
                WHERE deputy.party = NEW.asked_of AND deputy.contact_id = referral.flagged_by
                AND deputy.deputy_id IN (NEW.contact_id, NEW.answered_by)
                AND {day} BETWEEN deputy.from_day AND deputy.until_day)))
"""
# A reminder must pass, although somebody became the deputy of whoever flagged the family after they were asked.
WHO_ANSWERS_CHANGES = """
    (NEW.contact_id {differs} OLD.contact_id OR NEW.answered_by {differs} OLD.answered_by
    OR NEW.standing {differs} OLD.standing)
"""
ON_SQLITE = "date(COALESCE(NEW.answered_at, NEW.asked_at))"
ON_POSTGRESQL = "(COALESCE(NEW.answered_at, NEW.asked_at) AT TIME ZONE 'UTC')::date"


# An offer and the question whether it is approved were written together, one for one.
EACH_APPROVAL_HAS_ITS_OFFER = """
    UPDATE question SET offer_id = (
        SELECT offer.id FROM offer WHERE offer.referral_id = question.referral_id AND (
            SELECT COUNT(*) FROM offer AS earlier
            WHERE earlier.referral_id = offer.referral_id AND earlier.id <= offer.id
        ) = (
            SELECT COUNT(*) FROM question AS approval
            WHERE approval.referral_id = question.referral_id AND approval.kind = 'approval'
            AND approval.id <= question.id))
    WHERE kind IN ('approval', 'acceptance', 'move_in')
"""

TELLINGS = (
    "sign_off_requested", "offer_requested", "approval_requested", "acceptance_requested", "move_in_requested",
    "answer_reminder", "answer_overdue", "digest", "request_recalled", "family_housed", "referral_stopped",
    "not_referred", "receipt", "reserve", "release", "disclose", "recall", "posting",
)


def let_the_outbox_hold_more_letters() -> None:
    """A list of words is part of its column, and SQLite changes no column: the table is written anew there."""
    words = ", ".join(f"'{word}'" for word in TELLINGS)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox DROP CONSTRAINT outbox_telling")
        op.execute(f"ALTER TABLE outbox ADD CONSTRAINT outbox_telling CHECK (telling IN ({words}))")
        return
    for index in ("ix_outbox_referral_id", "outbox_waiting"):
        op.drop_index(index, "outbox")
    op.rename_table("outbox", "outbox_before")
    op.execute(
        "CREATE TABLE outbox (id INTEGER NOT NULL PRIMARY KEY,"
        f" telling VARCHAR(32) NOT NULL CONSTRAINT outbox_telling CHECK (telling IN ({words})),"
        " lane VARCHAR NOT NULL, key VARCHAR NOT NULL UNIQUE, addressee VARCHAR NOT NULL,"
        " referral_id INTEGER REFERENCES referral (id), question_id INTEGER REFERENCES question (id),"
        " offer_id INTEGER REFERENCES offer (id), entry_id INTEGER REFERENCES ledger_entry (id),"
        " receipt_id INTEGER REFERENCES flag_receipt (id), created_at DATETIME NOT NULL,"
        " standing VARCHAR(32) NOT NULL CONSTRAINT outbox_standing"
        " CHECK (standing IN ('waiting', 'delivered', 'moot', 'refused')),"
        " last_error VARCHAR, ended_at DATETIME)"
    )
    columns = (
        "id, telling, lane, key, addressee, referral_id, question_id, offer_id, entry_id, receipt_id, created_at,"
        " standing, last_error, ended_at"
    )
    op.execute(f"INSERT INTO outbox ({columns}) SELECT {columns} FROM outbox_before")
    op.drop_table("outbox_before")
    op.create_index("ix_outbox_referral_id", "outbox", ["referral_id"])
    op.create_index("outbox_waiting", "outbox", ["lane", "id"], sqlite_where=sa.text("standing = 'waiting'"))


def keep_four_eyes() -> None:
    """Let the database itself refuse a second person who is the first."""
    if op.get_bind().dialect.name == "sqlite":
        for event, matters in (("INSERT", "TRUE"), ("UPDATE", WHO_ANSWERS_CHANGES.format(differs="IS NOT"))):
            op.execute(
                f"CREATE TRIGGER question_four_eyes_{event.lower()} BEFORE {event} ON question "
                f"WHEN {matters} AND {FLAGGED_IT.format(day=ON_SQLITE)} AND NEW.standing IN ('open', 'answered') "
                "BEGIN SELECT RAISE(ABORT, 'four eyes: who flagged a family cannot sign it off'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION keep_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {FLAGGED_IT.format(day=ON_POSTGRESQL)} AND NEW.standing IN ('open', 'answered') THEN "
        "RAISE EXCEPTION 'four eyes: who flagged a family cannot sign it off' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    matters = WHO_ANSWERS_CHANGES.format(differs="IS DISTINCT FROM")
    for event, when in (("INSERT", ""), ("UPDATE", f"WHEN ({matters}) ")):
        op.execute(
            f"CREATE TRIGGER question_four_eyes_{event.lower()} BEFORE {event} ON question "
            f"FOR EACH ROW {when}EXECUTE FUNCTION keep_four_eyes()"
        )


def upgrade() -> None:
    # As SQL: SQLite adds a column with its rules in place, and other tables refer to this one meanwhile.
    moment = UtcDateTime().compile(op.get_bind().dialect)
    for column in (
        "offer_id INTEGER REFERENCES offer (id)",
        "passed_to VARCHAR",
        "passed_by VARCHAR(32) CONSTRAINT question_passed_by"
        " CHECK (passed_by IN ('addressee', 'deputy_rule', 'staff'))",
        f"passed_at {moment}",
        "deputy_for VARCHAR",
        "answered_by VARCHAR",
        "unreached VARCHAR(32) CONSTRAINT question_unreached CHECK (unreached IN ('bounced', 'away'))",
        f"unreached_at {moment}",
        f"last_reminded_at {moment}",
        f"escalated_at {moment}",
    ):
        op.execute(f"ALTER TABLE question ADD COLUMN {column}")
    op.execute(EACH_APPROVAL_HAS_ITS_OFFER)
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("deputy_id", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deputy_party", "deputy", ["party"], unique=False)
    op.create_table(
        "digest",
        sa.Column("addressee", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("addressee", "day"),
    )
    op.create_table(
        "sealing_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "comment",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["sealing_key.key_id"]),
        sa.PrimaryKeyConstraint("question_id"),
    )
    op.create_table(
        "tally",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_tally_until", "tally", ["until"], unique=False)
    op.create_table(
        "login_attempt",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash"),
    )
    op.create_table(
        "sitting",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash"),
    )
    let_the_outbox_hold_more_letters()
    keep_four_eyes()
