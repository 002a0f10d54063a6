"""The queries of a search use an index, however many questions are open."""

from sqlalchemy import Connection, event

from storage.questions.questions import times_suggested
from tests.benchmarks.waiting import put_in_waiting
from tests.world.families import family
from tests.world.world import World


def test_how_often_homes_are_suggested_is_counted_from_the_homes(sqlite_world: World):
    database = sqlite_world.platform.database
    sqlite_world.home()
    sqlite_world.flag(family(1))
    put_in_waiting(database, 500)
    plan: list[str] = []

    def explain(connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]  # as it came
            plan.extend(step[-1] for step in steps)

    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", explain)
        times_suggested(session, range(1, 60))

    assert plan
    assert not [step for step in plan if "question_waiting" in step]
