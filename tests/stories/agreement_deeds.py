"""The deeds of staff that concern an agreement's next version."""

from domain.questions.question import QuestionKind
from storage.staff.agreements.migration import migrate_case
from storage.staff.agreements.undo import move_back
from tests.stories.peoples_deeds import REFERENCE, asked_for, does
from tests.world.agreement_versions import second_version
from tests.world.world import World


def another_version_and_back(world: World) -> None:
    """A case whose home is put forward is moved to another version, moved back, and moved again while it seeks."""
    asked_for(world, QuestionKind.APPROVAL)
    version_id = second_version(world)
    does(world, migrate_case, REFERENCE, version_id, migration=None)
    does(world, move_back, REFERENCE, 1)
    does(world, migrate_case, REFERENCE, version_id, migration=1)
    world.settle()
