"""A no stays on the attention list until a correction is booked in an open month and the party is asked anew."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from deployments.cli.actor import carry_out
from domain.errors import Invalid
from domain.questions.question import Answer, QuestionKind, Standing
from storage.audit.events import AuditEvent
from storage.audit.verdict import verified
from storage.staff.families.cases import moved_out
from storage.staff.months import ask_month_anew
from tasks.books.answers import hear_parties
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.attention import attend
from tests.tasks.books.asked_months import HAVBLIK, MARCH, NYBORG, ODENSE, answers, asked_of, items, march_is_asked
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(march_is_asked)
REJECTED = (f"month:2026-03/{NYBORG}", "month_rejected", f"{NYBORG}: unknown_case")


def ask_anew(world: World, party: str = NYBORG, although: str | None = None) -> None:
    said = {"although": although, "by": "Maria Hansen", "now": world.clock.now()}
    carry_out(world.platform.database, ask_month_anew, MARCH, party, **said)


def says_no(world: World) -> None:
    answers(world, NYBORG, Answer.NO, "unknown_case")
    assert hear_parties(world.platform) == ("2026-03",)
    assert hear_parties(world.platform) == ()


def corrected(world: World) -> None:
    """The first family moved out early, and part of what was booked is reversed, in April."""
    world.clock.move_on(timedelta(hours=1))
    on = date(2026, 3, 28)
    key = world.platform.vault.told_key(now=world.clock.now())
    named = {"on": on, "told_key": key, "by": "Maria Hansen", "now": world.clock.now()}
    carry_out(world.platform.database, moved_out, "TF-2026-00001", **named)


def test_a_no_is_on_the_list_until_it_is_corrected_and_asked_anew(world: World):
    says_no(world)
    assert items(world) == [REJECTED]
    attend(world.platform)
    assert items(world) == [REJECTED]
    with pytest.raises(Invalid, match="no booking of 2026-03 was reversed since"):
        ask_anew(world)

    corrected(world)
    ask_anew(world)
    assert hear_parties(world.platform) == ("2026-03",)
    attend(world.platform)

    assert REJECTED not in items(world)
    anew = asked_of(world, NYBORG)
    assert (anew.standing, anew.contact_id) == (Standing.OPEN, "oekonomi-1")
    assert answers(world, NYBORG)


def test_a_no_that_somebody_ticked_off_is_on_the_list_again(world: World):
    says_no(world)
    with world.platform.database.writing() as session:
        from storage.attention import close_subject
        from domain.subject import Subject

        close_subject(session, Subject.read(REJECTED[0]), now=world.clock.now(), by="somebody")
    assert items(world) == []

    ask_again(world.platform)

    assert items(world) == [REJECTED]


def test_what_was_answered_by_mistake_is_asked_anew_and_the_chain_says_who_had_it_done(world: World):
    answers(world, NYBORG)
    ask_anew(world)
    hear_parties(world.platform)

    assert len(world.questions(QuestionKind.MONTH)) == 3
    with pytest.raises(Invalid, match="has not answered"):
        ask_anew(world)
    says_no(world)
    ask_anew(world, although="they looked at another month")
    hear_parties(world.platform)
    assert asked_of(world, NYBORG).standing is Standing.OPEN
    events = world.rows(select(AuditEvent).where(AuditEvent.deed == "month_asked_anew"))
    assert [(one.actor, one.about, one.facts) for one in events] == [
        ("Maria Hansen", f"month:2026-03/{NYBORG}", {}),
        ("Maria Hansen", f"month:2026-03/{NYBORG}", {"although": "they looked at another month"}),
    ]
    with world.platform.database.reading() as session:
        assert [fault.source for fault in verified(session).faults if fault.source == "question"] == []


@pytest.mark.parametrize("party", [ODENSE, HAVBLIK, "municipality:0101"])
def test_a_party_that_has_not_answered_is_not_asked_anew(world: World, party: str):
    with pytest.raises(Invalid, match="has not answered about 2026-03"):
        ask_anew(world, party)
