"""Differences between providers that follow the standards, and people with more than one window."""

from http import HTTPStatus

import pytest
import structlog
from bs4 import BeautifulSoup
from sqlmodel import select

from approval_api.login import providers
from storage.parties.logins import Sitting
from tests.approval_api.login.own_provider import KEYS, TOKEN, come_back, key, own_provider, sent_off
from tests.world.logging_in import ASKED, NOT_LET_IN, SECRET, SILENT, approval, have_nyborg_log_in
from tests.world.served import heading

NOT_LOGGED_IN = "Du loggede ikke ind"


@pytest.fixture
def provider():
    with own_provider() as found:
        yield found


@pytest.fixture
def path(sqlite_world, hand, provider):
    have_nyborg_log_in(sqlite_world, provider.issuer)
    return approval(sqlite_world)


def begun(hand, path, provider) -> dict[str, str]:
    asked = sent_off(hand, f"{path}/login")
    provider.nonce = asked["nonce"]
    return asked


def whole(hand, path, provider):
    return come_back(hand, begun(hand, path, provider))


def ours() -> dict[str, object]:
    return key("first").as_dict(is_private=False)


STRANGERS = [
    {"kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AA"},
    {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "ed"},
    {"kty": "oct", "k": "AA", "kid": "first"},
    {"kty": "RSA", "kid": "first"},
    {"kty": "RSA", "n": "!", "e": [], "kid": "first"},
    {"kty": "EC", "crv": "secp256k2", "x": "AA", "y": "AA", "kid": "ec"},
    {"kty": ["RSA"]},
    {"kid": "first"},
    None,
    "key",
    17,
]


def test_keys_that_we_do_not_know_are_left_out_and_the_others_work(hand, path, provider):
    encrypts, others = ours() | {"use": "enc"}, ours() | {"alg": "RS512", "kid": "other"}
    provider.answers[KEYS] = {"keys": [*STRANGERS, encrypts, others, ours() | {"use": "sig", "key_ops": ["verify"]}]}

    assert heading(whole(hand, path, provider)) == ASKED


@pytest.mark.parametrize("keys", [STRANGERS, [ours() | {"use": "enc"}], [ours() | {"key_ops": ["encrypt"]}], []])
def test_where_no_key_is_left_nobody_is_sent_off_and_the_log_says_why(hand, path, provider, keys):
    provider.answers[KEYS] = {"keys": keys}
    with structlog.testing.capture_logs() as logged:
        page = hand.go(f"{path}/login", form={})

    assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)
    assert [(line["event"], line["why"]) for line in logged] == [("login_failed", "no_usable_key")]


@pytest.mark.parametrize(
    ("said", "secret", "in_the_form"),
    [
        (..., "secret", False),
        (["client_secret_basic"], "secret", False),
        (["client_secret_post"], "secret", True),
        (["private_key_jwt", "client_secret_post", 7], "secret", True),
        (["client_secret_post", "client_secret_basic"], "secret", False),
        (["client_secret_post", "client_secret_basic"], "se+cr%et=", True),
        (["client_secret_basic"], "se+cr%et=", False),
    ],
)
def test_we_name_ourselves_as_the_provider_takes_it(*, hand, path, provider, monkeypatch, said, secret, in_the_form):
    monkeypatch.setenv(SECRET, secret)
    if said is not ...:
        provider.metadata["token_endpoint_auth_methods_supported"] = said

    assert heading(whole(hand, path, provider)) == ASKED
    assert (provider.given["authorization"] is None) == in_the_form
    assert provider.given.get("client_secret") == (secret if in_the_form else None)


@pytest.mark.parametrize("said", [["private_key_jwt"], ["none"], [], "client_secret_basic", {}])
def test_a_provider_that_takes_none_of_our_ways_is_said_so_in_the_log_before_anybody_is_sent_off(
    hand, path, provider, said
):
    provider.metadata["token_endpoint_auth_methods_supported"] = said
    with structlog.testing.capture_logs() as logged:
        page = hand.go(f"{path}/login", form={})

    assert heading(page) == NOT_LET_IN
    assert [line["why"] for line in logged] == ["no_client_authentication_of_ours"]
    assert TOKEN not in provider.asked


