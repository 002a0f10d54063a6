"""A municipality is told who moves to it, once for each key, and deletes it after a recall."""

import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.handover import JsonHandoverDesk
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused
from domain.ports.handover import Newcomer

NEWCOMER = Newcomer(
    reference="TF-2026-00001",
    association="havblik",
    department="Strandvænget",
    name="Prøve Opdigtsen",
    cpr="9999990001",
    email="proeve@example.test",
    phone="+45 00 00 00 00",
    address_protection=True,
)


@pytest.fixture
def desk(at: Callable[..., PartnerHttp]) -> JsonHandoverDesk:
    """The desk of the stand-in municipality."""
    return JsonHandoverDesk(at("/handover/0461", "municipality:0461"))


async def known(client: httpx.AsyncClient) -> Any:
    return (await client.get("/_control/state")).json()["handover"]["0461"]


async def test_a_newcomer_is_known_once_and_forgotten_when_taken_back(
    desk: JsonHandoverDesk, client: httpx.AsyncClient
) -> None:
    await desk.hand_over(NEWCOMER, key="n1")
    await desk.hand_over(NEWCOMER, key="n1")

    seen = await known(client)
    assert (seen["writes"], seen["repeats"]) == (1, 1)
    assert seen["newcomers"] == [
        {
            "reference": "TF-2026-00001",
            "association": "havblik",
            "department": "Strandvænget",
            "name": "Prøve Opdigtsen",
            "cpr": "9999990001",
            "email": "proeve@example.test",
            "phone": "+45 00 00 00 00",
            "address_protection": True,
        }
    ]
    await desk.take_back("TF-2026-00001", key="n2")
    seen = await known(client)
    assert (seen["newcomers"], seen["recalls"]) == ([], ["TF-2026-00001"])


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json={"deleted": "true"})])
async def test_a_deletion_that_is_not_confirmed_is_a_persons_to_pursue(answer: httpx.Response) -> None:
    transport = httpx.MockTransport(lambda _: answer)
    http = PartnerHttp("https://desk.test", token=secrets.token_hex(), timeout_s=5, transport=transport)
    with pytest.raises(PartnerRefused, match="deletion not confirmed"):
        await JsonHandoverDesk(http).take_back("TF-2026-00001", key="n1")


async def test_a_refusal_tells_nobody_who_it_was(desk: JsonHandoverDesk) -> None:
    await desk.hand_over(NEWCOMER, key="n1")
    with pytest.raises(PartnerRefused, match="POST /newcomers: 422") as caught:
        await desk.hand_over(NEWCOMER, key="")
    assert not any(told in repr(caught.value) for told in ("Opdigtsen", "9999990001"))
    assert not any(told in repr(NEWCOMER) for told in ("Opdigtsen", "9999990001", "True"))
