"""A party's OpenID provider: where to send a browser, and who came back from there."""

import os
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken

from domain.errors import TilflytError
from domain.party import Login

# Signed by the provider's private key; `none` and shared secrets are refused.
ALGORITHMS = ["RS256", "PS256", "ES256"]
CLOCKS_DIFFER_BY_S = 60
TIMEOUT_S = 5.0
READ_AGAIN_AFTER_S = 600
LEFT_IN_PEACE_S = 10.0
_silent_until: dict[str, float] = {}


class LoginFailed(TilflytError):
    """Nobody was let in: the provider did not answer, or what it says does not hold. The text is a code."""

    code = "login_failed"


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who the provider says somebody is, and how many seconds ago they showed it."""

    subject: str
    age_s: float


def authorization_endpoint(login: Login) -> str:
    """Where browsers are sent; `LoginFailed` when the provider does not say so."""
    return str(_metadata(login.issuer)["authorization_endpoint"])


def authorization_url(login: Login, *, back: str, state: str, nonce: str, verifier: str) -> str:
    """Where to send the browser, to come back to `back` with a code."""
    with _client(login, back) as client:
        url, _ = client.create_authorization_url(
            authorization_endpoint(login),
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            max_age=login.minutes * 60,
            acr_values=" ".join(login.acr),
        )
    return str(url)


def authenticated(login: Login, *, back: str, code: str, nonce: str, verifier: str) -> Authentication:
    """Who came back with a code; `LoginFailed` when the token is not the provider's, not ours, old or too weak."""
    metadata = _metadata(login.issuer)
    try:
        with _client(login, back) as client:
            token = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=verifier)
            keys = JsonWebKey.import_key_set(_read(metadata["jwks_uri"]))
        claims = JsonWebToken(ALGORITHMS).decode(
            token["id_token"],
            keys,
            claims_cls=CodeIDToken,
            claims_options={
                "iss": {"essential": True, "value": login.issuer},
                "aud": {"essential": True, "value": login.client_id},
                "acr": {"essential": True, "values": list(login.acr)},
            },
            claims_params={"nonce": nonce, "client_id": login.client_id, "max_age": login.minutes * 60},
        )
        claims.validate(leeway=CLOCKS_DIFFER_BY_S)
    except (AuthlibBaseError, httpx.HTTPError, KeyError, ValueError) as error:
        raise LoginFailed(type(error).__name__) from None
    age_s = max(0.0, time.time() - claims["auth_time"])
    if age_s > login.minutes * 60 + CLOCKS_DIFFER_BY_S:
        raise LoginFailed("authenticated_too_long_ago")
    return Authentication(str(claims["sub"]), age_s)


def _client(login: Login, back: str) -> OAuth2Client:
    secret = os.environ.get(login.secret)
    if not secret:
        raise LoginFailed(f"the secret {login.secret} is not set")
    return OAuth2Client(
        login.client_id,
        secret,
        scope="openid",
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
        trust_env=False,
    )


def _metadata(issuer: str) -> dict[str, Any]:
    if time.monotonic() < _silent_until.get(issuer, 0.0):
        raise LoginFailed("silent")
    try:
        found = _discovered(issuer, int(time.monotonic() / READ_AGAIN_AFTER_S))
    except LoginFailed:
        # Everybody who waits for a silent provider keeps a thread from others.
        _silent_until[issuer] = time.monotonic() + LEFT_IN_PEACE_S
        raise
    if found.get("issuer") != issuer:
        raise LoginFailed("another_issuer")
    return found


@lru_cache(maxsize=256)
def _discovered(issuer: str, _while: int) -> dict[str, Any]:
    return _read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")


def _read(url: str) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as http:
            found: dict[str, Any] = http.get(url).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise LoginFailed(type(error).__name__) from None
    return found
