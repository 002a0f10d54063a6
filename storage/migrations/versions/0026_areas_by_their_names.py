"""Homes keep their area's name and no number: what it means is looked up when it is asked; and homes announced again"""

import sqlalchemy as sa
from alembic import op

from domain.homes.area_names import compared
from storage.columns import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("compared", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("said_at", UtcDateTime(), nullable=True),
        sa.Column("said_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.code"]),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("municipality", "compared"),
    )
    still_open = sa.text("said_at IS NULL")
    op.create_index(
        "area_name_asked", "area_name", ["asked_by"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "area_address",
        sa.Column("dar_address_id", sa.String(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"]),
        sa.PrimaryKeyConstraint("dar_address_id"),
    )
    # As SQL: SQLite adds and drops such columns in place, and other tables refer to these.
    areas = op.get_bind().execute(sa.text("SELECT id, name FROM area")).all()
    for table in ("vacancy", "staged_vacancy"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN area_name VARCHAR")
        for area_id, name in areas:
            values = {"name": compared(name), "area": area_id}
            op.get_bind().execute(sa.text(f"UPDATE {table} SET area_name = :name WHERE area_id = :area"), values)
        op.execute(f"ALTER TABLE {table} DROP COLUMN area_id")
    op.execute("ALTER TABLE referral ADD COLUMN from_area_name VARCHAR")
    op.execute(f"ALTER TABLE vacancy ADD COLUMN announced_at {UtcDateTime().compile(op.get_bind().dialect)}")
