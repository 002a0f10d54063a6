"""What every page reads from a request: the number in its address, the chosen language, the fields of a form."""

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Path, Request

from domain.referrals.household import Language

LARGEST_FORM_BYTES = 16_384
MOST_FIELDS = 20
FORM = "application/x-www-form-urlencoded"
# As large as PostgreSQL's integer: it would fail on a larger one.
LARGEST_NUMBER = 2**31 - 1
# A row's number, where it stands in an address.
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


def chosen_language(request: Request) -> Language | None:
    """The language in the address; None when it has none, or one that there are no texts in."""
    asked = request.query_params.get("lang")
    return next((language for language in Language if language == asked), None)


async def read_fields(request: Request, names: Iterable[str]) -> dict[str, str] | None:
    """The named fields of a form, empty where one is missing; None when the body is too large or not a form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM_BYTES:
            return None
    try:
        sent = parse_qs(body.decode("utf-8"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return {name: sent.get(name, [""])[0] for name in names}
