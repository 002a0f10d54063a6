"""The beginning of a case in one of the orders, and what can be seen of it afterwards."""

from sqlmodel import select

from domain.questions.question import QuestionKind
from storage.outbox import OutboxRow, Telling
from storage.referrals.history import HistoryLine
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.world.families import family
from tests.world.orders import Order, agree_on
from tests.world.world import World


def begun(world: World, order: Order, kind: QuestionKind, *, minutes: int = 0) -> None:
    """A family flagged under an agreement in this order, of whom a question is asked."""
    agree_on(world, order, minutes=minutes)
    world.home()
    world.flag(family())
    world.until(kind)


def told(world: World, telling: Telling) -> list[str]:
    return world.rows(select(OutboxRow.addressee).where(OutboxRow.telling == telling).order_by(OutboxRow.id))


def is_free(world: World) -> bool:
    held = world.desk().held or world.desk().tenants
    return not held and world.rows(select(Vacancy.standing)) == [VacancyStanding.AVAILABLE]


def deeds(world: World) -> list[str]:
    return world.rows(select(HistoryLine.deed).order_by(HistoryLine.id))
