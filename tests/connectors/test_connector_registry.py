"""Every connector is found by its name, and only for its own kind of system."""

import secrets
from typing import Any

import pytest

from connectors.registry import CONNECTORS, connector
from domain.errors import Invalid
from domain.parties.party import Connection

TOKEN = secrets.token_hex()


def at(name: str, url: str = "https://partner.test/api") -> Connection:
    """A connection as in a partner's file."""
    return Connection(name, url, "PARTNER_TOKEN")


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_name_makes_its_connector(name: str) -> None:
    system: Any = CONNECTORS[name].serves
    made = connector(system, at(name), token=TOKEN, timeout_s=5)
    assert type(made) is CONNECTORS[name]
    assert TOKEN not in repr(made)


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [
        ("soap-finance", "https://partner.test", "connector: unknown"),
        ("json-vacancies", "https://partner.test", "connector: serves vacancy_feed, not finance"),
        ("json-finance", "partner.test", "url: not_http"),
    ],
)
def test_a_connection_that_cannot_work_is_invalid(name: str, url: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        connector("finance", at(name, url), token=TOKEN, timeout_s=5)
