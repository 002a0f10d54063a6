"""A corrected fact is told again to those who were told it, and a protected family is asked through its caseworker."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.errors import Invalid
from domain.questions.question import Answer, QuestionKind, Reply
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import Status
from storage.columns import id_of
from storage.privacy.access import held_about
from storage.privacy.disclosures import Disclosure
from storage.privacy.rights import corrected
from storage.questions.answers import record_answer
from storage.vault.entries import VaultOpening
from tests.tasks.delivery.told_families import FIRST, accept, handover
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World


def put_right(world: World, field: str, value: str | bool, opened_for: str = "dpo: asked") -> list[str]:
    with world.platform.database.writing() as session:
        now, vault = world.clock.now(), world.platform.vault
        return corrected(session, vault, world.referral(), field, value, opened_for=opened_for, now=now)


accepted = world_after(accept)


def test_a_landlord_hears_what_was_wrong_after_the_case_is_closed_too(accepted: World):
    told = {one.to_party: one.disclosed_at for one in accepted.rows(select(Disclosure))}
    accepted.housed()
    accepted.clock.move_on(timedelta(days=800))
    accepted.settle()
    assert accepted.referral().status is Status.CLOSED

    assert put_right(accepted, "phone", "11 22 33 44") == ["association:havblik", "municipality:0450"]
    accepted.deliver()

    (tenant,) = accepted.desk().tenants.values()
    assert tenant.phone == handover(accepted).newcomers[FIRST].phone == "11 22 33 44"
    # The moment of the first disclosure stays.
    assert {one.to_party: one.disclosed_at for one in accepted.rows(select(Disclosure))} == told


def test_an_address_that_comes_to_be_protected_is_told_to_whoever_was_told_before_that_could_be(accepted: World):
    with accepted.platform.database.writing() as session:
        for told in session.exec(select(Disclosure)):
            told.fields = "adult_name, email, phone"
            session.add(told)

    assert put_right(accepted, "address_protection", value=True) == ["association:havblik", "municipality:0450"]
    accepted.deliver()

    (tenant,) = accepted.desk().tenants.values()
    assert tenant.address_protection
    assert all("address_protection" in told.fields for told in accepted.rows(select(Disclosure)))


def test_a_family_whose_address_comes_to_be_protected_is_asked_by_its_caseworker(world: World):
    world.home()
    world.flag(family())
    put_right(world, "address_protection", value=True)
    assert world.referral().answers_by is FamilyAnswersBy.CASEWORKER
    world.until(QuestionKind.ACCEPTANCE)
    (asked,) = world.questions(QuestionKind.ACCEPTANCE)
    assert asked.asked_of == "municipality:0461"


def test_what_was_out_already_is_asked_through_the_caseworker_and_the_old_link_is_dead(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    (letter,) = world.questions(QuestionKind.ACCEPTANCE)
    put_right(world, "address_protection", value=True)
    world.settle()

    (asked,) = world.questions(QuestionKind.ACCEPTANCE)
    assert (str(asked.addressee), asked.offer_id) == ("municipality:0461/sagsbehandler-1", letter.offer_id)
    with world.platform.database.writing() as session:
        yes = Reply(Answer.YES)
        assert not record_answer(session, id_of(letter), yes, referral_id=1, now=world.clock.now())


def test_why_it_was_looked_up_must_not_say_who_it_was(world: World):
    world.flag(family())
    who = family().identity
    for told in (who.adult_name, who.email, who.phone, who.address):
        with pytest.raises(Invalid, match="purpose"):
            put_right(world, "phone", "11 22 33 44", opened_for=f"dpo: ringede {told}")
        with pytest.raises(Invalid, match="purpose"), world.platform.database.writing() as session:
            referral, now = world.referral(), world.clock.now()
            held_about(session, world.platform.vault, referral, opened_for=f"dpo: {told}", now=now)
    assert world.rows(select(VaultOpening)) == []
