"""What rows that may change say is chained by digest; sealed entries are bound to their case's reference"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from domain.audit import digest_of
from storage.columns import UtcDateTime
from storage.migrations.append_only import keep_append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Each table, the column that names its rows, and its parts as they are chained from now on.
PARTS = {
    "agreement_version": ("id", {"agreement": "agreement_id version valid_from document imported_at"}),
    "partner_version": ("id", {"party": "party document imported_at", "current": "current"}),
    "referral": ("id", {"case": "reference case_key sending_municipality case_id agreement_version_id received_at"}),
    "question": (
        "id",
        {
            "question": "key referral_id kind asked_of contact_id reference offer_id asked_at deputy_for",
            "link": "version token_hash expires_at",
            "answer": "standing answer reason vacancy_id given_by answered_at answered_by passed_to passed_by passed_at",
            "taken_back": "taken_back_at",
        },
    ),
    "consent": (
        "id",
        {
            "consent": "referral_id purpose recipients kinds given_on given_to how children ends_on",
            "consent_ended": "withdrawn_at withdrawn withdrawn_by",
        },
    ),
    "deputy": ("id", {"deputy": "party contact_id deputy_id from_day until_day"}),
    "disclosure": (
        "id",
        {
            "disclosure": "referral_id offer_id to_party basis decided_at",
            "disclosed": "fields disclosed_at recalled_at deletion_confirmed_at",
        },
    ),
    "outbox": (
        "key",
        {
            "outbox": "telling lane key addressee referral_id question_id offer_id entry_id receipt_id checkpoint_seq "
            "created_at",
            "told": "standing ended_at",
        },
    ),
    "vault_entry": ("case_key", {"sealed": "sealed_identity sealed_at"}),
}
TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "valid_from": sa.Date(),
    "given_on": sa.Date(),
    "ends_on": sa.Date(),
    "from_day": sa.Date(),
    "until_day": sa.Date(),
    "recipients": sa.JSON(),
    "kinds": sa.JSON(),
    "current": sa.Boolean(),
}
ROWS_A_STATE = 500


def upgrade() -> None:
    op.create_table(
        "chained_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("blind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    keep_append_only("chained_states")
    # As SQL: SQLite adds such a column in place.
    op.execute("ALTER TABLE vault_entry ADD COLUMN bound_to_reference BOOLEAN DEFAULT false NOT NULL")
    where = sa.text("NOT bound_to_reference")
    op.create_index(
        "not_bound_to_reference", "vault_entry", ["case_key"], sqlite_where=where, postgresql_where=where
    )
    for name, (named_by, parts) in PARTS.items():
        _write_states(name, named_by, parts)


def _write_states(name: str, named_by: str, parts: dict[str, str]) -> None:
    """What the rows that are there say, as whoever reads the chain from now on looks for it."""
    names = sorted({named_by, *" ".join(parts.values()).split()})
    table = sa.table(name, *(sa.column(one, _type_of(one)) for one in names))
    rows = op.get_bind().execute(sa.select(table).order_by(table.c[named_by])).all()
    for first in range(0, len(rows), ROWS_A_STATE):
        blind = uuid4().hex
        digests = dict(_digests([dict(row._mapping) for row in rows[first : first + ROWS_A_STATE]], named_by, parts, blind))
        op.get_bind().execute(
            sa.text("INSERT INTO chained_states (at, digests, blind) VALUES (:at, :digests, :blind)").bindparams(
                sa.bindparam("at", type_=UtcDateTime())
            ),
            {"at": datetime.now(UTC), "digests": json.dumps(digests), "blind": blind},
        )


def _digests(rows: Sequence[Mapping[str, Any]], named_by: str, parts: dict[str, str], blind: str) -> Iterator[tuple[str, str]]:
    for row in rows:
        for part, columns in parts.items():
            named = str(row[named_by])
            name = f"{part}:{sha256(named.encode()).hexdigest()[:32] if named_by == 'key' else named}"
            yield name, digest_of(blind, name, {column: _plain(row[column]) for column in columns.split()})


def _type_of(column: str) -> sa.types.TypeEngine[Any]:
    return TYPES.get(column) or (UtcDateTime() if column.endswith("_at") else sa.types.NULLTYPE)


def _plain(value: object) -> object:
    if isinstance(value, memoryview):
        value = bytes(value)
    return sha256(value).hexdigest() if isinstance(value, bytes) else value
