"""Flags and withdrawals, taken in or refused one by one, and acknowledged."""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.case_system.json_system import JsonCaseSystem
from connectors.http import PartnerHttp
from deployments.standins.world import Sent
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.case_system import Receipt
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven
from domain.referrals.household import FlagBatch, FlaggedWithdrawal, Language, Need, RefusedFlag
from tests.connectors.case_system.flags import WRONG, answering, polled, spoiled


def without(flag: Sent, path: str) -> Sent:
    """The flag with one field left out."""
    *outer, last = path.split(".")
    inner: Any = flag
    for name in outer:
        inner = inner[name]
    del inner[last]
    return flag


async def test_a_flag_is_taken_in_whole(flag: Sent) -> None:
    (family,) = (await polled(flag)).families
    assert (family.flag_id, family.case_id, family.from_area) == ("F-1", "SAG-2026/17", "Opdigtede Park")
    assert family.need == Need(4, 3, 850_000, date(2026, 6, 1), step_free=False)
    assert family.consent == Consent(
        given_on=date(2026, 3, 2),
        given_to="Opdigtet Sagsbehandler",
        how=ConsentGiven.IN_WRITING,
        children=ChildrenHeard.HEARD,
        ends_on=date(2027, 3, 2),
    )
    assert family.language is Language.DANISH
    assert family.identity.cpr == "9999990001"
    assert family.identity.adult_name == "Prøve Opdigtsen"


@pytest.mark.parametrize("cpr", ["9999990001", "999999-0001", "3112994321", "000000-0000"])
async def test_a_cpr_number_is_ten_digits_whatever_its_modulus(flag: Sent, cpr: str) -> None:
    (family,) = (await polled(spoiled(flag, "identity.cpr", cpr))).families
    assert family.identity.cpr == cpr.replace("-", "")


@pytest.mark.parametrize("path", ["from_area", "identity.note"])
async def test_what_may_be_left_out_may_be_left_out(flag: Sent, path: str) -> None:
    assert (await polled(without(flag, path))).refused == ()


@pytest.mark.parametrize("path", ["from_area"])
async def test_what_may_be_null_may_be_null(flag: Sent, path: str) -> None:
    assert (await polled(spoiled(flag, path, None))).families[0].from_area is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("case_id", f"{WRONG}\n", "string_pattern_mismatch"),
        ("case_id", WRONG * 9, "string_too_long"),
        ("case_id", 4711, "string_type"),
        ("case_id", "sag-9999990001", "holds_cpr"),
        ("flagged_by", "", "string_pattern_mismatch"),
        ("from_area", [WRONG], "string_type"),
        ("outside_labour_market", -1, "greater_than_equal"),
        ("outside_labour_market", 21, "less_than_equal"),
        ("outside_labour_market", "4711", "int_type"),
        ("outside_labour_market", 4711.0, "int_type"),
        ("outside_labour_market", float("nan"), "int_type"),
        ("language", WRONG, "literal_error"),
        ("answers_by", WRONG, "literal_error"),
        ("need", WRONG, "model_type"),
        ("need.persons", 0, "greater_than_equal"),
        ("need.persons", 4711, "less_than_equal"),
        ("need.persons", True, "int_type"),
        ("need.rooms_min", 11, "less_than_equal"),
        ("need.rent_max_monthly_ore", 99_999, "greater_than_equal"),
        ("need.rent_max_monthly_ore", 5_000_001, "less_than_equal"),
        ("need.move_in_from", "31-12-4711", "iso_date"),
        ("need.move_in_from", "2026-02-30", "iso_date"),
        ("need.move_in_from", "2026-06-01T00:00:00", "iso_date"),
        ("need.move_in_from", "1767225600", "iso_date"),
        ("need.move_in_from", 1767225600, "iso_date"),
        ("need.step_free", "ja", "bool_type"),
        ("need.step_free", 1, "bool_type"),
        ("consent", WRONG, "model_type"),
        ("consent", None, "no_consent"),
        ("consent.given_on", WRONG, "iso_date"),
        ("consent.given_to", "   ", "string_pattern_mismatch"),
        ("consent.how", WRONG, "literal_error"),
        ("consent.children", WRONG, "literal_error"),
        ("consent.ends_on", WRONG, "iso_date"),
        ("identity.address_protection", WRONG, "bool_type"),
        ("identity", None, "model_type"),
        ("identity.adult_name", f"{WRONG}\r\nBcc: x@example.test", "string_pattern_mismatch"),
        ("identity.cpr", "99999-90001", "string_pattern_mismatch"),
        ("identity.cpr", "99999900011", "string_pattern_mismatch"),
        ("identity.cpr", "999999000x", "string_pattern_mismatch"),
        ("identity.cpr", 9999990001, "string_type"),
        ("identity.email", WRONG, "string_pattern_mismatch"),
        ("identity.email", "a@b@example.test", "string_pattern_mismatch"),
        ("identity.email", "hemmelig@example.test\n", "string_pattern_mismatch"),
        ("identity.phone", WRONG, "string_pattern_mismatch"),
        ("identity.address", "", "string_pattern_mismatch"),
        ("identity.note", WRONG * 400, "string_too_long"),
    ],
)
async def test_a_malformed_flag_is_refused_by_field_and_rule_and_its_value_is_not_repeated(
    flag: Sent, field: str, value: object, reason: str
) -> None:
    batch = await polled(spoiled(flag, field, value))
    assert batch == FlagBatch(refused=(RefusedFlag("F-1", field, reason),))
    assert WRONG not in repr(batch)
    assert not any(str(hidden) in repr(batch) for hidden in ("9999990001", "999999-0001", "4711", "Opdigtsen"))


