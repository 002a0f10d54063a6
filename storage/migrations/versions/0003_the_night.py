"""The night: feeds with what they told of themselves, loads in staging, quarantine, and what changed in a vacancy"""

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime()


def remember_what_was() -> None:
    """Nights become loads, and rows kept aside go into quarantine."""
    connection = op.get_bind()
    op.execute(
        "INSERT INTO feed_load (id, association, kind, mode, standing, started_at, ended_at, rows, quarantined,"
        " appeared, changed, vanished, why, flow_run_id)"
        " SELECT id, association, 'night', 'full', CASE outcome WHEN 'applied' THEN 'applied' ELSE 'failed' END,"
        " at, at, rows, kept_aside, appeared, changed, vanished,"
        """ CASE outcome WHEN 'applied' THEN '[]' ELSE '["' || outcome || '"]' END""" + as_json(connection) + ","
        " flow_run_id FROM feed_night ORDER BY id"
    )
    if connection.dialect.name == "postgresql":
        op.execute("SELECT setval('feed_load_id_seq', (SELECT COALESCE(MAX(id), 1) FROM feed_load))")
    op.execute(
        "INSERT INTO feed (association, version, last_good_at, last_full_at) SELECT association, 0, MAX(at), MAX(at)"
        " FROM feed_night WHERE outcome = 'applied' GROUP BY association"
    )
    quarantined = sa.table(
        "quarantined_row",
        *(sa.column(name) for name in ("association", "digest", "line", "standing")),
        sa.column("raw", sa.LargeBinary()),
        sa.column("told", sa.JSON()),
        sa.column("reasons", sa.JSON()),
        sa.column("first_seen", MOMENT),
        sa.column("last_seen", MOMENT),
    )
    aside = sa.table(
        "row_kept_aside",
        *(sa.column(name) for name in ("association", "line", "raw")),
        sa.column("reasons", sa.JSON()),
        sa.column("first_seen", MOMENT),
        sa.column("last_seen", MOMENT),
    )
    rows = [dict(row) for row in connection.execute(sa.select(aside)).mappings()]
    for row in rows:
        row["raw"] = row["raw"].encode()
        row |= {"digest": blake2b(row["raw"], digest_size=16).hexdigest(), "standing": "kept", "told": {}}
    if rows:
        connection.execute(sa.insert(quarantined), rows)
    op.drop_table("row_kept_aside")
    op.drop_table("feed_night")


def as_json(connection: sa.Connection) -> str:
    """PostgreSQL takes no text for a document."""
    return "::json" if connection.dialect.name == "postgresql" else ""


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("generated_at", UtcDateTime(), nullable=True),
        sa.Column("stamp_since", UtcDateTime(), nullable=True),
        sa.Column("names_always", sa.JSON(), nullable=True),
        sa.Column("names_ever", sa.JSON(), nullable=True),
        sa.Column("last_good_at", UtcDateTime(), nullable=True),
        sa.Column("last_full_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("association"),
    )
    op.create_table(
        "feed_load",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "night", "push", "replay", name="feed_load_kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("full", "delta", name="feed_load_mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "standing",
            sa.Enum(
                "fetching",
                "ready",
                "held",
                "applied",
                "unchanged",
                "refused",
                "failed",
                "superseded",
                name="feed_load_standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("appeared", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("generated_at", UtcDateTime(), nullable=True),
        sa.Column("names_always", sa.JSON(), nullable=True),
        sa.Column("names_ever", sa.JSON(), nullable=True),
        sa.Column("push_key", sa.String(), nullable=True),
        sa.Column("push_digest", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("flow_run_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("feed_load_of", "feed_load", ["association", "id"], unique=False)
    op.create_index(
        "feed_load_ready",
        "feed_load",
        ["id"],
        unique=False,
        sqlite_where=sa.text("standing = 'ready'"),
        postgresql_where=sa.text("standing = 'ready'"),
    )
    op.create_index(
        "one_held_load",
        "feed_load",
        ["association"],
        unique=True,
        sqlite_where=sa.text("standing = 'held'"),
        postgresql_where=sa.text("standing = 'held'"),
    )
    op.create_index("one_load_a_key", "feed_load", ["association", "push_key"], unique=True)

    op.create_table(
        "field_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("meant", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("association", "field", "written"),
    )
    op.create_table(
        "quarantined_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("association", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "kept",
                "came_right",
                "gone",
                "replayed",
                "dropped",
                name="quarantined_row_standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("association", "digest"),
    )
    op.create_index(
        "quarantined_row_kept",
        "quarantined_row",
        ["association", "id"],
        unique=False,
        sqlite_where=sa.text("standing = 'kept'"),
        postgresql_where=sa.text("standing = 'kept'"),
    )

    op.create_table(
        "staged_vacancy",
        sa.Column("load_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("lbf_number", sa.String(), nullable=True),
        sa.Column("department_number", sa.String(), nullable=True),
        sa.Column("unit_number", sa.String(), nullable=True),
        sa.Column("dar_address_id", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("size_m2", sa.Integer(), nullable=False),
        sa.Column("rent_monthly_ore", sa.Integer(), nullable=False),
        sa.Column("deposit_ore", sa.Integer(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("lift", sa.Boolean(), nullable=True),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("pets", sa.Boolean(), nullable=True),
        sa.Column("persons_min", sa.Integer(), nullable=True),
        sa.Column("persons_max", sa.Integer(), nullable=True),
        sa.Column("letting", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("load_id", "external_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vacancy_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("load_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["load_id"],
            ["feed_load.id"],
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"],
            ["vacancy.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_vacancy_change_vacancy_id", "vacancy_change", ["vacancy_id"], unique=False)

    remember_what_was()
    # As SQL: SQLite adds and drops such columns in place, and offers refer to this table meanwhile.
    for column in (
        "lbf_number VARCHAR",
        "department_number VARCHAR",
        "unit_number VARCHAR",
        "dar_address_id VARCHAR",
        "deposit_ore INTEGER",
        "floor INTEGER",
        "lift BOOLEAN",
        "pets BOOLEAN",
        "persons_min INTEGER",
        "persons_max INTEGER",
        f"pushed_at {MOMENT.compile(op.get_bind().dialect)}",
        f"missing_since {MOMENT.compile(op.get_bind().dialect)}",
    ):
        op.execute(f"ALTER TABLE vacancy ADD COLUMN {column}")
    op.execute("UPDATE vacancy SET missing_since = last_seen WHERE nights_missed > 0")
    for column in ("nights_missed", "last_seen"):
        op.execute(f"ALTER TABLE vacancy DROP COLUMN {column}")
    missing = sa.text("missing_since IS NOT NULL")
    op.create_index("vacancy_missing", "vacancy", ["association"], sqlite_where=missing, postgresql_where=missing)
