"""Pages as responses."""

import math
from datetime import timedelta
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import HTMLResponse

from approval_api.guard import policy
from domain.parties.party import Partner
from domain.referrals.household import Language
from templates import page


def too_many(language: Language | None, wait: timedelta) -> Response:
    """The page that asks to wait, with `Retry-After`."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    refused = drawn("too_many", language, HTTPStatus.TOO_MANY_REQUESTS, minutes=minutes)
    refused.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return refused


def asking_to_log_in(language: Language | None, partner: Partner, *, action: str) -> Response:
    """The page that leads to a party's login; its form may send the browser there and nowhere else.

    The addresses come from the party's entry and not from its provider, so that the page need not wait for an answer.
    """
    if partner.login is None:
        return drawn("login_failed", language, HTTPStatus.FORBIDDEN, again=None)
    response = drawn("login", language, HTTPStatus.OK, party=partner.name, action=action)
    there = " ".join(map(str, partner.login.origins))
    response.headers["Content-Security-Policy"] = policy(form_action=f"'self' {there}")
    return response


def drawn(name: str, language: Language | None, status: HTTPStatus, **facts: object) -> Response:
    """A page as a response, in Danish where nobody asked for another language."""
    return HTMLResponse(page(name, language or Language.DANISH, **facts), status)
