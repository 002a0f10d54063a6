"""The routes for programs: sending vacancies, and the published schema and description of a feed."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from approval_api.endpoint import Endpoint
from approval_api.vacancies.description import feed_description
from approval_api.vacancies.push import push_routes
from domain.feeds.contract import published_schema


def vacancy_routes(endpoint: Endpoint) -> APIRouter:
    """The routes."""
    router = APIRouter()
    router.include_router(push_routes(endpoint))

    @router.get("/schemas/vacancy-feed-1.json")
    def vacancy_feed_schema() -> Response:
        return JSONResponse(published_schema(), media_type="application/schema+json")

    @router.get("/schemas/vacancy-feed-1.openapi.json")
    def vacancy_feed_description() -> Response:
        return JSONResponse(
            feed_description(endpoint.origin), media_type="application/vnd.oai.openapi+json;version=3.1"
        )

    return router
