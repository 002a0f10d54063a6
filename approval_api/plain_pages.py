"""The pages that belong to no case."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlmodel import select

from approval_api.endpoint import Endpoint
from approval_api.questions.form import chosen_language
from approval_api.responses import drawn
from approval_api.vacancies.description import feed_description
from domain.feeds.contract import published_schema


def plain_routes(endpoint: Endpoint) -> APIRouter:
    """The pages that belong to no case."""
    router = APIRouter()

    @router.head("/tilgaengelighed", include_in_schema=False)
    @router.get("/tilgaengelighed")
    def accessibility(request: Request) -> Response:
        return drawn("tilgaengelighed", chosen_language(request), HTTPStatus.OK)

    @router.head("/privatliv", include_in_schema=False)
    @router.get("/privatliv")
    def privacy(request: Request) -> Response:
        return drawn("privatliv", chosen_language(request), HTTPStatus.OK)

    @router.get("/schemas/vacancy-feed-1.json")
    def vacancy_feed_schema() -> Response:
        return JSONResponse(published_schema(), media_type="application/schema+json")

    @router.get("/schemas/vacancy-feed-1.openapi.json")
    def vacancy_feed_description() -> Response:
        return JSONResponse(
            feed_description(endpoint.origin), media_type="application/vnd.oai.openapi+json;version=3.1"
        )

    @router.head("/livez", include_in_schema=False)
    @router.get("/livez")
    def alive() -> Response:
        with endpoint.database.reading() as session:
            session.exec(select(1)).one()
        return PlainTextResponse("ok")

    return router
