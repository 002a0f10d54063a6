"""No two deeds wait for each other for ever: each is opened on PostgreSQL against every other, from the other end.

What a deed locks is not told by the code: it is read from the rows, in worlds in which every deed is done. Then each
two that lock the same two rows in opposite orders do so at once, on rows that stand for theirs. One that begins with a
lock that both take first keeps the other off, and PostgreSQL ends neither.
"""

from collections.abc import Iterator
from itertools import combinations_with_replacement

import pytest

from storage.database import Database
from tests.stories.lives import LIVES
from tests.stories.lock_traces import Ring, Step, Trace, as_played, recorded
from tests.stories.locking_deeds import ALIKE, LOCKING
from tests.stories.scheduled_deeds import DEEDS
from tests.world.databases.copied import database_for_a_test
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.new_world import world_around
from tests.world.world import World

CASE, FEED, HOME = (Step(table, "1", "NO KEY UPDATE") for table in ("referral", "feed", "vacancy"))


def life_of(name: str, world: World) -> None:
    """A deed, from the beginning of its world."""
    if name in LIVES:
        LIVES[name](world)
        return
    prepare, deed = DEEDS[name]
    prepare(world)
    deed(world.platform)


@pytest.fixture(scope="module")
def traces(postgres: OwnPostgres, peopled_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> list[Trace]:
    """What every transaction of every deed locks."""
    found: list[Trace] = []
    for name in (*LIVES, *DEEDS):
        database = Database(database_for_a_test(postgres, peopled_postgres))
        world = world_around(database, tmp_path_factory.mktemp("crossing"))
        with recorded(database, name) as some:
            life_of(name, world)
        database.close()
        world.platform.vault.keys.close()
        found += some
    return found


@pytest.fixture
def ring(new_postgres_url) -> Iterator[Ring]:
    found = Ring(new_postgres_url())
    yield found
    found.close()


def test_each_two_deeds_that_begin_at_opposite_ends_come_to_their_end(traces: list[Trace], ring: Ring):
    told = {as_played(trace): f"{trace.where} ({trace.deed})" for trace in traces if len(trace.rows) > 1}
    ring.hold_ready({(step.table, step.key) for steps in told for step in steps})

    waited_for_ever = [
        f"{told[one]} and {told[other]}"
        for one, other in combinations_with_replacement(told, 2)
        if ring.deadlocks(one, other)
    ]

    assert waited_for_ever == []


@pytest.mark.parametrize(
    ("one", "other", "deadlock"),
    [
        ((CASE, HOME), (HOME, CASE), True),
        ((CASE, FEED, HOME), (CASE, HOME, FEED), False),
        # Whoever names a case in a new row waits for nobody who holds it, and would for one who might take it away.
        ((CASE, FEED), (FEED, CASE._replace(mode="KEY SHARE")), False),
        ((CASE._replace(mode="UPDATE"), FEED), (FEED, CASE._replace(mode="KEY SHARE")), True),
    ],
)
def test_two_that_would_wait_for_ever_are_found(ring: Ring, one: tuple, other: tuple, deadlock: bool):
    ring.hold_ready({(step.table, step.key) for step in (CASE, FEED, HOME)})

    assert ring.deadlocks(one, other) is deadlock


def test_every_function_that_takes_two_locks_is_among_them(traces: list[Trace]):
    found = {trace.where for trace in traces if len(trace.rows) > 1} - {""}

    assert found == LOCKING
    assert set(ALIKE.values()) <= LOCKING


def test_every_kind_of_lock_is_among_them(traces: list[Trace]):
    locked = {step.table for trace in traces for step in trace.steps}

    assert {"flags", "referral", "person", "reference_counter", "feed", "vacancy", "disclosure", "area_name"} <= locked
