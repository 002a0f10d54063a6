"""Families that accept, and the disclosures of their identity."""

from domain.questions.question import QuestionKind
from tests.world.families import family
from tests.world.world import World

FIRST = "TF-2026-00001"


def handover(world: World):
    return world.partners.of("handover", "0450")


def accept(world: World) -> None:
    """Have a family accept a home, and disclose its identity."""
    world.home()
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
