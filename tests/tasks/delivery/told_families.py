"""Families that accept, and what is told of them."""

from domain.questions.question import QuestionKind
from tests.world.families import family
from tests.world.world import World

FIRST = "TF-2026-00001"


def handover(world: World):
    return world.partners.of("handover", "0450")


def accept(world: World) -> None:
    """A family has accepted a home, and who it is was told."""
    world.home()
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
