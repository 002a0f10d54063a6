"""What a browser keeps of its attempts to log in: a cookie for each, so that two windows do not shut each other out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

ATTEMPT = "__Host-attempt"
NAME_CHARACTERS = 16
# More windows at once than anybody has; the oldest goes first.
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """An attempt's state, which is empty once it was used, and the page to go to: both stay with the browser alone."""

    state: str
    then: str
    name: str = ""


def _name_of(state: str) -> str:
    return f"{ATTEMPT}-{hashlib.sha256(state.encode()).hexdigest()[:NAME_CHARACTERS]}"


def keep(response: Response, cookies: Mapping[str, str], attempt: Kept, *, lasts: timedelta) -> Response:
    """Have the browser keep an attempt, and let go of its oldest ones when there are many."""
    # Browsers send them in the order in which they got them (RFC 6265, section 5.4).
    before = [name for name in cookies if name.startswith(ATTEMPT)]
    for name in before[: max(0, len(before) - MOST_AT_ONCE + 1)]:
        response.delete_cookie(name, secure=True, httponly=True, samesite="lax")
    return _set(response, _name_of(attempt.state), f"{attempt.state}.{attempt.then}", lasts)


def kept(cookies: Mapping[str, str], state: str | None) -> Kept:
    """What the browser kept of the attempt that an answer names; empty when it has none."""
    name = _name_of(state or "")
    held, _, then = cookies.get(name, "").partition(".")
    return Kept(held if held == state else "", then, name)


def with_it_done(response: Response, attempt: Kept, *, lasts: timedelta) -> Response:
    """Have the browser remember where an attempt led to, and no more: its answer may be loaded again."""
    return _set(response, attempt.name, f".{attempt.then}", lasts)


def _set(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    age = int(lasts.total_seconds())
    response.set_cookie(name, value, max_age=age, secure=True, httponly=True, samesite="lax")
    return response
