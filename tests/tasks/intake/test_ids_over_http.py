"""Ids that case systems give to flags and withdrawals: a UUID is no CPR number, and every refusal is listed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from connectors.case_system.reading import read_flag, read_withdrawal
from domain.referrals.household import FlaggedFamily, FlaggedWithdrawal
from domain.referrals.lifecycle import Status
from domain.text.screening import holds_cpr_number, tells_how_to_reach
from storage.attention import AttentionItem
from storage.privacy.consents import ConsentRecord
from tests.tasks.intake.flagged_over_http import case_systems, sent
from tests.world.world import World

FLAG, WITHDRAWAL = "cda79077-1005-4d2c-b6cc-057308ec379a", "811c8fa7-7124-4205-8d62-5a7f177a8334"


def listed(world: World) -> list[tuple[str, str]]:
    return [(item.code, item.detail) for item in world.rows(select(AttentionItem)) if item.closed_at is None]


def test_a_uuid_that_looks_like_a_cpr_number_is_answered_and_its_withdrawal_carried_out(world: World, tmp_path: Path):
    with case_systems(world, tmp_path) as systems:
        systems.flag(sent(flag_id=FLAG, case_id=f"{{{WITHDRAWAL.upper()}}}"))
        assert systems.receipts()[FLAG]["accepted"]

        systems.withdraw(f"{{{WITHDRAWAL.upper()}}}", WITHDRAWAL)
        assert systems.receipts()[WITHDRAWAL]["accepted"]

    assert world.referral().status is Status.WITHDRAWN
    assert [one.withdrawn for one in world.rows(select(ConsentRecord))] == ["case_system"]
    assert listed(world) == []


def test_each_refused_withdrawal_stands_on_the_list_by_itself(world: World, tmp_path: Path):
    mine = sent()
    case_id = str(mine["case_id"])
    with case_systems(world, tmp_path) as systems:
        systems.flag(mine, sent(1) | {"flag_id": "010190-1234"})
        for called, reason in [
            ("010190-1234", "consent_withdrawn"),
            ("020290-1234", "consent_withdrawn"),
            ("w-1", "because"),
            (str(mine["flag_id"]), "consent_withdrawn"),
        ]:
            systems.withdraw(case_id, called, reason=reason)
        systems.withdraw("no such case", "w-2")
        systems.poll()

    assert listed(world) == [
        ("flag_without_id", "municipality:0461: flag_id: not_usable"),
        ("withdrawal_refused", "municipality:0461: withdrawal_id: not_usable"),
        ("withdrawal_refused", "municipality:0461: withdrawal_id: not_usable"),
        ("withdrawal_refused", "municipality:0461: reason: enum"),
        ("withdrawal_refused", "municipality:0461: withdrawal_id: is_a_flags"),
        ("withdrawal_refused", "municipality:0461: case_id: no_open_referral"),
    ]
    subjects = [item.subject for item in world.rows(select(AttentionItem))]
    assert len(set(subjects)) == len(subjects)
    assert not any(number in subject for subject in subjects for number in ("010190", "020290"))


WRITTEN = ["{}", "{{{}}}", "urn:uuid:{}", "sag-{}", "{}_2", "ref {} ok"]


@given(st.uuids(), st.sampled_from(WRITTEN), st.booleans(), st.booleans())
def test_no_uuid_is_taken_for_a_number_however_it_is_written(uuid, written: str, upper: bool, bare: bool):
    one = uuid.hex if bare else str(uuid)
    text = written.format(one.upper() if upper else one)
    assert not holds_cpr_number(text)
    assert not tells_how_to_reach(text)


@given(st.uuids(), st.uuids())
def test_any_two_uuids_name_a_flag_and_a_case_and_a_withdrawal(first, second):
    family = read_flag(1, sent(flag_id=str(first), case_id=second.hex))
    assert isinstance(family, FlaggedFamily), family
    stop = {"withdrawal_id": str(first), "case_id": str(second), "reason": "case_withdrawn"}
    assert isinstance(read_withdrawal(1, stop), FlaggedWithdrawal)


@pytest.mark.parametrize("hidden", ["010190-1234", "0101901234"])
def test_a_number_beside_a_uuid_is_one_still(hidden: str):
    assert holds_cpr_number(f"{FLAG} {hidden}")
    assert holds_cpr_number(f"{FLAG}{hidden}")
