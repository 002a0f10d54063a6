"""A deed of staff is called with who did it and when, and both are stored."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.errors import Invalid, Unknown
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven, ConsentWithdrawn
from domain.referrals.lifecycle import WithdrawalReason
from domain.working_days import COPENHAGEN
from storage.audit.events import AuditEvent
from storage.privacy.consents import ConsentRecord
from storage.referrals.history import HistoryLine
from storage.staff import operations
from storage.staff.families import cases, consents, erasure
from tests.world.families import family
from tests.world.world import World

REFERENCE, WHO = "TF-2026-00001", "Maria Hansen"


@pytest.fixture
def flagged(sqlite_world: World) -> World:
    sqlite_world.flag(family())
    return sqlite_world


def consent(world: World, *, given_ago: int = 0, lasts: int = 100, given_to: str = "sagsbehandler-1") -> Consent:
    given = world.clock.now().astimezone(COPENHAGEN).date() - timedelta(days=given_ago)
    return Consent(given, given_to, ConsentGiven.ORALLY, ChildrenHeard.NO_CHILDREN, given + timedelta(days=lasts))


def test_withdrawing_a_case(flagged: World):
    with flagged.platform.database.writing() as session:
        cases.withdraw(session, REFERENCE, by=WHO, now=flagged.clock.now())
    (line,) = flagged.rows(select(HistoryLine).where(HistoryLine.deed == "withdrawal_asked_for"))
    assert (line.actor, line.at) == (WHO, flagged.clock.now())
    assert flagged.referral().stop_requested is WithdrawalReason.CASE_WITHDRAWN


def test_a_case_that_there_is_not(flagged: World):
    with pytest.raises(Unknown), flagged.platform.database.writing() as session:
        cases.withdraw(session, "TF-2026-00099", by=WHO, now=flagged.clock.now())


def test_renewing_and_withdrawing_a_consent(flagged: World):
    now = flagged.clock.now()
    with flagged.platform.database.writing() as session:
        consents.renew(session, REFERENCE, consent(flagged), by=WHO, now=now)
    with flagged.platform.database.writing() as session:
        consents.withdraw(session, REFERENCE, ConsentWithdrawn.PHONE, by=WHO, now=now)
    events = flagged.rows(select(AuditEvent).where(AuditEvent.actor == WHO))
    assert [(event.deed, event.at) for event in events] == [("consent_given", now), ("consent_withdrawn", now)]
    assert {one.withdrawn_by for one in flagged.rows(select(ConsentRecord))} == {WHO}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("given_on", {"given_ago": -1}),
        ("ends_on", {"given_ago": 20, "lasts": 10}),
        ("given_to", {"given_to": "nobody"}),
    ],
)
def test_a_consent_that_cannot_be(flagged: World, field: str, wrong: dict):
    with pytest.raises(Invalid) as refused, flagged.platform.database.writing() as session:
        consents.renew(session, REFERENCE, consent(flagged, **wrong), by=WHO, now=flagged.clock.now())
    assert refused.value.field == field


def test_a_family_that_cannot_be_erased_yet(flagged: World):
    platform, now = flagged.platform, flagged.clock.now()
    of = flagged.referral()
    assert erasure.erase(platform.database, platform.vault, of, platform.retention, by=WHO, now=now)
    (event,) = flagged.rows(select(AuditEvent).where(AuditEvent.deed == "erasure_refused"))
    assert (event.actor, event.at) == (WHO, now)


def test_shredding_before_the_archive_has_it(flagged: World):
    platform, of = flagged.platform, flagged.referral()
    with pytest.raises(Invalid, match="archive"):
        erasure.shred(
            platform.database,
            platform.vault,
            of,
            although_not_archived=False,
            why="asked for",
            by=WHO,
            now=flagged.clock.now(),
        )


def test_work_of_a_schedule_that_was_done_at_once(flagged: World):
    with flagged.platform.database.writing() as session:
        operations.record_done_now(session, "intake", {"municipalities": "0461"}, by=WHO, now=flagged.clock.now())
    (event,) = flagged.rows(select(AuditEvent).where(AuditEvent.deed == "done_now"))
    assert (event.actor, event.about) == (WHO, "intake")
