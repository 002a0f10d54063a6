"""The database itself refuses wrong reversals and entries that come after; SQLite refuses to replace what was written"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only, refuse_to_replace
from storage.migrations.in_place import rewrite

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Every booking is completed in the transaction that wrote it, and nobody else sees it before: so a booking that others
# see takes no more entries. One look sees both: a statement that began before the booking was seen finds no booking,
# and may not leave that to the foreign key, which is looked at when the statement ends.
COMES_TOO_LATE = """
    NOT EXISTS (SELECT 1 FROM booking WHERE booking.id = NEW.booking_id)
    OR EXISTS (SELECT 1 FROM complete_booking WHERE complete_booking.booking_id = NEW.booking_id)
"""
IS_OF_ANOTHER = """
    NOT EXISTS (SELECT 1 FROM offer WHERE offer.id = NEW.offer_id AND offer.referral_id = NEW.referral_id)
    OR NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM booking AS reversed
        WHERE reversed.id = NEW.reverses_id AND reversed.kind = 'move_in' AND reversed.offer_id = NEW.offer_id)
"""
# An account of a reversal receives what it paid: the two bookings together leave it as it was.
DOES_NOT_SUM = """
    NOT EXISTS (SELECT 1 FROM booking WHERE booking.id = NEW.booking_id)
    OR (SELECT COALESCE(SUM(amount_ore), 0) FROM ledger_entry WHERE booking_id = NEW.booking_id) <> 0
    OR EXISTS (
        SELECT account FROM ledger_entry JOIN booking AS reversal ON reversal.id = NEW.booking_id
        WHERE reversal.reverses_id IS NOT NULL AND booking_id IN (reversal.id, reversal.reverses_id)
        GROUP BY account HAVING SUM(amount_ore) <> 0)
"""
REFUSED = {
    ("booking", "of_its_own"): (IS_OF_ANOTHER, "a booking is of the case of its offer, and reverses its move-in alone"),
    ("ledger_entry", "in_time"): (COMES_TOO_LATE, "a booking that is complete takes no more entries"),
    ("complete_booking", "sums_to_zero"): (DOES_NOT_SUM, "a booking must sum to zero, and a reversal undo its booking"),
}
APART = "CONSTRAINT booking_is_complete FOREIGN KEY (id) REFERENCES complete_booking (booking_id)"
AT_THE_END = "DEFERRABLE INITIALLY DEFERRED"


def upgrade() -> None:
    op.create_table(
        "complete_booking",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"]),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    op.execute("INSERT INTO complete_booking (booking_id) SELECT id FROM booking ORDER BY id")
    keep_append_only("complete_booking")
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    rewrite("booking", r"\)\s*\Z", f",\n\t{APART} {AT_THE_END}\n)")
    for (table, name), (wrong, told) in REFUSED.items():
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )
    kept = "SELECT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND name = tbl_name || '_no_delete'"
    for table in op.get_bind().exec_driver_sql(kept).scalars().all():
        refuse_to_replace(table)


def _on_postgresql() -> None:
    op.execute(f"ALTER TABLE booking ADD {APART} {AT_THE_END}")
    # Named, or a temporary table of the same name would be looked at instead.
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for (table, name), (wrong, told) in REFUSED.items():
        op.execute(
            f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp "
            f"AS $$ BEGIN IF {wrong} THEN RAISE EXCEPTION '{told}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_{name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()"
        )
    op.execute(f"ALTER FUNCTION keep_four_eyes() SET search_path = {schema}, pg_temp")
