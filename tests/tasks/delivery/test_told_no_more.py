"""Who must not know who a family is any more is told nothing, whatever crosses; and who still may loses nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.errors import Invalid, PartnerRefused, PartnerUnavailable
from domain.questions.question import Answer, QuestionKind, Reply
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import Status
from storage.attention import open_items
from storage.audit.events import AuditEvent
from storage.columns import id_of
from storage.parties.parties import partner
from storage.privacy.consents import ConsentRecord, withdraw_consent
from storage.privacy.disclosures import Disclosure
from storage.privacy.rights import corrected, held_about, why_not_erased
from storage.questions.questions import record_answer
from storage.staff.attention import deal_with
from storage.vault.vault import VaultOpening
from tasks.path.legs import HEAR_FAMILY, LEGS, STOP, due, move_each
from tests.kept import world_after
from tests.world import World, family

FIRST = "TF-2026-00001"


def handover(world: World):
    return world.partners.of("handover", "0450")


def withdraw(world: World, way: ConsentWithdrawn = ConsentWithdrawn.LETTER) -> None:
    with world.platform.database.writing() as session:
        withdraw_consent(session, 1, way, by="vagt", now=world.clock.now())


def put_right(world: World, field: str, value: str | bool, opened_for: str = "dpo: asked") -> list[str]:
    with world.platform.database.writing() as session:
        now, vault = world.clock.now(), world.platform.vault
        return corrected(session, vault, world.referral(), field, value, opened_for=opened_for, now=now)


def refusing(world: World, monkeypatch: pytest.MonkeyPatch, system, deed: str):
    """Have a partner refuse to delete; returns what has it give in."""
    does = getattr(type(system), deed)

    async def refuses(*_given, key: str) -> None:
        raise PartnerRefused(f"POST /recalls: {key and 'deletion not confirmed'}")

    monkeypatch.setattr(type(system), deed, refuses)
    return lambda: monkeypatch.setattr(type(system), deed, does)


def try_again(world: World) -> None:
    with world.platform.database.writing() as session:
        for item in open_items(session):
            if item.subject.startswith("outbox:"):
                deal_with(session, id_of(item), again=True, by="vagt", now=world.clock.now())


def accept(world: World) -> None:
    """A family has accepted a home, and who it is was told."""
    world.home()
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)


accepted = world_after(accept)


def test_a_deletion_that_was_not_confirmed_stays_on_the_list_when_the_case_stops(accepted: World, monkeypatch):
    give_in = refusing(accepted, monkeypatch, handover(accepted), "take_back")
    accepted.answer(QuestionKind.MOVE_IN, Answer.NO, "home_not_ready")
    accepted.settle()
    withdraw(accepted)
    accepted.settle()

    assert accepted.referral().status is Status.WITHDRAWN
    assert list(handover(accepted).newcomers) == [FIRST]
    with accepted.platform.database.reading() as session:
        assert [item.subject.partition(":")[0] for item in open_items(session)] == ["outbox"]
        reasons = why_not_erased(
            session, accepted.referral(), accepted.platform.retention, today=accepted.clock.now().date()
        )
    assert [reason for reason in reasons if "municipality:0450 has not confirmed" in reason]
    give_in()
    try_again(accepted)
    accepted.settle()
    assert handover(accepted).newcomers == {}


@pytest.mark.parametrize(("reason", "deed"), [("home_not_ready", "take_back"), ("lease_not_signed", "recall")])
def test_a_recall_that_comes_late_takes_nobody_away_who_has_come_back(
    accepted: World, monkeypatch, reason: str, deed: str
):
    system = handover(accepted) if deed == "take_back" else accepted.desk()
    give_in = refusing(accepted, monkeypatch, system, deed)
    accepted.answer(QuestionKind.MOVE_IN, Answer.NO, reason)
    accepted.settle()
    give_in()
    if reason == "lease_not_signed":
        accepted.clock.move_on(timedelta(days=8))
    accepted.until(QuestionKind.MOVE_IN)

    try_again(accepted)
    accepted.settle()
    accepted.deliver()

    assert list(handover(accepted).newcomers) == [FIRST]
    assert [tenant.name for tenant in accepted.desk().tenants.values()] == [family().identity.adult_name]


def test_what_waits_to_be_told_is_not_when_the_consent_is_withdrawn_first(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE)
    world.carry()
    withdraw(world)
    # Whoever delivers is quicker than the path.
    world.deliver()

    assert (world.desk().tenants, handover(world).newcomers) == ({}, {})
    world.settle()
    assert world.referral().status is Status.WITHDRAWN
    assert (world.desk().tenants, handover(world).newcomers) == ({}, {})


def test_a_withdrawal_between_two_legs_of_a_run_stops_the_later_one(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE)
    found = [one.id for one in due(world.platform, HEAR_FAMILY, now=world.clock.now())]
    assert found
    withdraw(world)
    for later in LEGS:
        if later is not STOP:
            move_each(world.platform, later, found)
    world.deliver()
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    assert (world.desk().tenants, handover(world).newcomers) == ({}, {})
    assert all(one.deletion_confirmed_at for one in world.rows(select(Disclosure)))


def test_whoever_accepts_after_its_consent_has_ended_is_not_told_of(world: World):
    flagged = family()
    world.home()
    world.flag(replace(flagged, consent=replace(flagged.consent, ends_on=date(2026, 3, 2))))
    world.until(QuestionKind.ACCEPTANCE)
    # Half an hour after midnight here, and before the night's own look.
    world.clock.at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    world.answer(QuestionKind.ACCEPTANCE)
    world.settle()

    assert world.rows(select(Disclosure)) == []
    assert world.referral().status is Status.WITHDRAWN
    assert [one.withdrawn for one in world.rows(select(ConsentRecord))] == [ConsentWithdrawn.ENDED]


def test_a_withdrawal_is_in_the_chain_once_however_often_it_comes(world: World):
    world.flag(family())
    withdraw(world)
    withdraw(world, ConsentWithdrawn.PHONE)
    assert len(world.rows(select(AuditEvent).where(AuditEvent.deed == "consent_withdrawn"))) == 1


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
    # When it was told first is what counts.
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


def test_from_then_on_its_caseworker_asks_it(world: World):
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


def test_a_finance_system_that_is_silent_holds_back_no_deletion(world: World):
    world.home()
    world.home()
    world.flag(family())
    world.flag(family(2))
    world.until(QuestionKind.MOVE_IN)
    with world.platform.database.reading() as session:
        finance = partner(session, "municipality:0450").systems["finance"]
    world.partners.down[finance.url] = PartnerUnavailable("silent")
    world.answer(QuestionKind.MOVE_IN, nth=1)
    world.settle()
    world.answer(QuestionKind.MOVE_IN, Answer.NO, "home_not_ready")
    world.settle()

    recalled = world.rows(select(Disclosure).where(col(Disclosure.recalled_at).is_not(None)))
    assert len(recalled) == 2
    assert all(one.deletion_confirmed_at for one in recalled)
