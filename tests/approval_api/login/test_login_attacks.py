"""What whoever runs a login provider, or stands before one, could do: log in as somebody of another party, have us
fetch what is not theirs, speak through our headers, or make us fail."""

import time
from dataclasses import replace
from http import HTTPStatus

import pytest
from sqlmodel import select

from approval_api.login import providers
from deployments.demo.world import SUBSTANTIAL
from domain.parties.party import Login
from domain.questions.question import QuestionKind
from storage.parties.logins import LoginAttempt, Sitting
from storage.parties.partners import partner, remember_partner
from tests.approval_api.login.logging_in import NYBORG, SECRET, Hand, have_nyborg_log_in
from tests.approval_api.login.own_provider import KEYS, METADATA, TOKEN, come_back, own_provider, sent_off
from tests.approval_api.served import browsing, heading, link, serving
from tests.world import family

ODENSE = "municipality:0461"
NOT_LET_IN, SILENT = "Du blev ikke logget ind", "Login svarer ikke lige nu"
ASKED = "Kan boligen godkendes?"
SHARED, NYBORGS, ODENSES = "/login/back", "/login/back/municipality/0450", "/login/back/municipality/0461"


@pytest.fixture
def honest():
    """Nyborg's provider."""
    with own_provider() as found:
        yield found


@pytest.fixture
def elsewhere():
    """Somebody else's server."""
    with own_provider() as found:
        yield found


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


def approval(world):
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    return link(world, QuestionKind.APPROVAL)


def log_in_at(world, party, login):
    with world.platform.database.writing() as session:
        remember_partner(session, replace(partner(session, party), login=login), now=world.clock.now())


def origin(hand):
    return str(hand.http.base_url).rstrip("/")


def logged_in(world):
    return world.rows(select(Sitting.party, Sitting.contact_id))


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
    """The mix-up: who was led to log in at Odense is sent on to Nyborg's provider, under Odense's attempt.

    Nyborg's provider sends them back to an address that is registered with it; the code in there is what is wanted.
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


ELSEWHERES = [
    "https://evil.invalid; script-src *",
    "https://evil.invalid",
    "https://evil.invalid, https://evil.invalid",
    "{issuer}@evil.invalid/",
    "http://user@{at}/authorize",
    "http://user:word@{at}/authorize",
    "{issuer} https://evil.invalid",
    "{issuer};script-src",
    "{issuer}'unsafe-inline'",
    '{issuer}"',
    "{issuer}\\@evil.invalid",
    "{issuer}\n",
    "{issuer}/a b",
    "{issuer}/#x",
    "https://{at}/authorize",
    "http://127.0.0.1:1/authorize",
    "http://localhost:{port}/authorize",
    "//{at}/authorize",
    "/authorize",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "{issuer}.evil.invalid/",
    "http://127.0.0.1:{port}0/",
    "http://[::1]:{port}/",
    "",
    ["{issuer}/authorize"],
    {"url": "{issuer}/authorize"},
    None,
    1,
]


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_no_endpoint_of_a_provider_is_anywhere_but_at_its_own_host(
    *, sqlite_world, hand, path, honest, monkeypatch, name
):
    monkeypatch.setattr(providers, "LEFT_IN_PEACE_S", 0.0)
    only_there = f"form-action 'self' {honest.issuer};"
    at = honest.issuer.removeprefix("http://")
    for said in ELSEWHERES:
        filled = said.format(issuer=honest.issuer, at=at, port=at.partition(":")[2]) if isinstance(said, str) else said
        honest.metadata[name] = filled
        assert only_there in hand.http.get(path).headers["content-security-policy"]
        page = hand.go(f"{path}/login", form={})
        assert (page.status_code, heading(page)) == (HTTPStatus.FORBIDDEN, NOT_LET_IN), said
        assert "evil" not in str(page.headers)
        assert only_there in hand.http.get(path).headers["content-security-policy"]
    assert sqlite_world.rows(select(LoginAttempt)) == []
    assert {*honest.asked} == {METADATA}, "nothing of it was fetched"


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri"])
def test_another_host_is_asked_only_when_the_partys_entry_names_it(sqlite_world, hand, honest, elsewhere, name):
    honest.metadata[name] = elsewhere.issuer + {"token_endpoint": TOKEN, "jwks_uri": KEYS}[name]
    have_nyborg_log_in(sqlite_world, honest.issuer)
    path = approval(sqlite_world)
    assert heading(hand.go(f"{path}/login", form={})) == NOT_LET_IN
    assert elsewhere.asked == []

    named = elsewhere.issuer.removeprefix("http://")
    log_in_at(
        sqlite_world, NYBORG, Login(honest.issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,), hosts=(named,))
    )
    page = hand.http.get(path)
    assert f"form-action 'self' {honest.issuer} {elsewhere.issuer};" in page.headers["content-security-policy"]
    asked = sent_off(hand, f"{path}/login")
    honest.nonce = elsewhere.nonce = asked["nonce"]
    elsewhere.claims = {"iss": honest.issuer}
    assert heading(come_back(hand, asked)) == ASKED


@pytest.mark.parametrize("place", [METADATA, KEYS, TOKEN])
def test_no_provider_sends_us_on_to_another_address(*, sqlite_world, hand, path, honest, elsewhere, place):
    if place != TOKEN:
        honest.leads_on[place] = elsewhere.issuer + place
        assert heading(hand.go(f"{path}/login", form={})) == NOT_LET_IN
    else:
        asked = sent_off(hand, f"{path}/login")
        honest.leads_on[place] = elsewhere.issuer + place
        assert heading(come_back(hand, asked)) == NOT_LET_IN
    assert elsewhere.asked == []
    assert logged_in(sqlite_world) == []


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


def test_a_provider_without_encryption_is_asked_in_the_demo_world_alone(sqlite_world, honest):
    with serving(sqlite_world, world="production") as at, browsing(at) as http:
        hand = Hand(http)
        have_nyborg_log_in(sqlite_world, honest.issuer)
        path = approval(sqlite_world)
        assert heading(hand.go(f"{path}/login", form={})) == NOT_LET_IN
    assert honest.asked == []


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


@pytest.mark.parametrize(
    ("issuer", "hosts"),
    [
        ("http://login.invalid", ()),
        ("http://localhost:1@evil.invalid", ()),
        ("http://127.0.0.1:1@evil.invalid", ()),
        ("http://127.0.0.1.evil.invalid", ()),
        ("https://user@login.invalid", ()),
        ("https://login.invalid?x", ()),
        ("https://login.invalid#x", ()),
        ("https://login.invalid; script-src *", ()),
        ("https://login.invalid:99999", ()),
        ("ftp://login.invalid", ()),
        ("https://login.invalid", ("evil.invalid; script-src *",)),
        ("https://login.invalid", ("*",)),
        ("https://login.invalid", ("*.invalid",)),
        ("https://login.invalid", ("https://b.invalid",)),
        ("https://login.invalid", ("b.invalid/path",)),
        ("https://login.invalid", ("b@c.invalid",)),
        ("http://127.0.0.1:1", ("b.invalid",)),
    ],
)
def test_a_partys_entry_names_hosts_and_nothing_that_could_be_read_otherwise(issuer, hosts):
    with pytest.raises(ValueError, match=r"issuer|hosts"):
        Login(issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,), hosts=hosts)
