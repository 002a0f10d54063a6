"""What is open to everybody: stylesheets, fonts and images, the two statements, the error page, and `/livez`."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import select
from starlette.exceptions import HTTPException
from starlette.types import Scope

from approval_api.endpoint import Endpoint
from approval_api.forms import chosen_language
from approval_api.responses import drawn
from templates import DESIGN, DESIGN_VERSION, STATIC


class DesignFiles(StaticFiles):
    """The design system's files without its scripts. Browsers may cache them, as their address holds their version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A stylesheet, font or icon."""
        if not path.startswith(("css/", "fonts/", "img/")):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        found = await super().get_response(path, scope)
        found.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return found


def mount_looks(app: FastAPI) -> None:
    """Serve stylesheets, fonts and images from our own origin."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount(f"/design/{DESIGN_VERSION}", DesignFiles(directory=DESIGN), name="design")


def add_error_pages(app: FastAPI) -> None:
    """Answer errors with the page for an unknown link, which does not tell which addresses exist."""

    @app.exception_handler(RequestValidationError)
    def no_such_address(request: Request, _error: RequestValidationError) -> Response:
        return drawn("unknown", chosen_language(request), HTTPStatus.NOT_FOUND)

    @app.exception_handler(HTTPException)
    def nothing_here(request: Request, error: HTTPException) -> Response:
        refused = drawn("unknown", chosen_language(request), HTTPStatus(error.status_code))
        refused.headers.update(error.headers or {})
        return refused


def open_routes(endpoint: Endpoint) -> APIRouter:
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

    @router.head("/livez", include_in_schema=False)
    @router.get("/livez")
    def alive() -> Response:
        with endpoint.database.reading() as session:
            session.exec(select(1)).one()
        return PlainTextResponse("ok")

    return router
