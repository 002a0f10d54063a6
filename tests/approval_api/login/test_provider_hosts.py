"""The hosts at which a provider is asked: those of the party's entry, and no others."""

from http import HTTPStatus

import pytest
from sqlmodel import select

from approval_api.login import providers
from deployments.demo.world import SUBSTANTIAL
from domain.parties.party import Login
from storage.parties.logins import LoginAttempt
from tests.approval_api.login.own_provider import KEYS, METADATA, TOKEN, come_back, sent_off
from tests.approval_api.login.two_providers import log_in_at, logged_in
from tests.world.logging_in import ASKED, NOT_LET_IN, NYBORG, SECRET, Hand, approval, have_nyborg_log_in
from tests.world.served import browsing, heading, serving


@pytest.fixture
def path(sqlite_world, hand, honest):
    """The link of a question to Nyborg's approver, who has to log in at Nyborg's provider, the only one there is."""
    have_nyborg_log_in(sqlite_world, honest.issuer)
    log_in_at(sqlite_world, "operator:drift", None)
    return approval(sqlite_world)


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


def test_a_provider_without_encryption_is_asked_in_the_demo_world_alone(sqlite_world, honest):
    with serving(sqlite_world, world="production") as at, browsing(at) as http:
        hand = Hand(http)
        have_nyborg_log_in(sqlite_world, honest.issuer)
        path = approval(sqlite_world)
        assert heading(hand.go(f"{path}/login", form={})) == NOT_LET_IN
    assert honest.asked == []


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
