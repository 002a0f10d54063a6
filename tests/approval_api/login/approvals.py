"""A question that is answered after logging in."""

from domain.questions.question import QuestionKind
from tests.world.families import family
from tests.world.served import link

LOG_IN, NOT_LET_IN = "Log ind for at se spørgsmålet", "Du blev ikke logget ind"

ASKED = "Kan boligen godkendes?"


def approval(world):
    world.home()
    world.flag(family())
    # The earlier questions are answered by the world itself, without a page or a login.
    world.until(QuestionKind.APPROVAL)
    return link(world, QuestionKind.APPROVAL)
