"""The OpenAPI description of `vacancy-feed/1`: the feed that an association serves, and the way to send vacancies."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header
from fastapi.security import HTTPBearer

from approval_api.vacancies.push import PATH, Problem, Taken
from domain.feeds.contract import FORMAT, FeedPage, FeedPush

TOKEN = Depends(HTTPBearer(description="The token that the association and the platform have agreed on."))
REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": why}
    for status, why in {
        400: "Without an Idempotency-Key.",
        401: "The token is nobody's.",
        409: "Takes too many homes off the market at once, or the same key is being taken in at this moment.",
        422: "Not a list of vacancies, or the key came with others before.",
        429: "Too many tokens that nobody has; come back after `Retry-After` seconds.",
    }.items()
}


def feed_description(origin: str) -> dict[str, Any]:
    """OpenAPI 3.1, generated from the types that validate a feed. The routes below are described and never called."""
    api = FastAPI(title=FORMAT, version="1", description="Vacant homes of a housing association.")

    @api.get(
        "/vacancies",
        dependencies=[TOKEN],
        summary="The feed, a page at a time: served by the association at an address of its own",
        responses={304: {"description": "Nothing has changed since the ETag that was sent."}},
        openapi_extra={"servers": [{"url": "https://association.example"}]},
    )
    def vacancies(
        since: datetime | None = None, cursor: str | None = None, if_none_match: Annotated[str | None, Header()] = None
    ) -> FeedPage:
        raise NotImplementedError

    @api.post(
        PATH,
        dependencies=[TOKEN],
        status_code=202,
        summary="Send vacancies between two nights: new, changed, let or withdrawn",
        responses=REFUSED,
        openapi_extra={"servers": [{"url": origin}]},
    )
    def send(sent: FeedPush, idempotency_key: Annotated[str, Header(min_length=1, max_length=200)]) -> Taken:
        raise NotImplementedError

    return api.openapi()
