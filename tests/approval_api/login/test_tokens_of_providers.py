"""The content of a provider's token, and the key with which it is signed."""

import time
from http import HTTPStatus

import pytest

from approval_api.login import providers
from deployments.demo.world import SUBSTANTIAL
from tests.approval_api.login.own_provider import come_back, sent_off
from tests.approval_api.login.two_providers import log_in_at, logged_in
from tests.world.logging_in import ASKED, NOT_LET_IN, approval, have_nyborg_log_in
from tests.world.served import heading


@pytest.fixture
def path(sqlite_world, hand, honest):
    """The link of a question to Nyborg's approver, who has to log in at Nyborg's provider, the only one there is."""
    have_nyborg_log_in(sqlite_world, honest.issuer)
    log_in_at(sqlite_world, "operator:drift", None)
    return approval(sqlite_world)


@pytest.mark.parametrize(
    "wrong",
    [
        {"auth_time": time.time() + 3600},
        {"auth_time": time.time() + 10**9},
        {"auth_time": float("nan")},
        {"auth_time": float("inf")},
        {"auth_time": 10**400},
        {"auth_time": True},
        {"auth_time": [time.time()]},
        {"auth_time": str(time.time())},
        {"auth_time": ...},
        {"auth_time": 0},
        {"auth_time": -(10**12)},
        {"exp": float("nan")},
        {"exp": [2**40]},
        {"exp": ...},
        {"iat": float("nan")},
        {"iat": {}},
        {"sub": ["sub-anvisning-1"]},
        {"sub": {"sub-anvisning-1": 1}},
        {"sub": ...},
        {"sub": 1},
        {"aud": {"tilflytterstyring": 1}},
        {"aud": [["tilflytterstyring"]]},
        {"aud": []},
        {"acr": [SUBSTANTIAL]},
        {"acr": {}},
        {"nonce": []},
        {"nonce": ...},
        {"iss": []},
        {"iss": "https://elsewhere.invalid"},
        {"azp": "another"},
    ],
)
def test_what_a_token_says_that_cannot_be_so_lets_nobody_in(sqlite_world, hand, path, honest, wrong):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce, honest.claims = asked["nonce"], wrong

    page = come_back(hand, asked)

    assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)
    assert logged_in(sqlite_world) == []


def test_a_clock_that_is_a_little_ahead_is_borne_with(hand, path, honest):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce, honest.claims = asked["nonce"], {"auth_time": time.time() + 30}

    assert heading(come_back(hand, asked)) == ASKED


def test_a_provider_that_changed_its_key_is_believed_with_the_new_one(hand, path, honest, monkeypatch):
    assert sent_off(hand, f"{path}/login")
    honest.signs_with = "second"
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]
    assert heading(come_back(hand, asked)) == NOT_LET_IN, "it is not asked for its keys again and again"

    monkeypatch.setattr(providers, "KEYS_AGAIN_S", 0.0)
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]
    assert heading(come_back(hand, asked)) == ASKED