def test_two_windows_do_not_shut_each_other_out(sqlite_world, hand, path, provider):
    first, second = begun(hand, path, provider), begun(hand, path, provider)
    assert heading(come_back(hand, second)) == ASKED
    provider.nonce = first["nonce"]
    assert heading(come_back(hand, first)) == ASKED
    assert len(sqlite_world.rows(select(Sitting))) == 1


def test_an_answer_that_is_loaded_again_leads_to_its_page(hand, path, provider):
    asked = begun(hand, path, provider)
    come_back(hand, asked)
    asked_so_far = list(provider.asked)

    again = come_back(hand, asked)
    assert (again.url.path, heading(again)) == (path, ASKED)
    assert provider.asked == asked_so_far, "the code is good once"

    hand.kept[str(hand.http.base_url).rstrip("/")].pop("__Host-sitting")
    stranger = come_back(hand, asked)
    assert (stranger.status_code, heading(stranger)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)


def test_a_second_window_that_asks_to_log_in_is_led_on_at_once(hand, path, provider):
    whole(hand, path, provider)
    page = hand.go(f"{path}/login", form={})
    assert (page.url.path, heading(page)) == (path, ASKED)


def test_of_many_windows_the_newest_few_are_kept(hand, path, provider):
    attempts = [begun(hand, path, provider) for _ in range(8)]
    names = [name for name in hand.kept[str(hand.http.base_url).rstrip("/")] if name.startswith("__Host-attempt")]
    assert len(names) == 5

    assert heading(come_back(hand, attempts[0])) == NOT_LET_IN
    provider.nonce = attempts[3]["nonce"]
    assert heading(come_back(hand, attempts[3])) == ASKED


SECRET_WORDS = "Hemmelig-Vaerdi-4711"


@pytest.mark.parametrize(
    ("code", "status", "said", "logged_as"),
    [
        ("access_denied", HTTPStatus.OK, NOT_LOGGED_IN, "access_denied"),
        ("login_required", HTTPStatus.OK, NOT_LOGGED_IN, "login_required"),
        ("temporarily_unavailable", HTTPStatus.SERVICE_UNAVAILABLE, SILENT, "temporarily_unavailable"),
        ("server_error", HTTPStatus.SERVICE_UNAVAILABLE, SILENT, "server_error"),
        ("invalid_scope", HTTPStatus.BAD_GATEWAY, NOT_LET_IN, "invalid_scope"),
        (SECRET_WORDS, HTTPStatus.BAD_GATEWAY, NOT_LET_IN, "another_code"),
    ],
)
def test_a_providers_own_error_is_a_page_with_a_way_to_try_again_and_a_code_in_the_log(
    *, sqlite_world, hand, path, provider, code, status, said, logged_as
):
    asked = begun(hand, path, provider)
    more = f"error={code}&error_description={SECRET_WORDS}&state={asked['state']}"
    with structlog.testing.capture_logs() as logged:
        page = hand.go(f"{asked['redirect_uri']}?{more}")

    assert (page.status_code, heading(page)) == (status, said)
    assert SECRET_WORDS not in page.text
    assert [(line["event"], line["why"], line["party"]) for line in logged] == [
        ("login_refused", logged_as, "municipality:0450")
    ]
    assert TOKEN not in provider.asked
    assert sqlite_world.rows(select(Sitting)) == []
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        again = BeautifulSoup(page.text, "html.parser").select_one("main a.button")["href"]
        assert again == path
    assert heading(whole(hand, path, provider)) == ASKED


def test_an_error_that_another_site_makes_up_ends_nobodys_attempt(hand, path, provider):
    asked = begun(hand, path, provider)
    forged = hand.go(f"{asked['redirect_uri']}?error=access_denied&state=made-up")
    assert heading(forged) == NOT_LET_IN
    assert heading(come_back(hand, asked)) == ASKED


def test_a_reading_that_failed_is_made_again(hand, path, provider, monkeypatch):
    monkeypatch.setattr(providers, "LEFT_IN_PEACE_S", 0.0)
    provider.answers[KEYS] = {"keys": STRANGERS}
    assert heading(hand.go(f"{path}/login", form={})) == NOT_LET_IN
    provider.answers[KEYS] = {"keys": [*STRANGERS, ours()]}
    assert heading(whole(hand, path, provider)) == ASKED
