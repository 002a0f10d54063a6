"""A family waits because a yearly ceiling is reached: its caseworker is told once, until that has passed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from storage.attention import open_items
from storage.columns import id_of
from storage.outbox import OutboxRow, Telling
from storage.staff.attention import deal_with
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.upkeep.attention import attend
from tests.world.ceilings import ONE_EACH, SECOND, codes, first_on_its_way
from tests.world.world import World


def told(world: World) -> list[str]:
    """Whom it was written to that a family waits for room."""
    return world.rows(select(OutboxRow.addressee).where(OutboxRow.telling == Telling.CEILING_REACHED))


def tomorrow(world: World) -> None:
    world.clock.move_on(timedelta(days=1))
    world.settle()


def set_aside(world: World) -> None:
    """A person takes the item off the attention list."""
    with world.platform.database.writing() as session:
        (item,) = open_items(session)
        deal_with(session, id_of(item), again=False, by="Maria", now=world.clock.now())


def test_the_caseworker_is_told_once_what_it_means_and_nothing_of_the_family(world: World):
    first_on_its_way(world, **ONE_EACH)

    (letter,) = [text for text in world.texts() if "venter på plads" in text]
    head, _, body = letter.partition("\n\n")
    assert "To: sagsbehandler1@odense.invalid" in head
    assert f"{SECOND} venter på plads: aftalens loft for året er nået" in head
    said = " ".join(body.split())
    assert "Vi leder videre, så snart en plads bliver fri, og ved nytår" in said
    assert "hjælp den på en anden måde, og stop sagen i dit fagsystem" in said
    assert not any(never in said for never in ("Opdigtet Borger", "Strandvænget", "husstand", "0450", "TF-2026-00001"))

    tomorrow(world)
    assert told(world) == ["municipality:0461/sagsbehandler-1"]


def test_whoever_sets_the_item_aside_is_not_told_anew_while_the_family_waits_on(world: World):
    first_on_its_way(world, **ONE_EACH)
    set_aside(world)
    tomorrow(world)

    assert codes(world) == [(SECOND, "ceiling_reached")]
    assert len(told(world)) == 1


@pytest.mark.parametrize("set_aside_before", [False, True])
def test_a_family_that_waits_again_after_it_was_asked_about_is_told_of_anew(world: World, set_aside_before: bool):
    first_on_its_way(world, **ONE_EACH)
    if set_aside_before:
        set_aside(world)
    elsewhere = world.home("kloeverlykken", "0430")
    tomorrow(world)
    attend(world.platform)
    world.answer(QuestionKind.OFFER, Answer.NO, "no_suitable_home")
    with world.platform.database.writing() as session:
        session.get_one(Vacancy, elsewhere).standing = VacancyStanding.WITHDRAWN
    tomorrow(world)

    assert codes(world) == [(SECOND, "ceiling_reached")]
    assert len(told(world)) == 2
