"""Homes in areas, and the questions about the areas' names."""

from domain.questions.question import QuestionKind
from storage.attention import open_items
from storage.columns import id_of
from storage.questions.questions import suggested
from storage.vacancies.vacancies import Vacancy
from tests.world.feed_nights import ROW
from tests.world.world import World

LISTED = "Bøgelunden/Ålykken"


def in_areas(*names: str | None, **changes: object) -> list[dict]:
    return [ROW | {"external_id": f"havblik-{number}", "area": name} | changes for number, name in enumerate(names, 1)]


def suggested_homes(world: World) -> set[str]:
    """The ids of the homes that are suggested to a family now."""
    world.until(QuestionKind.OFFER)
    with world.platform.database.reading() as session:
        found = [home for asked in world.questions(QuestionKind.OFFER) for home in suggested(session, id_of(asked))]
        return {session.get_one(Vacancy, home).external_id for home in found}


def asked(world: World, code: str = "unknown_area") -> list[str]:
    with world.platform.database.reading() as session:
        return [item.detail for item in open_items(session) if item.code == code]
