"""The month in which a world is."""

from datetime import date

from domain.books.months import last_day_of_month
from domain.working_days import day_of
from tests.world.world import World


def month_of(world: World) -> date:
    """The last day of the month."""
    return last_day_of_month(day_of(world.clock.now()))
