"""Calls to an association and to a finance system, once for each key."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from connectors.finance.json_finance import JsonFinanceSystem
from connectors.http import PartnerHttp
from connectors.reservations import JsonReservationDesk
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.finance import LedgerPosting
from domain.ports.reservations import Reservation, Tenant

HELD = Reservation("7-01", "B-AAAAAAAA", datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
TENANT = Tenant(
    "7-01", "B-AAAAAAAA", "Prøve Opdigtsen", "proeve@example.test", "+45 00 00 00 00", address_protection=False
)
POSTING = LedgerPosting(
    "TF-2026-00001/move_in", "TF-2026-00001", "municipality:0461", -500_000, date(2026, 5, 4), "move_in"
)

State = Callable[[], Awaitable[Any]]


@pytest.fixture
def desk(at: Callable[..., PartnerHttp]) -> JsonReservationDesk:
    """The reservations of the stand-in association."""
    return JsonReservationDesk(at("/association/havblik", "association:havblik"))


@pytest.fixture
def books(at: Callable[..., PartnerHttp]) -> JsonFinanceSystem:
    """The books of the stand-in municipality."""
    return JsonFinanceSystem(at("/finance/0461", "municipality:0461"))


@pytest.fixture
def state(client: httpx.AsyncClient) -> State:
    """The state of the stand-ins."""

    async def known() -> Any:
        return (await client.get("/_control/state")).json()

    return known


def association_answering(answer: httpx.Response) -> JsonReservationDesk:
    """An association that always answers the same."""
    transport = httpx.MockTransport(lambda _: answer)
    return JsonReservationDesk(
        PartnerHttp("https://desk.test", token=secrets.token_hex(), timeout_s=5, transport=transport)
    )


async def test_a_home_is_held_and_let_go(desk: JsonReservationDesk, state: State) -> None:
    await desk.reserve(HELD, key="r1")
    assert (await state())["associations"]["havblik"]["reservations"] == [
        {"external_id": "7-01", "pseudonym": "B-AAAAAAAA", "reserved_until": "2026-05-01T12:00:00+00:00"}
    ]
    await desk.release("7-01", "B-AAAAAAAA", key="r2")
    assert (await state())["associations"]["havblik"]["reservations"] == []


async def test_a_home_held_for_one_family_is_refused_to_another(desk: JsonReservationDesk) -> None:
    await desk.reserve(HELD, key="r1")
    with pytest.raises(PartnerRefused, match="POST /reservations: 409"):
        await desk.reserve(replace(HELD, pseudonym="B-BBBBBBBB"), key="r2")
    await desk.release("7-01", "B-AAAAAAAA", key="r3")
    await desk.reserve(replace(HELD, pseudonym="B-BBBBBBBB"), key="r2")


async def test_a_repeat_is_answered_the_same_and_not_carried_out_again(desk: JsonReservationDesk, state: State) -> None:
    await desk.reserve(HELD, key="r1")
    await desk.release("7-01", "B-AAAAAAAA", key="r2")
    await desk.reserve(HELD, key="r1")
    known = (await state())["associations"]["havblik"]
    assert known["reservations"] == []
    assert (known["writes"], known["repeats"]) == (2, 1)


async def test_a_key_used_for_something_else_is_refused(desk: JsonReservationDesk) -> None:
    await desk.reserve(HELD, key="r1")
    with pytest.raises(PartnerRefused, match="POST /reservations: 422"):
        await desk.reserve(replace(HELD, external_id="8-01"), key="r1")


async def test_a_tenant_is_known_after_disclosure_and_forgotten_after_recall(
    desk: JsonReservationDesk, state: State
) -> None:
    await desk.reserve(HELD, key="r1")
    await desk.disclose_tenant(TENANT, key="t1")
    assert [tenant["name"] for tenant in (await state())["associations"]["havblik"]["tenants"]] == ["Prøve Opdigtsen"]
    await desk.recall("7-01", "B-AAAAAAAA", key="d1")
    assert (await state())["associations"]["havblik"]["tenants"] == []
    assert (await state())["associations"]["havblik"]["recalls"] == [{"external_id": "7-01", "pseudonym": "B-AAAAAAAA"}]


async def test_a_tenant_of_a_home_that_is_not_held_is_not_wanted(desk: JsonReservationDesk) -> None:
    with pytest.raises(PartnerRefused, match="POST /tenants: 409") as caught:
        await desk.disclose_tenant(TENANT, key="t1")
    assert "Opdigtsen" not in repr(caught.value)


async def test_a_home_the_association_does_not_know_is_refused(desk: JsonReservationDesk) -> None:
    with pytest.raises(PartnerRefused, match="POST /reservations: 404"):
        await desk.reserve(replace(HELD, external_id="9999"), key="r1")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(204),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"deleted": False}),
        httpx.Response(200, json={"deleted": "true"}),
        httpx.Response(200, json={"deleted": 1}),
    ],
)
async def test_a_recall_that_is_not_confirmed_is_a_persons_to_pursue(answer: httpx.Response) -> None:
    with pytest.raises(PartnerRefused, match="deletion not confirmed"):
        await association_answering(answer).recall("7-01", "B-AAAAAAAA", key="d1")


async def test_a_login_page_confirms_nothing() -> None:
    with pytest.raises(PartnerUnavailable):
        await association_answering(httpx.Response(200, html="<html>")).recall("7-01", "B-AAAAAAAA", key="d1")


async def test_a_posting_told_twice_is_booked_once(books: JsonFinanceSystem, state: State) -> None:
    for _ in range(2):
        await books.post(POSTING, key="p1")
    await books.post(replace(POSTING, account="municipality:0751", amount_ore=500_000), key="p2")
    known = (await state())["finance"]["0461"]
    assert known["postings"][0] == {
        "booking": "TF-2026-00001/move_in",
        "reference": "TF-2026-00001",
        "account": "municipality:0461",
        "amount_ore": -500_000,
        "booked_on": "2026-05-04",
        "kind": "move_in",
    }
    assert known["sums_ore"] == {"municipality:0461": -500_000, "municipality:0751": 500_000}
    assert (known["sum_ore"], known["writes"], known["repeats"]) == (0, 2, 1)


@pytest.mark.parametrize("path", ["/finance/0461", "/association/havblik"])
async def test_a_partner_out_of_order_is_unavailable(
    at: Callable[..., PartnerHttp], client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.post("/_control/outage", json={"prefix": path, "seconds": 60, "status": 502})).is_success
    with pytest.raises(PartnerUnavailable, match="POST /postings: 502"):
        await at(path, "municipality:0461").write("/postings", {}, key="k")


async def test_a_partner_that_says_nothing_is_left_in_time(
    at: Callable[..., PartnerHttp], client: httpx.AsyncClient
) -> None:
    order = {"prefix": "/finance", "seconds": 60, "status": "hang"}
    assert (await client.post("/_control/outage", json=order)).is_success
    with pytest.raises(PartnerUnavailable, match=r"POST /postings: it timed out"):
        await JsonFinanceSystem(at("/finance/0461", "municipality:0461", timeout_s=0.2)).post(POSTING, key="p1")
