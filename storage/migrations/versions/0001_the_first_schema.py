"""The first schema"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("history_line", "booking", "ledger_entry", "vault_opening")


def upgrade() -> None:
    op.create_table(
        "agreement_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "version"),
    )
    op.create_table(
        "feed_night",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("appeared", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("kept_aside", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_feed_night_association", "feed_night", ["association"], unique=False)

    op.create_table(
        "lane",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", UtcDateTime(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "municipality",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "partner_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_current_partner",
        "partner_version",
        ["party"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )

    op.create_table(
        "reference_counter",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )
    op.create_table(
        "row_kept_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("association", "raw"),
    )
    op.create_table(
        "vault_entry",
        sa.Column("case_key", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_identity", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_key"),
    )
    op.create_table(
        "vault_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_key", sa.String(), nullable=False),
        sa.Column(
            "door",
            sa.Enum(
                "address_family",
                "senders_own_view",
                "disclosure",
                "right_of_access",
                name="vault_door",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_for", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_vault_opening_case_key", "vault_opening", ["case_key"], unique=False)

    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality"],
            ["municipality.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("municipality", "name"),
    )
    op.create_table(
        "area_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("published", sa.Date(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=True),
        sa.Column("outside_labour_market_pct", sa.Float(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("residents IS NULL OR residents >= 0", name="residents_not_negative"),
        sa.ForeignKeyConstraint(
            ["area_id"],
            ["area.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area_id", "published"),
    )
    op.create_table(
        "area_listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "parallel_society",
                "transformation",
                "vulnerable",
                "combined_letting",
                name="area_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("published", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"],
            ["area.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area_id", "status", "published"),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("case_key", sa.String(length=32), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "seeking",
                "proposed",
                "approved",
                "accepted",
                "housed",
                "closed",
                "withdrawn",
                name="referral_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_since", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("agreement_version_id", sa.Integer(), nullable=False),
        sa.Column("sending_municipality", sa.String(), nullable=False),
        sa.Column("flag_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("flagged_by", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("consent_given_on", sa.Date(), nullable=False),
        sa.Column("consent_given_to", sa.String(), nullable=False),
        sa.Column(
            "language",
            sa.Enum("da", "en", name="referral_language", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "answers_by",
            sa.Enum(
                "letter", "caseworker", name="referral_answers_by", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("from_area_id", sa.Integer(), nullable=True),
        sa.Column("outside_labour_market", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("rooms_min", sa.Integer(), nullable=False),
        sa.Column("rent_max_monthly_ore", sa.Integer(), nullable=False),
        sa.Column("move_in_from", sa.Date(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("parked_until", UtcDateTime(), nullable=True),
        sa.Column(
            "stop_requested",
            sa.Enum(
                "consent_withdrawn",
                "case_withdrawn",
                name="referral_stop_requested",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("moved_out_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("persons BETWEEN 1 AND 20", name="persons_in_range"),
        sa.CheckConstraint("rent_max_monthly_ore > 0", name="rent_positive"),
        sa.CheckConstraint("rooms_min BETWEEN 1 AND 10", name="rooms_in_range"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.ForeignKeyConstraint(
            ["agreement_version_id"],
            ["agreement_version.id"],
        ),
        sa.ForeignKeyConstraint(
            ["from_area_id"],
            ["area.id"],
        ),
        sa.ForeignKeyConstraint(
            ["sending_municipality"],
            ["municipality.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_key"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("sending_municipality", "flag_id"),
    )
    op.create_index(
        "one_open_referral_a_case",
        "referral",
        ["sending_municipality", "case_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
        postgresql_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
    )
    op.create_index("referral_due", "referral", ["status", "due_at"], unique=False)
    op.create_index("referral_due_at", "referral", ["due_at"], unique=False)

    op.create_table(
        "vacancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("size_m2", sa.Integer(), nullable=False),
        sa.Column("rent_monthly_ore", sa.Integer(), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column(
            "letting",
            sa.Enum(
                "ordinary",
                "flexible_letting",
                "municipal_assignment",
                name="vacancy_letting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "standing",
            sa.Enum(
                "available",
                "reserved",
                "let",
                "withdrawn",
                name="vacancy_standing_word",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reserved_until", UtcDateTime(), nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("nights_missed", sa.Integer(), nullable=False),
        sa.CheckConstraint("(standing = 'reserved') = (reserved_until IS NOT NULL)", name="vacancy_reserved_until"),
        sa.CheckConstraint("rent_monthly_ore > 0", name="vacancy_rent_positive"),
        sa.CheckConstraint("rooms BETWEEN 1 AND 12", name="vacancy_rooms_in_range"),
        sa.CheckConstraint("size_m2 > 0", name="vacancy_size_positive"),
        sa.ForeignKeyConstraint(
            ["area_id"],
            ["area.id"],
        ),
        sa.ForeignKeyConstraint(
            ["municipality"],
            ["municipality.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("association", "external_id"),
    )
    op.create_index("vacancy_standing", "vacancy", ["standing", "municipality"], unique=False)

    op.create_table(
        "attention_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attention_item_referral_id", "attention_item", ["referral_id"], unique=False)
    op.create_index(
        "one_open_item",
        "attention_item",
        ["subject", "code"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )

    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column(
            "effect",
            sa.Enum(
                "none",
                "park",
                "exclude_home",
                "exclude_association",
                "exclude_municipality",
                "reassess",
                "close",
                name="exclusion_effect",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("referral_id", "effect", "value"),
    )
    op.create_index("ix_exclusion_referral_id", "exclusion", ["referral_id"], unique=False)

    op.create_table(
        "flag_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("flag_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality"],
            ["municipality.code"],
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("municipality", "flag_id"),
    )
    op.create_table(
        "history_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "received",
                "seeking",
                "proposed",
                "approved",
                "accepted",
                "housed",
                "closed",
                "withdrawn",
                name="history_from_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "received",
                "seeking",
                "proposed",
                "approved",
                "accepted",
                "housed",
                "closed",
                "withdrawn",
                name="history_to_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("flow_run_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_history_line_referral_id", "history_line", ["referral_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("reserved_until", UtcDateTime(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "live", "released", "taken", name="offer_standing", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_offer_a_family",
        "offer",
        ["referral_id"],
        unique=True,
        sqlite_where=sa.text("standing IN ('live', 'taken')"),
        postgresql_where=sa.text("standing IN ('live', 'taken')"),
    )
    op.create_index(
        "one_offer_a_home",
        "offer",
        ["vacancy_id"],
        unique=True,
        sqlite_where=sa.text("standing IN ('live', 'taken')"),
        postgresql_where=sa.text("standing IN ('live', 'taken')"),
    )

    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "sign_off",
                "offer",
                "approval",
                "acceptance",
                "move_in",
                name="question_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_of", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.Column(
            "standing",
            sa.Enum(
                "open",
                "answered",
                "overdue",
                "revoked",
                name="question_standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("remind_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "yes", "no", "withdraw", name="question_answer", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("vacancy_id", sa.Integer(), nullable=True),
        sa.Column(
            "given_by",
            sa.Enum(
                "meeting",
                "phone",
                "letter",
                name="question_given_by",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_question_referral_id", "question", ["referral_id"], unique=False)
    op.create_index(
        "one_open_question",
        "question",
        ["referral_id", "kind", "asked_of"],
        unique=True,
        sqlite_where=sa.text("standing = 'open'"),
        postgresql_where=sa.text("standing = 'open'"),
    )
    op.create_index("question_waiting", "question", ["standing", "answer_by"], unique=False)

    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("move_in", "reversal", name="booking_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_its_booking"),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["booking.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id", "kind"),
    )
    op.create_index("ix_booking_referral_id", "booking", ["referral_id"], unique=False)

    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("to_party", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("disclosed_at", UtcDateTime(), nullable=True),
        sa.Column("recalled_at", UtcDateTime(), nullable=True),
        sa.Column("deletion_confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id"),
    )
    op.create_index("ix_disclosure_referral_id", "disclosure", ["referral_id"], unique=False)

    op.create_table(
        "suggested_home",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
        ),
        sa.PrimaryKeyConstraint("question_id", "vacancy_id"),
    )
    op.create_index("ix_suggested_home_vacancy_id", "suggested_home", ["vacancy_id"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_ore", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_ore <> 0", name="amount_not_zero"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ledger_entry_booking_id", "ledger_entry", ["booking_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "telling",
            sa.Enum(
                "sign_off_requested",
                "offer_requested",
                "approval_requested",
                "acceptance_requested",
                "move_in_requested",
                "answer_reminder",
                "request_recalled",
                "family_housed",
                "referral_stopped",
                "not_referred",
                "receipt",
                "reserve",
                "release",
                "disclose",
                "recall",
                "posting",
                name="outbox_telling",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("addressee", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "waiting",
                "delivered",
                "moot",
                "refused",
                name="outbox_standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entry.id"],
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["flag_receipt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_outbox_referral_id", "outbox", ["referral_id"], unique=False)
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["lane", "id"],
        unique=False,
        sqlite_where=sa.text("standing = 'waiting'"),
        postgresql_where=sa.text("standing = 'waiting'"),
    )

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in APPEND_ONLY:
        keep_append_only(table)
