"""Every scheduled deed, done by two workers at the same instant, leaves what one alone would have left.

Two worlds live through the same days. In one a deed is done once; in the other two platforms do it, on connections of
their own, and wait for each other before each write: both have looked by then, and neither has written. Afterwards
each table holds as many rows in the one as in the other, and the families' keys are as many.
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
from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tasks.feeds.night import forget_abandoned
from tasks.feeds.verdict import apply_ready
from tasks.platform import Platform
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import bind_to_references, lay_comments_to_rest, note_settings, seal
from tasks.upkeep.consents import follow_consents
from tasks.upkeep.retention import keep_house
from tests.stories.letters_of_a_world import (
    asked,
    came_back,
    commented,
    letter_by_hand,
    ticked_off,
    without_a_letter_system,
)
from tests.stories.meeting import at_once
from tests.stories.states_of_a_world import (
    LONG,
    all_answered,
    consents_end,
    consents_have_ended,
    delivery,
    first_night,
    flagged,
    intake_of_odense,
    near_its_deadline,
    night_of_havblik,
    nobody_signs_off,
    not_archived,
    one_is_housed,
    one_withdraws,
    past_its_deadline,
    past_its_grace,
    reason_has_passed,
    sealed_before,
    second_night,
    sent_by_themselves,
    the_path,
    to_be_shredded,
    to_be_told,
)
from tests.world.databases.copied import database_for_a_test
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.kept import Kept
from tests.world.new_world import world_around
from tests.world.world import World

DEEDS: dict[str, tuple[Callable[[World], None], Callable[[Platform], object]]] = {
    "intake": (flagged, intake_of_odense),
    "deadlines: reminders": (near_its_deadline, remind_and_close),
    "deadlines: the chief is told": (past_its_deadline, remind_and_close),
    "deadlines: the wait ends": (past_its_grace, remind_and_close),
    "deadlines: the day's list, and a person is asked": (nobody_signs_off, remind_and_close),
    "housekeeping: consents end soon": (consents_end, follow_consents),
    "housekeeping: consents have ended": (consents_have_ended, follow_consents),
    "housekeeping: shredding": (to_be_shredded, keep_house),
    "housekeeping: the archive is asked": (not_archived, keep_house),
    "housekeeping: what still waits is asked again": (ticked_off, ask_again),
    "returned-mail": (came_back, read_returned_mail),
    "worker: comments laid to rest": (commented, lay_comments_to_rest),
    "worker: seals bound to their references": (sealed_before, bind_to_references),
    "worker: the chain sealed, signed and told": (asked, seal),
    "worker: settings noted": (asked, lambda platform: note_settings(platform, {"world": "demo"})),
    "vacancy-sync: the first night": (first_night, night_of_havblik),
    "vacancy-sync: homes are missing": (second_night, night_of_havblik),
    "accepted-feeds": (sent_by_themselves, apply_ready),
    "vacancy-sync: abandoned loads": (first_night, forget_abandoned),
    "referral-path: signed off": (all_answered, the_path),
    "referral-path: booked": (one_is_housed, the_path),
    "referral-path: withdrawn": (one_withdraws, the_path),
    "worker: attention": (reason_has_passed, attend),
    "worker: letters that a system takes by now": (letter_by_hand, attend),
    "worker: letters by hand": (without_a_letter_system, delivery),
    "worker: delivery": (to_be_told, delivery),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes worlds in which nothing has happened."""
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
    """How many rows stand where, and how many keys; of letters and items, how many of each kind."""
    with world.platform.database.reading() as session:
        count = lambda table: session.connection().execute(select(func.count()).select_from(table)).scalar_one()  # noqa: E731
        found = {name: count(table) for name, table in SQLModel.metadata.tables.items()}
        told = Counter(f"{row.telling} {row.standing}" for row in session.exec(select(OutboxRow)))
    keys = len(list(world.platform.vault.keys.made_before(world.clock.now() + LONG)))
    # What is sealed anew by two is told twice to the chain, and says the same.
    del found["chained_states"]
    return found | told | {"keys": keys, "mail": len(world.mail.taken)}


@pytest.mark.parametrize("name", DEEDS)
def test_two_who_do_it_at_the_same_instant_leave_what_one_alone_leaves(new_world, name: str):
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


def test_every_schedule_is_among_them():
    scheduled = {one.flow.name for one in schedules(Settings(imap_host="imap.invalid"), {})}

    assert scheduled <= {name.partition(":")[0] for name in DEEDS}
