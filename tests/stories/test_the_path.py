"""Stories of the path, through the deeds themselves, on both databases."""

from dataclasses import fields, replace
from datetime import timedelta

from sqlmodel import select

from domain.books.booking import BookingKind
from domain.parties.party import Role
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem, open_items
from storage.books.ledger import Booking, sum_ore
from storage.outbox import OutboxRow, OutboxStanding
from storage.privacy.disclosures import Disclosure
from storage.questions.questions import SuggestedHome
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.world.families import family
from tests.world.parties import change
from tests.world.world import World


def test_a_family_is_flagged_and_housed_and_the_compensation_is_booked_once(world: World):
    home = world.home()
    world.flag(family())

    world.housed()

    assert world.referral().status is Status.HOUSED
    assert [row.kind for row in world.rows(select(Booking))] == [BookingKind.MOVE_IN]
    posted = [posting for system in world.finance() for posting in system.postings.values()]
    assert sorted(posting.amount_ore for posting in posted) == [-5_700_000, 1_200_000, 4_500_000]
    assert world.rows(select(Vacancy.standing).where(Vacancy.id == home)) == [VacancyStanding.LET]
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0


def test_doing_everything_again_changes_nothing(world: World):
    world.home()
    world.flag(family())
    world.housed()
    letters, version = len(world.mail.letters), world.referral().version

    world.flag()
    world.settle()
    world.settle()

    assert (len(world.mail.letters), world.referral().version) == (letters, version)
    assert not world.rows(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.WAITING))


def test_the_association_learns_who_the_family_is_only_after_the_family_has_said_yes(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    assert world.desk().tenants == {}

    world.answer(QuestionKind.ACCEPTANCE)
    world.settle()

    assert [tenant.name for tenant in world.desk().tenants.values()] == [family().identity.adult_name]


def test_a_declined_home_is_released_and_not_offered_again(world: World):
    home = world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)

    world.answer(QuestionKind.ACCEPTANCE, Answer.NO, "home_does_not_suit")
    world.settle()

    assert world.referral().status is Status.SEEKING
    assert world.desk().held == {}
    assert world.rows(select(Vacancy.standing).where(Vacancy.id == home)) == [VacancyStanding.AVAILABLE]
    assert world.questions() == []


def test_a_move_that_falls_through_recalls_what_was_disclosed(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
    newcomers = world.partners.of("handover", "0450")
    assert len(world.desk().tenants) == len(newcomers.newcomers) == 1

    world.answer(QuestionKind.MOVE_IN, Answer.NO, "home_not_ready")
    world.settle()

    assert world.referral().status is Status.SEEKING
    assert (world.desk().tenants, world.desk().held, newcomers.newcomers) == ({}, {}, {})
    assert newcomers.taken_back == ["TF-2026-00001"]
    assert world.rows(select(Booking)) == []
    told = world.rows(select(Disclosure))
    assert {one.to_party for one in told} == {"association:havblik", "municipality:0450"}
    assert all(one.recalled_at and one.deletion_confirmed_at for one in told)


def test_each_party_learns_who_the_family_is_when_it_needs_to_and_no_more_than_it_needs(world: World):
    world.home()
    flagged = family()
    world.flag(flagged)
    world.until(QuestionKind.ACCEPTANCE)
    newcomers = world.partners.of("handover", "0450").newcomers
    assert (world.desk().tenants, newcomers) == ({}, {})

    world.until(QuestionKind.MOVE_IN)

    (tenant,) = world.desk().tenants.values()
    newcomer = world.partners.of("handover", "0450").newcomers["TF-2026-00001"]
    who = flagged.identity
    assert (tenant.name, tenant.email, tenant.phone) == (who.adult_name, who.email, who.phone)
    assert (newcomer.name, newcomer.cpr, newcomer.phone) == (who.adult_name, who.cpr, who.phone)
    assert not {"cpr", "address", "note"} & {field.name for field in fields(tenant)}
    assert not {"address", "note"} & {field.name for field in fields(newcomer)}
    told = {one.to_party: one.fields for one in world.rows(select(Disclosure))}
    assert told["association:havblik"] == "adult_name, email, phone, address_protection"
    assert told["municipality:0450"] == "adult_name, cpr, email, phone, address_protection"


def test_a_family_whose_address_is_protected_is_asked_by_its_caseworker_and_whoever_receives_it_is_warned(world: World):
    world.home()
    protected = replace(family().identity, address_protection=True)
    world.flag(family(identity=protected))
    world.until(QuestionKind.ACCEPTANCE)

    (asked,) = world.questions(QuestionKind.ACCEPTANCE)
    assert (asked.asked_of, asked.contact_id) == ("municipality:0461", "sagsbehandler-1")
    world.until(QuestionKind.MOVE_IN)
    (tenant,) = world.desk().tenants.values()
    assert tenant.address_protection
    assert world.partners.of("handover", "0450").newcomers["TF-2026-00001"].address_protection
    assert all(letter["To"] != protected.email for letter in world.mail.letters)


def test_a_refusal_is_not_mailed_to_a_family_whose_address_is_protected(world: World):
    protected = replace(family().identity, address_protection=True)
    world.flag(family(identity=protected))
    world.settle()
    world.answer(QuestionKind.SIGN_OFF, Answer.NO, "need_not_documented")
    world.settle()

    assert world.referral().status is Status.CLOSED
    assert all(letter["To"] != protected.email for letter in world.mail.letters)
    with world.platform.database.reading() as session:
        (item,) = open_items(session)
    # The letter must be posted by hand: not even the demo world mails it.
    assert (item.code, item.detail) == ("letter_by_hand", "not_referred")


def test_the_case_closes_by_itself_when_the_guarantee_has_ended(world: World):
    world.home()
    world.flag(family())
    world.housed()

    world.clock.move_on(timedelta(days=179))
    world.settle()
    assert world.referral().status is Status.HOUSED
    world.clock.move_on(timedelta(days=2))
    world.settle()

    assert world.referral().status is Status.CLOSED


def test_a_refused_sign_off_closes_the_case_and_tells_the_family_how_to_complain(world: World):
    world.flag(family())
    world.settle()

    world.answer(QuestionKind.SIGN_OFF, Answer.NO, "need_not_documented")
    world.settle()

    assert world.referral().status is Status.CLOSED
    assert world.mail.letters[-1]["To"] == family().identity.email
    assert "Ankestyrelsen" in world.texts()[-1]


def test_a_flag_waits_for_a_person_when_nobody_but_its_flagger_could_sign_it_off(world: World):
    change(world, "municipality:0461", "teamleder-2", role=Role.CASEWORKER)
    report = world.flag(family(1, flagged_by="teamleder-1"))

    assert report.taken_in == ()
    assert [item.code for item in world.rows(select(AttentionItem))] == ["needs_person"]
    assert world.case_system().receipts == {}


def test_a_family_that_wants_to_live_in_a_region_is_offered_homes_there_alone(world: World):
    world.home("havblik", "0450", rent_monthly_ore=600_000)
    there = world.home("skovbrynet", "0710", department="Bøgelunden")
    need = replace(family().need, region="Region Midtjylland")
    world.flag(family(1, municipality="0751", need=need), municipality="0751")
    world.until(QuestionKind.OFFER)

    (asked,) = world.questions(QuestionKind.OFFER)
    assert asked.asked_of == "association:skovbrynet"
    assert asked.request["region"] == "Region Midtjylland"
    assert world.rows(select(SuggestedHome.vacancy_id)) == [there]
