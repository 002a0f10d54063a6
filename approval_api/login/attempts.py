"""The cookies of attempts to log in: one for each attempt, so that logging in works in two windows at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

ATTEMPT = "__Host-attempt"
NAME_CHARACTERS = 16
# More windows than anybody has open at once; the oldest cookie is deleted first.
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """An attempt's state, empty once it was used, and the page to go to afterwards: both stand in the cookie only."""

    state: str
    then: str
    name: str = ""


def _name_of(state: str) -> str:
    return f"{ATTEMPT}-{hashlib.sha256(state.encode()).hexdigest()[:NAME_CHARACTERS]}"


def keep(response: Response, cookies: Mapping[str, str], attempt: Kept, *, lasts: timedelta) -> Response:
    """Set an attempt's cookie, and delete the oldest ones when there are more than `MOST_AT_ONCE`."""
    # Browsers send cookies in the order in which they were set (RFC 6265, section 5.4).
    before = [name for name in cookies if name.startswith(ATTEMPT)]
    for name in before[: max(0, len(before) - MOST_AT_ONCE + 1)]:
        response.delete_cookie(name, secure=True, httponly=True, samesite="lax")
    return _set(response, _name_of(attempt.state), f"{attempt.state}.{attempt.then}", lasts)


def kept(cookies: Mapping[str, str], state: str | None) -> Kept:
    """The attempt in the cookie that belongs to the answer's state; empty when there is no such cookie."""
    name = _name_of(state or "")
    held, _, then = cookies.get(name, "").partition(".")
    return Kept(held if held == state else "", then, name)


def with_it_done(response: Response, attempt: Kept, *, lasts: timedelta) -> Response:
    """Keep only an attempt's page in its cookie: when the provider's answer is loaded again, it leads to that page."""
    return _set(response, attempt.name, f".{attempt.then}", lasts)


def _set(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    age = int(lasts.total_seconds())
    response.set_cookie(name, value, max_age=age, secure=True, httponly=True, samesite="lax")
    return response
