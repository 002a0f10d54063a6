"""A consent is a record of its own: what was consented to, how, until when, and how it was withdrawn"""

import json

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.in_place import let_hold

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As domain/consent.py had them when consents became records.
PURPOSE = "a home in another municipality"
RECIPIENTS = [
    "housing associations: the need in bands, without a name",
    "the association and the municipality that the family moves to: who it is, once it has accepted a home",
]
KINDS = ["need of a home", "who the family is", "how it is reached"]
HOW = ("in_writing", "digitally", "orally")
CHILDREN = ("heard", "no_children", "too_young", "would_harm")
WITHDRAWN = ("case_system", "page", "letter", "phone", "in_person", "ended")


def one_of(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_to", sa.String(), nullable=False),
        sa.Column("how", one_of(HOW, "consent_how")),
        sa.Column("children", one_of(CHILDREN, "consent_children")),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.Column("withdrawn", one_of(WITHDRAWN, "consent_withdrawn")),
        sa.Column("withdrawn_by", sa.String()),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consent_referral_id", "consent", ["referral_id"])
    let_hold(
        "referral",
        "referral_stop_requested",
        "stop_requested",
        ("consent_withdrawn", "case_withdrawn", "consent_ended"),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    year_later = "consent_given_on + 365" if postgresql else "date(consent_given_on, '+365 days')"
    in_time = "CURRENT_DATE + 31" if postgresql else "date('now', '+31 days')"
    # How they were given, whether the children were heard and how they were withdrawn was not asked then. Where a case
    # goes on, somebody is warned before its consent ends.
    op.get_bind().execute(
        sa.text(
            "INSERT INTO consent (referral_id, purpose, recipients, kinds, given_on, given_to, ends_on, withdrawn_at,"
            " withdrawn_by) SELECT id, :purpose, :recipients, :kinds, consent_given_on, consent_given_to,"
            f" CASE WHEN status NOT IN ('closed', 'withdrawn') AND {year_later} < {in_time} THEN {in_time}"
            f" ELSE {year_later} END,"
            " CASE WHEN stop_requested = 'consent_withdrawn' THEN status_since END,"
            " CASE WHEN stop_requested = 'consent_withdrawn' THEN 'platform' END"
            " FROM referral ORDER BY id"
        ),
        {"purpose": PURPOSE, "recipients": json.dumps(RECIPIENTS), "kinds": json.dumps(KINDS)},
    )
    op.execute("ALTER TABLE referral DROP COLUMN consent_given_on")
    op.execute("ALTER TABLE referral DROP COLUMN consent_given_to")
