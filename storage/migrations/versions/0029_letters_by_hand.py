"""A letter to a family may wait for a person's hand; who prints it opens the vault; who has left is not asked"""

from storage.migrations.in_place import let_hold

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STANDINGS = ("waiting", "by_hand", "delivered", "moot", "refused")
DOORS = ("address_family", "printed_letter", "senders_own_view", "disclosure", "right_of_access", "recognition")
PASSED_BY = ("addressee", "deputy_rule", "staff", "wrong_digits", "protection", "left")


def upgrade() -> None:
    let_hold("outbox", "outbox_standing", "standing", STANDINGS)
    let_hold("question", "question_passed_by", "passed_by", PASSED_BY)
    let_hold("vault_opening", "vault_door", "door", DOORS)
