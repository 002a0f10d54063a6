"""Every scheduled deed leaves the same rows, whether one worker does it or two at the same instant.

The same days pass in two worlds. In one the deed is done once. In the other two platforms do it, each with its own
connections, and wait for each other before each write, so that both have read before either has written. Afterwards
each table has as many rows in one world as in the other, and there are as many family keys.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, select

from deployments.worker.schedules import schedules
from storage.database import Database
from storage.outbox import OutboxRow
from storage.settings import Settings
from tests.stories.meeting import at_once
from tests.stories.scheduled_deeds import DEEDS
from tests.stories.states_of_a_world import (
    LONG,
)
from tests.world.databases.copied import database_for_a_test
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.kept import Kept
from tests.world.new_world import world_around
from tests.world.world import World


@pytest.fixture(params=["sqlite", "postgresql"])
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """A function that makes worlds in which nothing has happened."""
    made: list[World] = []

    def make() -> World:
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        if request.param == "postgresql":
            server: OwnPostgres = request.getfixturevalue("postgres")
            template: str = request.getfixturevalue("peopled_postgres")
            made.append(world_around(Database(database_for_a_test(server, template)), folder))
        else:
            kept: Kept = request.getfixturevalue("kept_world")
            made.append(kept.again(folder))
        return made[-1]

    yield make
    for world in made:
        world.platform.database.close()


def left(world: World) -> dict[str, int]:
    """The number of rows in each table and of keys; for letters and attention items, the number of each kind."""
    with world.platform.database.reading() as session:
        count = lambda table: session.connection().execute(select(func.count()).select_from(table)).scalar_one()  # noqa: E731
        found = {name: count(table) for name, table in SQLModel.metadata.tables.items()}
        told = Counter(f"{row.telling} {row.standing}" for row in session.exec(select(OutboxRow)))
    keys = len(list(world.platform.vault.keys.made_before(world.clock.now() + LONG)))
    # Two workers that seal the same row again write its state to the chain twice, with the same content.
    del found["chained_states"]
    return found | told | {"keys": keys, "mail": len(world.mail.taken)}


@pytest.mark.parametrize("name", DEEDS)
def test_two_workers_at_the_same_instant_leave_what_one_alone_leaves(new_world, name: str):
    prepare, deed = DEEDS[name]
    alone, crowded = new_world(), new_world()
    prepare(alone)
    prepare(crowded)
    assert left(alone) == left(crowded)
    deed(alone.platform)

    wrong = at_once(crowded, deed)

    assert wrong == []
    one, two = left(alone), left(crowded)
    assert {what: (one.get(what, 0), two.get(what, 0)) for what in one | two if one.get(what) != two.get(what)} == {}


def test_every_schedule_is_done_by_two_workers():
    scheduled = {one.flow.name for one in schedules(Settings(imap_host="imap.invalid"), {})}

    assert scheduled <= {name.partition(":")[0] for name in DEEDS}
