"""Worlds in which a month has passed, is settled, and was answered about."""

from datetime import timedelta

from domain.questions.question import Answer, QuestionKind
from tasks.books.months import ask_parties, settle_last_month
from tests.stories.states_of_a_world import one_is_housed
from tests.world.world import World


def a_month_later(world: World) -> None:
    """A family has moved in, and the fifth working day of the month after has come."""
    one_is_housed(world)
    world.settle()
    world.clock.move_on(timedelta(days=45))


def a_month_settled(world: World) -> None:
    a_month_later(world)
    assert settle_last_month(world.platform)


def a_month_asked(world: World) -> None:
    a_month_settled(world)
    assert ask_parties(world.platform)


def a_month_answered(world: World) -> None:
    """One party has said yes, and one no."""
    a_month_asked(world)
    assert world.answer(QuestionKind.MONTH)
    assert world.answer(QuestionKind.MONTH, Answer.NO, "unknown_case")
