"""After a withdrawal or a recall no party is told a family's identity, whatever happens at the same moment.

A party that may still know it keeps it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.errors import PartnerRefused, PartnerUnavailable
from domain.questions.question import Answer, QuestionKind
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.lifecycle import Status
from storage.attention import open_items
from storage.audit.events import AuditEvent
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.privacy.consents import ConsentRecord, withdraw_consent
from storage.privacy.disclosures import Disclosure
from storage.privacy.erasure import why_not_erased
from storage.staff.attention import deal_with
from tasks.path.legs import LEGS
from tasks.path.moves import due, move_each
from tests.tasks.delivery.told_families import FIRST, accept, handover
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World

accepted = world_after(accept)


def withdraw(world: World, way: ConsentWithdrawn = ConsentWithdrawn.LETTER) -> None:
    with world.platform.database.writing() as session:
        withdraw_consent(session, 1, way, by="vagt", now=world.clock.now())


def refusing(world: World, monkeypatch: pytest.MonkeyPatch, system, deed: str):
    """Have a partner refuse to delete; returns the function that ends this."""
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
    # Delivery runs before the path does.
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
    found = [one.id for one in due(world.platform, LEGS["hear_families"], now=world.clock.now())]
    assert found
    withdraw(world)
    for later in LEGS.values():
        if later.name != "stop_withdrawn":
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
    # Half an hour after midnight in Copenhagen, before housekeeping runs.
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


def test_a_finance_system_that_is_silent_holds_back_no_deletion(world: World):
    world.home()
    world.home()
    world.flag(family())
    world.flag(family(2))
    world.until(QuestionKind.MOVE_IN)
    with world.platform.database.reading() as session:
        finance = partner_of(session, "municipality:0450").systems["finance"]
    world.partners.down[finance.url] = PartnerUnavailable("silent")
    world.answer(QuestionKind.MOVE_IN, nth=1)
    world.settle()
    world.answer(QuestionKind.MOVE_IN, Answer.NO, "home_not_ready")
    world.settle()

    recalled = world.rows(select(Disclosure).where(col(Disclosure.recalled_at).is_not(None)))
    assert len(recalled) == 2
    assert all(one.deletion_confirmed_at for one in recalled)
