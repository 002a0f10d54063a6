"""Attacks by a login provider, or in its name: logging in as a contact of another party, having us fetch addresses of
others, putting text into our headers, and making the endpoint fail."""

from http import HTTPStatus

import pytest

from approval_api.login import providers
from deployments.demo.world import SUBSTANTIAL
from domain.parties.party import Login
from tests.approval_api.login.own_provider import KEYS, METADATA, TOKEN, come_back, sent_off
from tests.approval_api.login.two_providers import log_in_at, logged_in
from tests.world.logging_in import ASKED, NOT_LET_IN, NYBORG, SECRET, approval, have_nyborg_log_in
from tests.world.served import heading

ODENSE = "municipality:0461"
SHARED, NYBORGS, ODENSES = "/login/back", "/login/back/municipality/0450", "/login/back/municipality/0461"


@pytest.fixture
def path(sqlite_world, hand, honest):
    """The link of a question to Nyborg's approver, who has to log in at Nyborg's provider, the only one there is."""
    have_nyborg_log_in(sqlite_world, honest.issuer)
    log_in_at(sqlite_world, "operator:drift", None)
    return approval(sqlite_world)


@pytest.fixture
def two_providers(sqlite_world, path, elsewhere):
    """Odense's people log in elsewhere."""
    log_in_at(sqlite_world, ODENSE, Login(elsewhere.issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,)))


def origin(hand):
    return str(hand.http.base_url).rstrip("/")


def test_where_one_provider_alone_is_configured_people_come_back_to_the_address_that_it_knows(hand, path, honest):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]

    assert asked["redirect_uri"] == origin(hand) + SHARED
    assert heading(come_back(hand, asked)) == ASKED


def test_with_two_providers_each_party_has_an_address_of_its_own(sqlite_world, hand, path, two_providers, honest):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]

    assert asked["redirect_uri"] == origin(hand) + NYBORGS
    assert sent_off(hand, f"/mine/login?party={ODENSE}")["redirect_uri"] == origin(hand) + ODENSES
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]
    assert heading(come_back(hand, asked)) == ASKED
    assert logged_in(sqlite_world) == [(NYBORG, "anvisning-1")]


def test_whoever_runs_odenses_provider_gets_no_code_of_nyborgs_approver(
    *, sqlite_world, hand, path, two_providers, honest, elsewhere
):
    """The mix-up attack: Odense's provider sends a browser on to Nyborg's provider, under Odense's attempt.

    Nyborg's provider sends the browser back to an address that is registered with it, with the code that is attacked.
    """
    lured = sent_off(hand, f"/mine/login?party={ODENSE}")
    for where in (NYBORGS, SHARED):
        page = come_back(hand, lured, to=origin(hand) + where)
        assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN)

    assert TOKEN not in elsewhere.asked, "the code went to who wanted it"
    assert TOKEN not in honest.asked
    assert logged_in(sqlite_world) == []


@pytest.mark.parametrize(
    "where", [SHARED, ODENSES, NYBORGS + "/", "/login/back/municipality%2F0450/x", "/login/back/association/0450"]
)
def test_an_answer_at_another_address_than_the_attempts_lets_nobody_in(
    *, sqlite_world, hand, path, two_providers, honest, where
):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]

    assert heading(come_back(hand, asked, to=origin(hand) + where)) == NOT_LET_IN
    assert heading(come_back(hand, asked)) == NOT_LET_IN, "an attempt is good once"
    assert logged_in(sqlite_world) == []
    assert TOKEN not in honest.asked


def test_an_attempt_at_the_shared_address_ends_when_a_second_provider_comes(
    sqlite_world, hand, path, honest, elsewhere
):
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]
    log_in_at(sqlite_world, ODENSE, Login(elsewhere.issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,)))

    assert heading(come_back(hand, asked)) == NOT_LET_IN
    assert logged_in(sqlite_world) == []


@pytest.mark.parametrize("promised", [True, False])
@pytest.mark.parametrize(
    ("said", "let_in"),
    [
        ("&iss={issuer}", {True, False}),
        ("", {False}),
        ("&iss=https%3A%2F%2Felsewhere.invalid", set()),
        ("&iss=", set()),
        ("&iss={issuer}&iss={issuer}", set()),
        ("&iss=https%3A%2F%2Felsewhere.invalid&iss={issuer}", set()),
    ],
)
def test_an_answer_names_its_provider_where_that_was_promised_and_never_another(
    *, sqlite_world, hand, path, honest, promised, said, let_in
):
    honest.metadata["authorization_response_iss_parameter_supported"] = promised
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = asked["nonce"]

    page = hand.go(f"{asked['redirect_uri']}?code=c&state={asked['state']}{said.format(issuer=honest.issuer)}")

    assert heading(page) == (ASKED if promised in let_in else NOT_LET_IN)
    assert (TOKEN in honest.asked) == (promised in let_in)


NO_OBJECTS = [
    [],
    [{}],
    {},
    None,
    "x",
    1,
    b"",
    b"<html>",
    b"\xff\xfe",
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"9" * 10_000,
    b'{"keys": NaN, "id_token": NaN, "issuer": NaN}',
    {"keys": [], "id_token": []},
    {"keys": {}, "id_token": {}},
    {"keys": [[]], "id_token": "x"},
    {"keys": [None], "id_token": "a.b.c"},
    {"keys": ["x"], "id_token": "W10.W10.W10"},
    {"keys": [{"kty": []}], "id_token": "bnVsbA.bnVsbA.bnVsbA"},
    {"keys": [{"kty": "RSA", "n": [], "e": {}}], "id_token": "a.b.c.d.e"},
    {"keys": [{"kty": "RSA", "n": "AA", "e": "AA", "kid": "first"}]},
    {"keys": [{"kty": "oct", "k": "AA", "kid": "first"}]},
    {"keys": "x", "id_token": "\u0000"},
]


@pytest.mark.parametrize("place", [METADATA, KEYS, TOKEN])
def test_whatever_stands_where_an_object_should_be_lets_nobody_in_and_is_no_failure_of_ours(
    *, sqlite_world, hand, path, honest, monkeypatch, place
):
    monkeypatch.setattr(providers, "LEFT_IN_PEACE_S", 0.0)
    for said in NO_OBJECTS:
        honest.answers.pop(place, None)
        monkeypatch.setattr(providers, "FRESH_S", 0.0 if place != TOKEN else 600.0)
        monkeypatch.setattr(providers, "KEPT_S", 0.0 if place != TOKEN else 3600.0)
        if place == TOKEN:
            asked = sent_off(hand, f"{path}/login")
            honest.nonce = asked["nonce"]
            honest.answers[place] = said
            page = come_back(hand, asked)
        else:
            honest.answers[place] = said
            page = hand.go(f"{path}/login", form={})
            if page.url.path == "/authorize":
                page = come_back(hand, {"redirect_uri": origin(hand) + SHARED, "state": _state(hand)})
        assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN), said
    assert logged_in(sqlite_world) == []


def _state(hand):
    *_, newest = (kept for name, kept in hand.kept[origin(hand)].items() if name.startswith("__Host-attempt"))
    return newest.strip('"').partition(".")[0]
