"""Intake: each flag is taken in once and answered, and a bad one does not stop the others."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from domain.ports.case_system import Receipt
from domain.parties.deadlines import OF_NO_CASE
from domain.questions.question import QuestionKind
from domain.referrals.household import FlaggedWithdrawal, RefusedFlag
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.referrals import Referral, referral_by_reference
from storage.vault.entries import Door, VaultEntry, VaultOpening
from tests.world.families import family
from tests.world.world import World


def refusals(world: World) -> dict[str, tuple[str | None, str | None]]:
    return {row.flag_id: (row.field, row.reason) for row in world.rows(select(FlagReceipt)) if row.reason}


def test_a_flag_that_comes_again_before_its_receipt_arrives_is_taken_once(world: World):
    world.flag(family())
    world.flag()
    world.flag()

    assert len(world.rows(select(Referral))) == 1
    assert len(world.rows(select(FlagReceipt))) == 1
    world.deliver()
    assert world.case_system().receipts == {"flag-1": Receipt("flag-1", accepted=True, reference="TF-2026-00001")}


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"consent": replace(family().consent, given_on=date(2026, 3, 3))}, "consent.given_on", "in_the_future"),
        ({"need": replace(family().need, region="Region Atlantis")}, "need.region", "no_receiver_there"),
        ({"need": replace(family().need, region="Region Nordjylland")}, "need.region", "no_receiver_there"),
        ({"consent": replace(family().consent, ends_on=date(2026, 3, 1))}, "consent.ends_on", "in_the_past"),
        ({"flagged_by": "nobody"}, "flagged_by", "unknown_contact"),
    ],
)
def test_a_flag_that_breaks_a_rule_is_refused_with_its_field_and_the_rest_goes_on(
    sqlite_world: World, changes, field, reason
):
    report = sqlite_world.flag(family(1, **changes), family(2))
    sqlite_world.deliver()

    assert (report.taken_in, report.refused) == (("TF-2026-00001",), 1)
    receipt = sqlite_world.case_system().receipts["flag-1"]
    assert (receipt.accepted, receipt.field, receipt.reason) == (False, field, reason)
    assert sqlite_world.case_system().receipts["flag-2"].accepted


def test_a_family_that_is_already_known_is_refused_while_its_case_is_open(world: World):
    world.flag(family(1))
    world.flag(family(2, case_id="sag-0461-1"))

    assert refusals(world) == {"flag-2": ("case_id", "already_known")}
    assert len(world.rows(select(VaultEntry))) == 1


def test_a_family_whose_case_was_withdrawn_may_be_flagged_again(world: World):
    world.flag(family(1))
    world.case_system().withdrawals.append(FlaggedWithdrawal("w-1", "sag-0461-1", "consent_withdrawn"))
    world.flag()
    world.settle()

    world.flag(family(2, case_id="sag-0461-1"))

    assert [row.status for row in world.rows(select(Referral))] == [Status.WITHDRAWN, Status.RECEIVED]


@pytest.mark.parametrize("kind", [kind for kind in QuestionKind if kind not in OF_NO_CASE])
def test_a_withdrawal_stops_the_case_from_every_open_status(sqlite_world: World, kind: QuestionKind):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.until(kind)
    world.case_system().withdrawals.append(FlaggedWithdrawal("w-1", "sag-0461-1", "consent_withdrawn"))
    world.flag()
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    assert world.questions() == []
    assert (world.desk().held, world.desk().tenants) == ({}, {})
    assert world.case_system().receipts["w-1"].accepted


def test_a_withdrawal_after_the_move_is_told_to_a_person_and_changes_nothing(world: World):
    world.home()
    world.flag(family())
    world.housed()
    due_at = world.referral().due_at
    world.case_system().withdrawals.append(FlaggedWithdrawal("w-1", "sag-0461-1", "case_withdrawn"))
    world.flag()
    world.settle()

    assert (world.referral().status, world.referral().due_at) == (Status.HOUSED, due_at)
    assert [item.code for item in world.rows(select(AttentionItem))] == ["too_late_to_stop"]


@pytest.mark.parametrize(
    ("withdrawal", "field"),
    [
        (FlaggedWithdrawal("w-1", "unknown", "consent_withdrawn"), "case_id"),
        (FlaggedWithdrawal("w-1", "sag-0461-1", "because"), "reason"),
    ],
)
def test_a_withdrawal_that_makes_no_sense_is_refused(sqlite_world: World, withdrawal, field):
    sqlite_world.flag(family())
    sqlite_world.case_system().withdrawals.append(withdrawal)
    sqlite_world.flag()

    assert refusals(sqlite_world)["w-1"][0] == field
    assert sqlite_world.referral().stop_requested is None


def test_what_the_connector_refused_is_answered_once_and_what_has_no_id_goes_to_a_person(sqlite_world: World):
    sqlite_world.flag()
    sqlite_world.case_system().refused = [
        RefusedFlag("flag-9", "consent", "no_consent"),
        RefusedFlag("line:2", "flag_id", "missing"),
    ]
    sqlite_world.flag()
    sqlite_world.flag()
    sqlite_world.deliver()

    assert refusals(sqlite_world) == {"flag-9": ("consent", "no_consent")}
    assert [item.code for item in sqlite_world.rows(select(AttentionItem))] == ["flag_without_id"]


def test_who_the_family_is_lies_sealed_in_the_vault_and_every_opening_leaves_a_line(world: World):
    world.home()
    world.flag(family())
    entry = world.rows(select(VaultEntry))[0]
    identity = family().identity
    for value in (identity.adult_name, identity.cpr, identity.email, identity.address):
        assert value.encode() not in entry.sealed_identity

    world.housed()

    openings = [(row.door, row.opened_for) for row in world.rows(select(VaultOpening))]
    assert openings == [
        (Door.ADDRESS_FAMILY, "mail"),
        (Door.DISCLOSURE, "association:havblik"),
        (Door.DISCLOSURE, "municipality:0450"),
    ]


def test_references_count_within_the_year_and_have_no_gaps_from_refusals(world: World):
    world.flag(family(1), family(2, flagged_by="nobody"), family(3))
    assert [row.reference for row in world.rows(select(Referral))] == ["TF-2026-00001", "TF-2026-00002"]
    with world.platform.database.reading() as session:
        assert referral_by_reference(session, "TF-2026-00003") is None
