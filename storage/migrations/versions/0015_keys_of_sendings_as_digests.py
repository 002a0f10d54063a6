"""The key under which an association sends vacancies may hold anything, and is kept as a digest"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    sent = connection.execute(sa.text("SELECT id, push_key FROM feed_load WHERE push_key IS NOT NULL")).all()
    for load, key in sent:
        digest = hashlib.sha256(key.encode()).hexdigest()
        connection.execute(sa.text("UPDATE feed_load SET push_key = :key WHERE id = :id"), {"key": digest, "id": load})