@pytest.mark.parametrize(
    "path",
    [
        "case_id", "flagged_by", "outside_labour_market", "language", "answers_by", "need", "identity",
        "need.persons", "need.rooms_min", "need.rent_max_monthly_ore", "need.move_in_from", "need.step_free",
        "consent.given_on", "consent.given_to", "consent.how", "consent.children",
        "identity.adult_name", "identity.cpr", "identity.address",
    ],
)  # fmt: skip
async def test_a_field_that_is_left_out_is_named(flag: Sent, path: str) -> None:
    assert (await polled(without(flag, path))).refused == (RefusedFlag("F-1", path, "missing"),)


async def test_consent_that_is_left_out_is_no_consent(flag: Sent) -> None:
    assert (await polled(without(flag, "consent"))).refused == (RefusedFlag("F-1", "consent", "no_consent"),)


async def test_text_that_is_no_text_is_refused(flag: Sent) -> None:
    assert (await polled(spoiled(flag, "identity.note", "\ud800"))).refused == (
        RefusedFlag("F-1", "flag", "json_invalid"),
    )


@pytest.mark.parametrize("flag_id", [None, 7, "", "a/b", "a b", "../x", "ø", "x" * 65, "9999990001", "999999-0001"])
async def test_a_flag_that_cannot_be_answered_is_called_by_its_place(flag: Sent, flag_id: object) -> None:
    batch = await polled(flag, flag | {"flag_id": flag_id})
    assert [family.flag_id for family in batch.families] == ["F-1"]
    assert batch.refused == (RefusedFlag("line:2", "flag_id", "not_usable"),)


@pytest.mark.parametrize("sent", [None, "flag", 7, [], True])
async def test_a_flag_that_is_no_object_is_called_by_its_place(sent: object) -> None:
    assert (await polled(sent)).refused == (RefusedFlag("line:1", "flag_id", "not_usable"),)


async def test_one_malformed_flag_does_not_stop_the_others(flag: Sent) -> None:
    others = [{**flag, "flag_id": f"F-{number}"} for number in (2, 4)]
    batch = await polled(others[0], {"flag_id": "F-3", "consent": {}}, others[1])
    assert [family.flag_id for family in batch.families] == ["F-2", "F-4"]
    assert [refused.flag_id for refused in batch.refused] == ["F-3"]


