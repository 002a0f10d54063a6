"""A party's OpenID provider: the address to which a browser is sent, and who the provider says has logged in."""

import base64
import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from authlib.jose import JsonWebToken
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken

from approval_api.login.provider_calls import LoginFailed
from approval_api.login.provider_keys import ALGORITHMS, WRONG
from approval_api.login.providers import Known, Providers, TakesUsBy
from domain.parties.party import Login

CLOCKS_DIFFER_BY_S = 60
LAST_MOMENT = 2**53


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who the provider says has logged in, and how many seconds ago."""

    subject: str
    age_s: float


def authorization_url(login: Login, known: Known, *, back: str, state: str, nonce: str, verifier: str) -> str:
    """The address at the provider to which the browser is sent; it comes back to `back` with a code."""
    return str(
        prepare_grant_uri(
            known.authorization_endpoint,
            login.client_id,
            "code",
            redirect_uri=back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            max_age=str(login.minutes * 60),
            acr_values=" ".join(login.acr),
        )
    )


def named_rightly(login: Login, known: Known, named: str | None) -> bool:
    """Whether an answer names the party's provider; it may name none only if the provider does not promise to."""
    return named == login.issuer or (named is None and not known.names_itself)


async def token(providers: Providers, login: Login, known: Known, *, back: str, code: str, verifier: str) -> str:
    """The ID token that a provider gives for a code."""
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    secret, headers = secret_of(login), {}
    if _in_the_form(login, known, secret):
        sent |= {"client_id": login.client_id, "client_secret": secret}
    else:
        ours = base64.b64encode(f"{login.client_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {ours}"}
    request = httpx.Request("POST", known.token_endpoint, data=sent, headers=headers)
    given = (await providers.answer(login, request)).get("id_token")
    if not isinstance(given, str):
        raise LoginFailed("no_id_token")
    return given


def _in_the_form(login: Login, known: Known, secret: str) -> bool:
    """Whether our password is sent as a form field: providers disagree on how some signs are written in the header."""
    disputed = any(quote(one, safe="") != one for one in (login.client_id, secret))
    return TakesUsBy.BASIC not in known.takes_us_by or (disputed and TakesUsBy.POST in known.takes_us_by)


def authenticated(login: Login, known: Known, given: str, *, nonce: str) -> Authentication:
    """Who has logged in. `LoginFailed` when the token is not the provider's or not for us, or the login is not valid.

    It is not valid when it is too old, ahead of time, or at a level that the party's entry does not accept (`acr`).
    """
    try:
        claims = JsonWebToken(ALGORITHMS).decode(
            given,
            known.keys,
            claims_cls=CodeIDToken,
            claims_options={
                "iss": {"essential": True, "value": login.issuer},
                "aud": {"essential": True, "value": login.client_id},
                "acr": {"essential": True, "values": list(login.acr)},
            },
            claims_params={"nonce": nonce, "client_id": login.client_id, "max_age": login.minutes * 60},
        )
        claims.validate(leeway=CLOCKS_DIFFER_BY_S)
    except WRONG as error:
        raise LoginFailed(type(error).__name__) from None
    if not isinstance(claims["sub"], str):
        raise LoginFailed("not_a_subject")
    if not all(_is_a_moment(claims.get(name)) for name in ("exp", "iat", "auth_time")):
        raise LoginFailed("not_a_moment")
    age_s = time.time() - claims["auth_time"]
    if age_s > login.minutes * 60 + CLOCKS_DIFFER_BY_S:
        raise LoginFailed("authenticated_too_long_ago")
    if age_s < -CLOCKS_DIFFER_BY_S:
        raise LoginFailed("authenticated_ahead_of_time")
    return Authentication(claims["sub"], max(0.0, age_s))


def secret_of(login: Login) -> str:
    """Our password at a provider."""
    if secret := os.environ.get(login.secret):
        return secret
    raise LoginFailed(f"the secret {login.secret} is not set")


def _is_a_moment(value: Any) -> bool:  # noqa: ANN401  # what JSON can hold
    # Python's JSON knows NaN, which is neither before nor after anything.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < LAST_MOMENT
