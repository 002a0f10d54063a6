"""A question may be about something that is no case; of each such thing, too, one of a kind is open at a party"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.in_place import rewrite

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As SQL: SQLite adds such columns in place. Every question that is there is about a case, and stays so.
    rule = "(referral_id IS NULL) <> (subject IS NULL)"
    op.execute(f"ALTER TABLE question ADD COLUMN subject VARCHAR CONSTRAINT question_about_one CHECK ({rule})")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE question ALTER COLUMN referral_id DROP NOT NULL")
    else:
        rewrite("question", r"(referral_id INTEGER) NOT NULL", r"\1")
    # Nothing is written to it for a question about a case.
    open_about_none = sa.text("standing = 'open' AND subject IS NOT NULL")
    op.create_index(
        "one_open_question_of_subject",
        "question",
        ["subject", "kind", "asked_of"],
        unique=True,
        sqlite_where=open_about_none,
        postgresql_where=open_about_none,
    )