async def test_a_batch_never_shows_who_the_families_are(flag: Sent) -> None:
    batch = await polled(flag)
    identity: Any = flag["identity"]
    hidden = [*identity.values(), *asdict(batch.families[0].identity).values()]
    assert not any(value in repr(batch) for value in hidden if isinstance(value, str))
    assert "address_protection" not in repr(batch)


async def test_a_withdrawal_is_read_and_a_malformed_one_refused() -> None:
    good = {"withdrawal_id": "W-1", "case_id": "SAG-2026/17", "reason": "consent_withdrawn"}
    batch = await polled(
        withdrawals=(good, good | {"withdrawal_id": "W-2", "reason": WRONG}, good | {"withdrawal_id": 3})
    )
    assert batch.withdrawals == (FlaggedWithdrawal("W-1", "SAG-2026/17", "consent_withdrawn"),)
    assert batch.refused == (
        RefusedFlag("W-2", "reason", "enum"),
        RefusedFlag("withdrawal:3", "withdrawal_id", "not_usable"),
    )
    assert WRONG not in repr(batch)


@pytest.mark.parametrize("body", [[], {}, {"flags": []}, {"flags": None, "withdrawals": []}, {"withdrawals": []}, "x"])
async def test_an_answer_without_both_lists_is_no_answer(body: object) -> None:
    with pytest.raises(PartnerUnavailable, match="GET /flags: no list of"):
        await answering(body).flagged()


async def test_a_flag_that_cannot_be_answered_is_not_acknowledged() -> None:
    with pytest.raises(PartnerRefused, match="without a usable id"):
        await answering({}).acknowledge(
            Receipt("line:2", accepted=False, field="flag_id", reason="not_usable"), key="k"
        )


async def test_a_flag_is_there_until_it_is_acknowledged(at: Callable[..., PartnerHttp]) -> None:
    system = JsonCaseSystem(at("/case/0461", "municipality:0461"))
    assert [family.flag_id for family in (await system.flagged()).families] == ["F-1"]
    assert [family.flag_id for family in (await system.flagged()).families] == ["F-1"]
    await system.acknowledge(Receipt("F-1", accepted=True, reference="TF-2026-00001"), key="k")
    assert (await system.flagged()).families == ()


async def test_a_receipt_told_twice_is_filed_once(at: Callable[..., PartnerHttp], client: httpx.AsyncClient) -> None:
    system = JsonCaseSystem(at("/case/0461", "municipality:0461"))
    receipt = Receipt("F-1", accepted=False, field="need.persons", reason="missing")
    for _ in range(3):
        await system.acknowledge(receipt, key="k")
    state = (await client.get("/_control/state")).json()["case_systems"]["0461"]
    assert state["receipts"] == [asdict(receipt)]
    assert (state["writes"], state["repeats"]) == (1, 2)


async def test_a_withdrawal_is_there_until_it_is_acknowledged(
    at: Callable[..., PartnerHttp], client: httpx.AsyncClient
) -> None:
    system = JsonCaseSystem(at("/case/0461", "municipality:0461"))
    stop = {"case_id": "SAG-2026/17", "reason": "consent_withdrawn"}
    assert (await client.post("/_control/withdraw/0461", json=stop)).is_success
    (withdrawal,) = (await system.flagged()).withdrawals
    assert (withdrawal.case_id, withdrawal.reason) == ("SAG-2026/17", "consent_withdrawn")
    await system.acknowledge(Receipt(withdrawal.withdrawal_id, accepted=True), key="k")
    assert (await system.flagged()).withdrawals == ()


async def test_a_wrong_token_is_a_persons_to_sort_out(at: Callable[..., PartnerHttp]) -> None:
    system = JsonCaseSystem(at("/case/0461", "municipality:0461", token=secrets.token_hex()))
    with pytest.raises(PartnerRefused, match="GET /flags: 401"):
        await system.flagged()
