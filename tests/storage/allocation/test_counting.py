"""A year's families are counted by indexes: every run of the search asks for them."""

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import event

from domain.parties.ceilings.agreed import FamiliesCeiling, VacancyCeiling
from storage.allocation.ceilings import reached_now
from tests.world.ceilings import agree_on
from tests.world.world import World


@pytest.fixture
def asked(sqlite_world: World):
    """The statements that a database is asked, with their values."""
    found: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, values, *_more) -> None:
        found.append((statement, values))

    engine = sqlite_world.platform.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def counted(world: World) -> None:
    with world.platform.database.reading() as session:
        reached_now(session, on=date(2026, 3, 2))


def plan(world: World, statement: str, values: object) -> str:
    with world.platform.database.at_once() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return "\n".join(str(row[3]) for row in rows)


def test_families_and_homes_are_found_by_indexes(sqlite_world: World, asked):
    agree_on(sqlite_world, families=(FamiliesCeiling(at_most=1),), vacancies=(VacancyCeiling(share=Fraction(1, 4)),))
    asked.clear()
    counted(sqlite_world)

    families, homes = (next(one for one in asked if words in one[0]) for words in ("UNION ALL", "first_seen >="))
    told = plan(sqlite_world, *families)
    assert {index for index in ("history_housed", "offer_of_case", "one_offer_a_") if index in told} == {
        "history_housed",
        "offer_of_case",
        "one_offer_a_",
    }
    assert "SCAN history_line\n" not in told
    assert "SEARCH vacancy USING INDEX" in plan(sqlite_world, *homes)


def test_they_are_counted_once_however_many_agreements_and_cases_there_are(sqlite_world: World, asked):
    for most in (1, 2, 3):
        agree_on(sqlite_world, families=(FamiliesCeiling(at_most=most),))
    asked.clear()
    counted(sqlite_world)

    assert len([statement for statement, _ in asked if "UNION ALL" in statement]) == 1
