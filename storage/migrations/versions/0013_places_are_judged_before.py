"""A vacancy's places are looked up before it is staged: to look each up again is a tenth of a night on PostgreSQL"""

from storage.migrations.in_place import let_refer_to_anything

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_refer_to_anything("vacancy", "municipality", to="municipality")
    let_refer_to_anything("vacancy", "area_id", to="area")
