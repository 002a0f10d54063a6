"""Flags whose open text or names reveal who the family is."""

from typing import Any

import pytest

from connectors.case_system.contract import as_contracted
from connectors.case_system.reading import read_withdrawal
from deployments.standins.world import Sent
from domain.errors import Invalid
from domain.referrals.household import RefusedFlag
from tests.connectors.case_system.flags import WRONG, polled, spoiled


@pytest.mark.parametrize("field", ["case_id", "flagged_by", "from_area", "consent.given_to"])
@pytest.mark.parametrize(
    ("of", "told"), [("adult_name", "holds_name"), ("email", "holds_email"), ("phone", "holds_phone")]
)
async def test_open_text_that_tells_who_the_family_is_is_refused_and_not_repeated(
    flag: Sent, field: str, of: str, told: str
) -> None:
    identity: Any = flag["identity"]
    batch = await polled(spoiled(flag, field, f"se {identity[of]}"))
    # These fields may be printed in a letter, so the contract refuses an address in them.
    rule = "string_pattern_mismatch" if of == "email" and field in ("from_area", "consent.given_to") else told
    assert batch.refused == (RefusedFlag("F-1", field, rule),)
    assert identity[of] not in repr(batch)


FAMILY_OF_TWO = "Åse Præst Ørsted og Bo Lund-Holm"


@pytest.mark.parametrize("field", ["case_id", "consent.given_to"])
@pytest.mark.parametrize(
    "text",
    ["Ørsted", "familien Ørsteds sag", "OERSTED 2026", "sag/orsted", "Bo Lund-Holm", "Holm", "lund 17", "hos LUND"],
)
async def test_a_surname_alone_and_the_other_adult_are_refused_by_field(flag: Sent, field: str, text: str) -> None:
    named = spoiled(flag, "identity.adult_name", FAMILY_OF_TWO)
    batch = await polled(spoiled(named, field, text))
    assert batch.refused == (RefusedFlag("F-1", field, "holds_name"),)
    assert text not in repr(batch)


async def test_a_flag_that_is_called_by_a_surname_is_named_by_its_place(flag: Sent) -> None:
    named = spoiled(flag, "identity.adult_name", FAMILY_OF_TWO)
    batch = await polled(spoiled(named, "flag_id", "sag-Holm_17"))
    assert batch.refused == (RefusedFlag("line:1", "flag_id", "holds_name"),)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("case_id", "SAG-2026/17"),
        ("case_id", "Holmegade 3"),
        ("consent.given_to", "Åse i Lundtofte"),
        ("consent.given_to", "Sagsbehandler Bo"),
        ("consent.given_to", "Præstø"),
        ("flagged_by", "mette-orsted"),
        ("from_area", "Lunden"),
        ("from_area", "Holm Vest"),
    ],
)
async def test_a_first_name_and_a_longer_word_say_nothing(flag: Sent, field: str, text: str) -> None:
    named = spoiled(flag, "identity.adult_name", FAMILY_OF_TWO)
    assert (await polled(spoiled(named, field, text))).refused == ()


@pytest.mark.parametrize("field", ["flagged_by", "from_area"])
async def test_who_works_there_may_have_the_same_surname_after_a_name_of_theirs_alone(flag: Sent, field: str) -> None:
    named = spoiled(flag, "identity.adult_name", FAMILY_OF_TWO)
    assert (await polled(spoiled(named, field, "Ørsted"))).refused == (RefusedFlag("F-1", field, "holds_name"),)


@pytest.mark.parametrize("field", ["need.region", "from_area", "consent.given_to", "identity.adult_name"])
@pytest.mark.parametrize("text", ["Ring via https://x.example", "www.x.example", "a\u2028b", "a\x85b"], ids=ascii)
async def test_what_comes_into_letters_and_pages_holds_no_address_and_no_second_line(
    flag: Sent, field: str, text: str
) -> None:
    assert (await polled(spoiled(flag, field, text))).refused == (RefusedFlag("F-1", field, "string_pattern_mismatch"),)


async def test_what_we_never_want_to_know_is_refused_by_name(flag: Sent) -> None:
    assert (await polled(flag | {"nationality": WRONG})).refused == (
        RefusedFlag("F-1", "nationality", "extra_forbidden"),
    )


async def test_a_field_name_that_may_be_somebodys_number_is_not_repeated(flag: Sent) -> None:
    assert (await polled(flag | {"999999-0001": "x"})).refused == (RefusedFlag("F-1", "unknown", "extra_forbidden"),)


@pytest.mark.parametrize("flag_id", ["999999-0001", "010190_1234", "0101901234", "Proeve-Opdigtsen", "prøve_opdigtsen"])
async def test_an_id_that_says_who_the_family_is_stands_nowhere(flag: Sent, flag_id: str) -> None:
    named = {"adult_name": "Proeve Opdigtsen", "cpr": "999999-0001"}
    sent = flag | {"flag_id": flag_id, "identity": flag["identity"] | named}  # type: ignore[operator]  # a dict
    (refused,) = (await polled(sent)).refused
    assert (refused.flag_id, refused.field) == ("line:1", "flag_id")
    (stop,) = [read_withdrawal(1, {"withdrawal_id": "010190-1234", "case_id": "x", "reason": "case_withdrawn"})]
    assert isinstance(stop, RefusedFlag)
    assert stop.flag_id == "withdrawal:1"


@pytest.mark.parametrize(
    ("field", "written", "held"),
    [
        ("cpr", "010190-1234", "0101901234"),
        ("phone", "11 22 33 44", "11 22 33 44"),
        ("adult_name", " Ny Opdigtsen ", "Ny Opdigtsen"),
        ("address_protection", "yes", True),
        ("address_protection", "no", False),
    ],
)
def test_what_is_put_right_by_hand_is_held_as_a_flag_would_have_brought_it(
    field: str, written: str, held: str | bool
) -> None:
    assert as_contracted(field, written) == held


@pytest.mark.parametrize(
    ("field", "written"),
    [("cpr", "hemmeligt"), ("email", "hemmeligt"), ("adult_name", " "), ("address_protection", "ja"), ("phone", "x")],
)
def test_what_no_flag_could_have_brought_is_refused_and_not_repeated(field: str, written: str) -> None:
    with pytest.raises(Invalid) as caught:
        as_contracted(field, written)
    assert caught.value.field == field
    assert "hemmeligt" not in repr(caught.value)
