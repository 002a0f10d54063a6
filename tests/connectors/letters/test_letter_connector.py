"""The letter system's connector: one letter at a time, once for each key; silence and a refusal are told apart."""

import json

import httpx
import pytest

from connectors.registry import connector
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.parties.party import Connection
from domain.ports.letters import FamilyLetter

AT = Connection("json-letters", "https://letters.invalid/0461", "SECRET")
LETTER = FamilyLetter(
    "0101901234", "Opdigtet Voksen", "Vej 1, 5000 Odense C", "Svar senest", "tekst", "<p>tekst</p>", "da"
)


def letters(answer: httpx.Response, seen: list[httpx.Request]):
    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    return connector("letters", AT, token="token", timeout_s=1, transport=httpx.MockTransport(take))


async def test_a_letter_is_handed_over_with_its_key():
    seen: list[httpx.Request] = []

    await letters(httpx.Response(202, json={}), seen).send(LETTER, key="k")

    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://letters.invalid/0461/letters")
    assert (request.headers["idempotency-key"], request.headers["authorization"]) == ("k", "Bearer token")
    assert json.loads(request.content) == {
        "recipient": {"cpr": "0101901234", "name": "Opdigtet Voksen", "address": "Vej 1, 5000 Odense C"},
        "subject": "Svar senest",
        "text": "tekst",
        "html": "<p>tekst</p>",
        "language": "da",
    }


@pytest.mark.parametrize(("status", "error"), [(503, PartnerUnavailable), (422, PartnerRefused)])
async def test_an_error_says_nothing_of_whom_the_letter_was_for(status, error):
    with pytest.raises(error) as raised:
        await letters(httpx.Response(status, json={"detail": "0101901234"}), []).send(LETTER, key="k")
    assert "0101901234" not in str(raised.value)
    assert "Opdigtet" not in repr(LETTER)
