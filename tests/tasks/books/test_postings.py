"""What becomes of a posting in a finance system: answered at once, later, never, twice or otherwise; and corrected."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.finance import PostingAnswer, PostingVerdict
from tasks.upkeep.attention import attend
from tests.tasks.books.postings_of_a_world import (
    NO,
    NYBORG,
    ODENSE,
    TAKEN,
    YES,
    asked,
    counted,
    finance_of,
    moves_in,
    number_of,
    settles,
    states,
    steps,
    told,
    why,
)
from tests.world.in_process import InProcessFinance
from tests.world.world import World


def test_what_is_acknowledged_as_before_is_accepted_at_once_and_counts(world: World):
    moves_in(world)

    assert states(world, ODENSE) == ["accepted"]
    assert states(world, NYBORG) == ["accepted", "accepted"]
    assert steps(world) == [("accepted", "call")] * 3
    assert counted(world) == 1
    assert why(world) == []


def test_what_was_only_taken_counts_when_it_was_answered(world: World):
    system = finance_of(world, ODENSE)
    system.says = [TAKEN]
    moves_in(world)
    assert (states(world, ODENSE), counted(world)) == (["sent"], 0)
    assert asked(world).answered == {ODENSE: 0}

    system.later = dict.fromkeys(system.said, YES)

    assert asked(world).answered == {ODENSE: 1}
    assert (states(world, ODENSE), counted(world)) == (["accepted"], 1)
    # Nobody is asked about what is answered.
    assert asked(world).answered == {}


def test_what_is_never_answered_is_a_persons_and_leaves_the_list_when_it_is_answered_late(world: World):
    system = finance_of(world, ODENSE)
    system.says = [TAKEN]
    moves_in(world)
    world.clock.move_on(timedelta(days=5))
    assert asked(world).overdue == 0
    world.clock.move_on(timedelta(days=7))

    assert asked(world).overdue == 1
    assert asked(world).overdue == 0
    assert why(world) == ["posting_unanswered"]
    assert attend(world.platform) == 0

    system.later = dict.fromkeys(system.said, YES)
    asked(world)

    assert attend(world.platform) == 1
    assert counted(world) == 1


@pytest.mark.parametrize("error", [PartnerRefused("GET /answers: 404"), PartnerUnavailable("GET /answers: 503")])
def test_a_finance_system_that_cannot_be_asked_is_named_and_hides_no_other(world: World, monkeypatch, error: Exception):
    for party in (ODENSE, NYBORG):
        finance_of(world, party).says = [TAKEN]
    moves_in(world)
    silent, other = finance_of(world, ODENSE), finance_of(world, NYBORG)
    other.later = dict.fromkeys(other.said, YES)
    answers = InProcessFinance.answers

    async def some(self: InProcessFinance, since):
        if self is silent:
            raise error
        return await answers(self, since)

    monkeypatch.setattr(InProcessFinance, "answers", some)

    found = asked(world)

    assert (found.silent, found.answered) == ([ODENSE], {NYBORG: 1})


def test_another_amount_is_settled_by_a_person(world: World):
    finance_of(world, ODENSE).says = [PostingAnswer(PostingVerdict.ACCEPTED, amount_ore=-1)]
    moves_in(world)
    assert (states(world, ODENSE), counted(world), why(world)) == (["disputed"], 0, ["posting_disputed"])

    settles(world, number_of(world, ODENSE), "accepted")

    assert (states(world, ODENSE), counted(world), why(world)) == (["accepted"], 1, [])


def test_a_key_of_another_party_says_nothing(world: World):
    finance_of(world, ODENSE).says = [TAKEN]
    moves_in(world)
    nyborg = told(world, NYBORG)[0].row.key
    finance_of(world, ODENSE).later = {nyborg: NO, "f" * 32: NO}

    assert asked(world).answered == {ODENSE: 0}
    assert states(world, NYBORG) == ["accepted", "accepted"]


def test_what_an_earlier_version_told_was_accepted_by_its_acknowledgement(world: World):
    moves_in(world)
    with world.platform.database.writing() as session:
        _without_triggers(session)
        session.connection().exec_driver_sql("DELETE FROM posting_state")

    assert states(world, ODENSE) == ["accepted"]
    assert counted(world) == 1


def _without_triggers(session: Session) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER posting_state_no_delete")
    else:
        connection.exec_driver_sql("DROP TRIGGER posting_state_append_only ON posting_state")
