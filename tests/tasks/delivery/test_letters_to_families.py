"""A family's letters are sent by its municipality's letter system; by e-mail only in the demo."""

from dataclasses import replace

import pytest
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of, remember_partner
from storage.vault.entries import Door, VaultOpening
from tests.world.families import family
from tests.world.family_letters import SENDER, asked_family, have_letters, letters
from tests.world.world import World


@pytest.fixture
def in_earnest(world: World) -> World:
    """A platform that is not the demo."""
    world.platform = replace(world.platform, may_email_families=False)
    return world


def mailed(world: World) -> list[str]:
    return [letter["To"] for letter in world.mail.letters]


def test_it_goes_to_the_letter_system_with_who_it_is_for_and_the_same_link_each_time(in_earnest: World):
    world = in_earnest
    have_letters(world)
    asked_family(world)

    (letter,) = letters(world)
    identity = family().identity
    assert (letter.cpr, letter.name, letter.address) == (identity.cpr, identity.adult_name, identity.address)
    assert letter.subject.startswith("Svar senest")
    assert "/q/" in letter.text
    assert letter.language == "da"
    assert identity.email not in mailed(world)
    assert identity.cpr not in repr(letter)


def test_addressing_it_opens_the_vault_and_leaves_a_line(in_earnest: World):
    world = in_earnest
    have_letters(world)
    asked_family(world)

    openings = world.rows(select(VaultOpening))
    assert [(one.door, one.opened_for) for one in openings] == [(Door.ADDRESS_FAMILY, SENDER)]


def test_without_a_letter_system_a_person_is_asked_and_nothing_is_emailed(in_earnest: World):
    world = in_earnest
    asked_family(world)

    assert family().identity.email not in mailed(world)
    assert [item["why"] for item in attention_list(world.platform.database)] == ["letter_by_hand"]


@pytest.mark.parametrize(("number", "name"), [("12", "Solsiden"), ("13", "Strandvænget"), (None, "Strandvænget")])
def test_it_names_a_department_as_was_agreed_where_it_was(in_earnest: World, number: str | None, name: str):
    """Whatever its feed calls it."""
    world = in_earnest
    have_letters(world)
    with world.platform.database.writing() as session:
        known = partner_of(session, "association:havblik")
        remember_partner(session, replace(known, departments={"12": "Solsiden"}), now=world.clock.now())
    world.home(department="Strandvænget", department_number=number)
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)

    (letter,) = letters(world)
    named = [one for one in ("Solsiden", "Strandvænget") if one in letter.text]
    assert named == [name]


def test_a_letter_that_nobody_waits_for_any_more_is_not_sent(in_earnest: World):
    world = in_earnest
    have_letters(world)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.answer(QuestionKind.APPROVAL)
    world.carry()
    world.answer(QuestionKind.ACCEPTANCE)
    world.settle()

    assert letters(world) == []


def test_the_demo_writes_by_email(world: World):
    asked_family(world)

    assert family().identity.email in mailed(world)
