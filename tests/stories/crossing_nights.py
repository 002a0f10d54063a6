"""What the tests of nights and pushes at the same time share."""

import json

from domain.feeds.breaker import FeedTerms
from domain.ports.vacancy_feed import RawVacancy
from storage.feeds import review as reviewing
from storage.feeds.push import Pushed, push
from storage.staff import feeds as feeds_by_staff
from storage.vacancies.vacancies import VacancyStanding
from tests.world.world import World

V = VacancyStanding
LET = {"status": "let"}
VACANT = {"status": "vacant"}


def sends(world: World, *rows: dict, key: str = "k") -> Pushed:
    """Havblik sends vacancies itself."""
    raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
    now = world.clock.now()
    return push(world.platform.database, "havblik", raw, terms=FeedTerms(), key=key, digest=key, now=now)


def accept(world: World) -> reviewing.Held:
    with world.platform.database.writing() as session:
        return feeds_by_staff.accept(session, "havblik", by="a test", now=world.clock.now())
