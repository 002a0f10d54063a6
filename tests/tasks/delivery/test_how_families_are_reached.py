"""Which contact data a family needs depends on who answers for it and how it is written to."""

from dataclasses import replace
from pathlib import Path

from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from domain.referrals.household import FamilyAnswersBy, Identity
from domain.referrals.lifecycle import Status
from domain.text.screening import tells_who
from storage.attention import AttentionItem
from tests.tasks.intake.flagged_over_http import case_systems, sent
from tests.world.families import family
from tests.world.world import World

BARE = {"email": None, "phone": None}


def test_a_family_whose_caseworker_answers_needs_neither_mail_nor_phone(world: World, tmp_path: Path):
    left_out = sent(0, answers_by="caseworker")
    for name in BARE:
        del left_out["identity"][name]
    nothing = sent(1, answers_by="caseworker", identity=BARE)
    empty = sent(2, answers_by="caseworker", identity={"email": "", "phone": ""})
    with case_systems(world, tmp_path) as systems:
        systems.flag(left_out, nothing, empty)
        assert [one["accepted"] for one in systems.receipts().values()] == [True, True, True]


def test_one_that_answers_by_letter_and_has_no_mail_is_taken_in_too(world: World, tmp_path: Path):
    with case_systems(world, tmp_path) as systems:
        systems.flag(sent(0, answers_by="letter", identity=BARE))
        assert [one["accepted"] for one in systems.receipts().values()] == [True]


def test_a_person_posts_the_question_to_a_family_without_mail(sqlite_world: World):
    world = sqlite_world
    world.home()
    world.flag(family(identity=replace(family().identity, email="", phone="")))
    world.until(QuestionKind.ACCEPTANCE)

    assert [item.code for item in world.rows(select(AttentionItem))] == ["letter_by_hand"]


def test_addresses_and_numbers_are_taken_as_they_are_written(sqlite_world: World, tmp_path: Path):
    details = {"email": "søren@bøgely.example", "phone": "12.34.56.78"}
    with case_systems(sqlite_world, tmp_path) as systems:
        systems.flag(sent(0, identity=details))
        assert [one["accepted"] for one in systems.receipts().values()] == [True]


def test_the_whole_way_without_mail_and_phone(sqlite_world: World):
    world = sqlite_world
    bare = replace(family().identity, email="", phone="")
    world.home()
    world.flag(family(identity=bare, answers_by=FamilyAnswersBy.CASEWORKER))
    world.housed()

    assert world.referral().status is Status.HOUSED
    (tenant,) = world.desk().tenants.values()
    assert (tenant.email, tenant.phone) == ("", "")


def test_a_letter_to_a_family_without_an_address_is_for_a_person_to_bring(sqlite_world: World):
    world = sqlite_world
    bare = replace(family().identity, email="")
    world.flag(family(identity=bare, answers_by=FamilyAnswersBy.CASEWORKER))
    world.settle()
    world.answer(QuestionKind.SIGN_OFF, Answer.NO, "need_not_documented")
    world.settle()

    assert [item.code for item in world.rows(select(AttentionItem))] == ["letter_by_hand"]
    assert all(letter["To"] for letter in world.mail.letters)


def test_what_a_family_has_not_got_is_found_in_no_text():
    nobody = Identity("Åse Præst Ørsted", "0101900001", "", "", "Opdigtet Allé 7")
    assert tells_who("samtykke givet på kontoret", nobody) is None


def test_letters_go_from_and_to_domains_in_ascii(sqlite_world: World):
    world = sqlite_world
    world.platform = replace(world.platform, mail_from="post@bøgely.example")
    world.home()
    world.flag(family(identity=replace(family().identity, email="soren@bøgely.example")))
    world.until(QuestionKind.ACCEPTANCE)
    heads = [(letter["From"].rpartition("<")[2], letter["To"]) for letter in world.mail.letters]
    assert {sender for sender, _ in heads} == {"post@xn--bgely-vua.example>"}
    assert "soren@xn--bgely-vua.example" in {to for _, to in heads}
