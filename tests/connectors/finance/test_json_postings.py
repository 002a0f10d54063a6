"""What a finance system's answer to a posting means, and what it says when it is asked later."""

import secrets
from collections.abc import Callable
from datetime import date

import httpx
import pytest

from connectors.finance.json_finance import JsonFinanceSystem
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.finance import LedgerPosting, PostingAnswer, PostingVerdict

POSTING = LedgerPosting(
    "TF-2026-00001/move_in", "TF-2026-00001", "municipality:0461", -500, date(2026, 5, 4), "move_in", "5.33.41"
)
YES, TAKEN = PostingAnswer(PostingVerdict.ACCEPTED), PostingAnswer(PostingVerdict.SENT)
PERSON = "Prøve Opdigtsen"


def rejected(why: str) -> PostingAnswer:
    return PostingAnswer(PostingVerdict.REJECTED, why)


def answering(answer: httpx.Response, asked: list[httpx.Request] | None = None) -> JsonFinanceSystem:
    def answered(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return answer

    transport = httpx.MockTransport(answered)
    return JsonFinanceSystem(
        PartnerHttp("https://partner.test/x", token=secrets.token_hex(), timeout_s=5, transport=transport)
    )


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (204, None, YES),
        (200, {}, YES),
        (201, {"posted": 3}, YES),
        (200, {"accepted": True}, YES),
        (202, None, TAKEN),
        (202, {"taken": True}, TAKEN),
        (202, {"accepted": True}, YES),
        (200, {"accepted": True, "amount_ore": -500}, PostingAnswer(PostingVerdict.ACCEPTED, amount_ore=-500)),
        (200, {"amount_ore": 10**30}, YES),
        (200, {"amount_ore": "500"}, YES),
        (200, {"rejected": "account_closed"}, rejected("account_closed")),
        (202, {"rejected": "account_closed", "accepted": False}, rejected("account_closed")),
        (200, {"accepted": False}, rejected("unsaid")),
        (200, {"rejected": True}, rejected("unsaid")),
        (200, {"rejected": False}, YES),
        (200, {"rejected": None}, YES),
        (200, {"rejected": PERSON}, rejected("illegible")),
        (200, {"rejected": "010190-1234"}, rejected("illegible")),
        (200, {"rejected": ["x"]}, rejected("illegible")),
        (200, {"rejected": "x" * 65}, rejected("illegible")),
        (200, {"rejected": "closed", "accepted": True}, PostingAnswer(PostingVerdict.UNCLEAR)),
    ],
)
async def test_what_an_answer_means(status: int, body: object, means: PostingAnswer) -> None:
    empty = httpx.Response(status, headers={"content-length": "0"})
    answer = empty if body is None else httpx.Response(status, json=body)
    assert await answering(answer).post(POSTING, key="k") == means


async def test_an_account_string_is_told_where_there_is_one() -> None:
    asked: list[httpx.Request] = []
    system = answering(httpx.Response(204), asked)
    await system.post(POSTING, key="k")
    await system.post(
        LedgerPosting(*("TF-2026-00001/move_in", "TF-2026-00001", "a", 5, date(2026, 5, 4), "m")), key="l"
    )
    assert b'"account_string":"5.33.41"' in asked[0].content
    assert b"account_string" not in asked[1].content


async def test_it_says_later_what_became_of_a_posting() -> None:
    asked: list[httpx.Request] = []
    told = {"answers": [{"key": "k", "accepted": True}, {"key": "l", "rejected": "no"}, {"key": "m", "name": PERSON}]}
    found = await answering(httpx.Response(200, json=told), asked).answers(date(2026, 5, 1))
    assert found == {"k": YES, "l": rejected("no"), "m": TAKEN}
    assert str(asked[0].url) == "https://partner.test/x/answers?since=2026-05-01"


@pytest.mark.parametrize("told", [{}, {"answers": None}, {"answers": [{"accepted": True}]}, {"answers": [PERSON]}, []])
async def test_answers_that_are_not_as_agreed_are_none(told: object) -> None:
    with pytest.raises(PartnerUnavailable) as caught:
        await answering(httpx.Response(200, json=told)).answers(date(2026, 5, 1))
    assert PERSON not in str(caught.value)


async def test_a_system_that_cannot_be_asked_says_no() -> None:
    with pytest.raises(PartnerRefused, match="GET /answers: 404"):
        await answering(httpx.Response(404)).answers(date(2026, 5, 1))


async def test_the_stand_in_rejects_takes_and_answers_later(
    at: Callable[..., PartnerHttp], client: httpx.AsyncClient
) -> None:
    system = JsonFinanceSystem(at("/finance/0461", "municipality:0461"))
    assert (await client.post("/_control/finance/0461", json={"rejects": ["account_closed"]})).is_success
    for _ in range(2):
        assert await system.post(POSTING, key="p1") == rejected("account_closed")
    assert (await system.post(POSTING, key="p2")).verdict is PostingVerdict.ACCEPTED
    assert (await client.post("/_control/finance/0461", json={"only_takes": True})).is_success
    assert await system.post(POSTING, key="p3") == TAKEN

    found = await system.answers(date(2026, 5, 1))

    assert {key: one.verdict for key, one in found.items()} == {
        "p1": PostingVerdict.REJECTED,
        "p2": PostingVerdict.ACCEPTED,
        "p3": PostingVerdict.ACCEPTED,
    }
    assert [one.key for one in await system.posted(date(2026, 5, 1))] == ["p2", "p3"]
    assert (await client.post("/_control/finance/9999", json={})).status_code == 404
