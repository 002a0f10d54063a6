"""The approval endpoint: one page a question, one POST. It records answers; the path acts on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Scope

from approval_api.drift.metrics import metrics_routes
from approval_api.drift.routes import drift_routes
from approval_api.endpoint import Endpoint
from approval_api.guard import Guard
from approval_api.login.routes import login_routes
from approval_api.mangled_links import MangledLinks
from approval_api.plain_pages import plain_routes
from approval_api.protection import protection_routes
from approval_api.questions.form import chosen_language
from approval_api.questions.routes import question_routes
from approval_api.responses import drawn
from approval_api.vacancies.push import push_routes
from storage.clock import Clock, clock_of
from storage.settings import Settings
from templates import DESIGN, DESIGN_VERSION, STATIC


class DesignFiles(StaticFiles):
    """The design system's looks, which a browser may keep: their address holds their version. Not its scripts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A stylesheet, font or icon."""
        if not path.startswith(("css/", "fonts/", "img/")):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        found = await super().get_response(path, scope)
        found.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return found


def mount_looks(app: FastAPI) -> None:
    """Serve what the pages look like from our own origin."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount(f"/design/{DESIGN_VERSION}", DesignFiles(directory=DESIGN), name="design")


def approval_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """The application. It has no open documentation pages: its readers are people with a link."""
    endpoint = Endpoint(settings, clock or clock_of(settings))

    @asynccontextmanager
    async def open_endpoint(_app: FastAPI) -> AsyncIterator[None]:
        yield
        endpoint.close()

    app = FastAPI(
        title="Tilflytterstyring",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=open_endpoint,
    )
    app.add_middleware(MangledLinks)
    app.add_middleware(Guard)
    mount_looks(app)

    add_error_pages(app)
    # The list's own addresses before the numbers in it.
    app.include_router(login_routes(endpoint))
    app.include_router(question_routes(endpoint))
    app.include_router(push_routes(endpoint))
    app.include_router(drift_routes(endpoint))
    app.include_router(protection_routes(endpoint))
    app.include_router(metrics_routes(endpoint))
    app.include_router(plain_routes(endpoint))
    return app


def add_error_pages(app: FastAPI) -> None:
    """The same page as for a link that nobody was sent: it tells nothing, not even which addresses exist."""

    @app.exception_handler(RequestValidationError)
    def no_such_address(request: Request, _error: RequestValidationError) -> Response:
        return drawn("unknown", chosen_language(request), HTTPStatus.NOT_FOUND)

    @app.exception_handler(HTTPException)
    def nothing_here(request: Request, error: HTTPException) -> Response:
        refused = drawn("unknown", chosen_language(request), HTTPStatus(error.status_code))
        refused.headers.update(error.headers or {})
        return refused
