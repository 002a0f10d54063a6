"""No two deeds come to a deadlock: each is run on PostgreSQL against every other, with the locks in opposite orders.

The locks of each deed are read from the rows, in worlds in which every deed is done. Then each two deeds that lock the
same two rows in opposite orders do so at once, on other rows. When both begin with the same lock, the second waits for
it, and there is no deadlock.
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
    """Run a deed, from the beginning of its world."""
    if name in LIVES:
        LIVES[name](world)
        return
    prepare, deed = DEEDS[name]
    prepare(world)
    deed(world.platform)


@pytest.fixture(scope="module")
def traces(postgres: OwnPostgres, peopled_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> list[Trace]:
    """The locks of every transaction of every deed."""
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


def test_no_two_deeds_with_opposite_orders_of_locks_come_to_a_deadlock(traces: list[Trace], ring: Ring):
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
        # Inserting a row that refers to a case (KEY SHARE) does not wait for one who updates it, only for a deletion.
        ((CASE, FEED), (FEED, CASE._replace(mode="KEY SHARE")), False),
        ((CASE._replace(mode="UPDATE"), FEED), (FEED, CASE._replace(mode="KEY SHARE")), True),
    ],
)
def test_a_deadlock_is_found(ring: Ring, one: tuple, other: tuple, deadlock: bool):
    ring.hold_ready({(step.table, step.key) for step in (CASE, FEED, HOME)})

    assert ring.deadlocks(one, other) is deadlock


def test_every_function_that_takes_two_locks_is_recorded(traces: list[Trace]):
    found = {trace.where for trace in traces if len(trace.rows) > 1} - {""}

    assert found == LOCKING
    assert set(ALIKE.values()) <= LOCKING


def test_every_kind_of_lock_is_recorded(traces: list[Trace]):
    locked = {step.table for trace in traces for step in trace.steps}

    assert {"flags", "referral", "person", "reference_counter", "feed", "vacancy", "disclosure", "area_name"} <= locked
