"""Bookings by rule and month of a compensation model; what a move-in was booked from; months that are closed"""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only, refuse_to_replace
from storage.migrations.in_place import let_hold, rewrite

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# A reversal has the rule and the period of what it reverses, and what stands in the place of a booking is not reversed.
IS_OF_ANOTHER = """
    NOT EXISTS (SELECT 1 FROM offer WHERE offer.id = NEW.offer_id AND offer.referral_id = NEW.referral_id)
    OR NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM booking AS reversed
        WHERE reversed.id = NEW.reverses_id AND reversed.kind NOT IN ('reversal', 'earned')
        AND reversed.offer_id = NEW.offer_id AND reversed.rule = NEW.rule AND reversed.period = NEW.period)
"""
IS_CLOSED = """
    NEW.entry_date IS NULL OR EXISTS (SELECT 1 FROM closed_period WHERE closed_period.last_day >= NEW.entry_date)
"""
TOLD = {
    "of_its_own": (IS_OF_ANOTHER, "a booking is of the case of its offer, and reverses one of its bookings alone"),
    "in_an_open_period": (IS_CLOSED, "a booking has an entry date, in a period that is not closed"),
}


def upgrade() -> None:
    children = "children BETWEEN 0 AND 19"
    op.execute(
        f"ALTER TABLE referral ADD COLUMN children INTEGER DEFAULT 0 NOT NULL CONSTRAINT children_in_range CHECK ({children})"
    )
    op.execute("ALTER TABLE booking ADD COLUMN rule VARCHAR DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE booking ADD COLUMN period INTEGER DEFAULT 0 NOT NULL")
    op.add_column("booking", sa.Column("entry_date", sa.Date(), nullable=True))
    op.add_column("booking", sa.Column("value_date", sa.Date(), nullable=True))
    op.add_column("booking", sa.Column("agreement_version_id", sa.Integer(), nullable=True))
    op.create_table(
        "closed_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("last_day"),
    )
    keep_append_only("closed_period")
    op.create_table(
        "move_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("moved_in_on", sa.Date(), nullable=False),
        sa.Column("reserved_on", sa.Date(), nullable=False),
        sa.Column("rent_monthly_ore", sa.Integer(), nullable=False),
        sa.Column("received_before", sa.Integer(), nullable=False),
        sa.Column("sent_before", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id"),
    )
    keep_append_only("move_in")
    let_hold("booking", "booking_kind", "kind", ("move_in", "month", "repayment", "claim", "earned", "reversal"))
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    rewrite("booking", r"UNIQUE \(offer_id, kind\)", "UNIQUE (offer_id, kind, rule, period)")
    rewrite("booking", r",\s*UNIQUE", _REFERS + r"\g<0>")
    # The index of the constraint is built anew by its new definition.
    op.execute("PRAGMA writable_schema = RESET")
    op.execute("REINDEX booking")
    op.execute("DROP TRIGGER booking_of_its_own")
    op.execute("DROP TRIGGER booking_no_replace")
    refuse_to_replace("booking")
    for name, (wrong, told) in TOLD.items():
        op.execute(
            f"CREATE TRIGGER booking_{name} BEFORE INSERT ON booking WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )


_REFERS = ",\n\tFOREIGN KEY(agreement_version_id) REFERENCES agreement_version (id)"


def _on_postgresql() -> None:
    op.execute("ALTER TABLE booking DROP CONSTRAINT booking_offer_id_kind_key")
    op.execute("ALTER TABLE booking ADD UNIQUE (offer_id, kind, rule, period)")
    op.execute("ALTER TABLE booking ADD FOREIGN KEY (agreement_version_id) REFERENCES agreement_version (id)")
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for name, (wrong, told) in TOLD.items():
        op.execute(
            f"CREATE OR REPLACE FUNCTION booking_{name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {schema}, pg_temp "
            f"AS $$ BEGIN IF {wrong} THEN RAISE EXCEPTION '{told}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NULL; END $$"
        )
    op.execute(
        "CREATE TRIGGER booking_in_an_open_period AFTER INSERT ON booking FOR EACH ROW "
        "EXECUTE FUNCTION booking_in_an_open_period()"
    )
