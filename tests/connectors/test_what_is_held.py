"""A partner's list of what it holds is read only if it has our own references and keys and is complete."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx
import pytest

from connectors.case_system.json_system import JsonCaseSystem
from connectors.finance.json_finance import JsonFinanceSystem
from connectors.handover import JsonHandoverDesk
from connectors.http import PartnerHttp
from connectors.reservations import JsonReservationDesk
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.case_system import Receipt
from domain.ports.finance import LedgerPosting
from domain.ports.reservations import HeldHome, Reservation, Tenant
from tests.connectors.sent import FLAG

SINCE = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
POSTING = {
    "booking": "TF-2026-00001/move_in",
    "reference": "TF-2026-00001",
    "account": "municipality:0461",
    "amount_ore": -500,
    "booked_on": "2026-03-02",
    "kind": "move_in",
    "key": "k1",
}
HOME = {"external_id": "7-01", "pseudonym": "B-AAAAAAAA", "held": True, "tenant_known": False}
RECEIPT = {"flag_id": "F-1", "accepted": True, "reference": "TF-2026-00001", "field": None, "reason": None, "key": "k"}
PERSON = "Prøve Opdigtsen"


def answering(answer: httpx.Response, asked: list[httpx.Request] | None = None) -> PartnerHttp:
    def answered(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return answer

    url, transport = "https://partner.test/x", httpx.MockTransport(answered)
    return PartnerHttp(url, token=secrets.token_hex(), timeout_s=5, transport=transport)


ASK = {
    "receipts": lambda http: JsonCaseSystem(http).answered(SINCE),
    "postings": lambda http: JsonFinanceSystem(http).posted(SINCE.date()),
    "reservations": lambda http: JsonReservationDesk(http).held_for_us(),
    "newcomers": lambda http: JsonHandoverDesk(http).known(),
}


async def test_a_case_system_tells_what_it_was_told_and_what_about() -> None:
    asked: list[httpx.Request] = []
    refused = {"flag_id": "F-2", "accepted": False, "field": "consent", "reason": "no_consent"}
    told = {
        "receipts": [RECEIPT, refused],
        "flags": [FLAG],
        "withdrawals": [{"withdrawal_id": "W-1", "case_id": "S", "reason": "withdrawn_by_municipality"}],
    }
    found = await JsonCaseSystem(answering(httpx.Response(200, json=told), asked)).answered(SINCE)
    assert [one.receipt for one in found.receipts] == [
        Receipt("F-1", accepted=True, reference="TF-2026-00001"),
        Receipt("F-2", accepted=False, field="consent", reason="no_consent"),
    ]
    assert [one.key for one in found.receipts] == ["k", ""]
    assert [family.flag_id for family in found.flags.families] == ["F-1"]
    assert str(asked[0].url) == "https://partner.test/x/receipts?since=2026-03-01T02%3A15%3A00%2B00%3A00"


async def test_a_finance_system_tells_what_was_posted_from_a_day_on() -> None:
    asked: list[httpx.Request] = []
    (one,) = await JsonFinanceSystem(answering(httpx.Response(200, json={"postings": [POSTING]}), asked)).posted(
        SINCE.date()
    )
    assert one.key == "k1"
    assert one.posting == LedgerPosting(
        "TF-2026-00001/move_in", "TF-2026-00001", "municipality:0461", -500, date(2026, 3, 2), "move_in"
    )
    assert str(asked[0].url) == "https://partner.test/x/postings?since=2026-03-01"


async def test_the_stand_ins_tell_what_they_hold_and_never_who_it_is_for(at: Callable[..., PartnerHttp]) -> None:
    desk = JsonReservationDesk(at("/association/havblik", "association:havblik"))
    assert await desk.held_for_us() == []
    await desk.reserve(Reservation("7-01", "B-AAAAAAAA", SINCE), key="r1")
    await desk.reserve(Reservation("8-01", "B-BBBBBBBB", SINCE), key="r2")
    who = Tenant("7-01", "B-AAAAAAAA", PERSON, "proeve@example.test", "+45 00 00 00 00", address_protection=False)
    await desk.disclose_tenant(who, key="t1")
    assert await desk.held_for_us() == [
        HeldHome("7-01", "B-AAAAAAAA", is_held=True, is_known=True),
        HeldHome("8-01", "B-BBBBBBBB", is_held=True, is_known=False),
    ]
    await desk.release("7-01", "B-AAAAAAAA", key="r3")
    assert HeldHome("7-01", "B-AAAAAAAA", is_held=False, is_known=True) in await desk.held_for_us()


@pytest.mark.parametrize("what", ASK)
@pytest.mark.parametrize("status", [404, 405, 403])
async def test_a_partner_that_cannot_be_asked_says_no(what: str, status: int) -> None:
    with pytest.raises(PartnerRefused, match=f"GET /{what}: {status}"):
        await ASK[what](answering(httpx.Response(status)))


WRONG = [
    *(("postings", POSTING | {name: wrong}) for name, wrong in [("amount_ore", "5"), ("booked_on", "2026-02-30")]),
    ("postings", {name: value for name, value in POSTING.items() if name != "account"}),
    ("postings", POSTING | {"reference": "x" * 201}),
    ("reservations", HOME | {"held": "yes"}),
    ("reservations", HOME | {"pseudonym": ""}),
    ("receipts", RECEIPT | {"accepted": 1}),
    ("newcomers", {"reference": None}),
    # These fields may come on the attention list, so a person's name in them is refused.
    *(("receipts", RECEIPT | {name: PERSON}) for name in ("flag_id", "reference", "field", "reason")),
    *(("receipts", RECEIPT | {"reference": name}) for name in ("TF-2026-1", "../TF-2026-00001", "TF-2026-00001\n")),
    ("receipts", RECEIPT | {"flag_id": "010190-1234"}),
    *(("postings", POSTING | {name: PERSON}) for name in ("booking", "reference", "kind")),
    ("reservations", HOME | {"pseudonym": PERSON}),
    ("newcomers", {"reference": PERSON}),
    *((what, wrong) for what in ASK for wrong in (None, [], PERSON, 7)),
]


@pytest.mark.parametrize(("what", "wrong"), WRONG)
async def test_what_is_not_as_agreed_is_no_answer_and_is_not_repeated(what: str, wrong: object) -> None:
    told = {"flags": [], "withdrawals": [], what: [wrong]}
    with pytest.raises(PartnerUnavailable, match="not as agreed, at 1") as caught:
        await ASK[what](answering(httpx.Response(200, json=told)))
    assert PERSON not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("what", ASK)
@pytest.mark.parametrize("told", [[], {}, {"receipts": {}, "postings": 1, "reservations": None, "newcomers": "x"}])
async def test_a_list_that_is_left_out_is_never_nothing(what: str, told: object) -> None:
    with pytest.raises(PartnerUnavailable):
        await ASK[what](answering(httpx.Response(200, json=told)))


async def test_what_a_partner_says_beside_is_not_read() -> None:
    told = {"reservations": [HOME | {"tenant": PERSON}]}
    (home,) = await JsonReservationDesk(answering(httpx.Response(200, json=told))).held_for_us()
    assert PERSON not in repr(home)
