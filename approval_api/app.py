"""The approval endpoint: one page a question, one POST. It records answers; the path acts on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import select
from starlette.exceptions import HTTPException
from starlette.types import Scope

from approval_api.answering import Desk, drawn, visit_of
from approval_api.form import FIELDS, FORM, NOT_FROM_OUR_PAGE, NOT_READ, chosen_language, read_form
from approval_api.guard import Guard
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


# The form of a question, for the application's description; it is read by hand, within bounds.
SENT = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in FIELDS},
                "required": ["answer", "nonce"],
            }
        }
    },
}


def mount_looks(app: FastAPI) -> None:
    """Serve what the pages look like from our own origin."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount(f"/design/{DESIGN_VERSION}", DesignFiles(directory=DESIGN), name="design")


def approval_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """The application. It has no open documentation pages: its readers are people with a link."""
    desk = Desk(settings, clock or clock_of(settings))

    @asynccontextmanager
    async def open_desk(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.database.close()

    app = FastAPI(
        title="Tilflytterstyring",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=open_desk,
    )
    app.add_middleware(Guard)
    mount_looks(app)

    @app.exception_handler(HTTPException)
    def nothing_here(request: Request, error: HTTPException) -> Response:
        # The same page as for a link that nobody was sent: it tells nothing, not even which addresses exist.
        refused = drawn("unknown", chosen_language(request), HTTPStatus(error.status_code))
        refused.headers.update(error.headers or {})
        return refused

    @app.head("/q/{token}", include_in_schema=False)
    @app.get("/q/{token}")
    def ask(request: Request, token: str) -> Response:
        return desk.shown(visit_of(request, token))

    @app.post("/q/{token}", openapi_extra={"requestBody": SENT})
    async def answer(request: Request, token: str) -> Response:
        visit = visit_of(request, token)
        form = await read_form(request)
        if form is None or not desk.from_our_page(request):
            # Nothing is recorded: the page is shown again, and a person can answer on it.
            why = NOT_READ if form is None else NOT_FROM_OUR_PAGE
            return await run_in_threadpool(desk.refused, visit, why)
        return await run_in_threadpool(desk.answered, visit, form)

    @app.head("/tilgaengelighed", include_in_schema=False)
    @app.get("/tilgaengelighed")
    def accessibility(request: Request) -> Response:
        return drawn("tilgaengelighed", chosen_language(request), HTTPStatus.OK)

    @app.head("/privatliv", include_in_schema=False)
    @app.get("/privatliv")
    def privacy(request: Request) -> Response:
        return drawn("privatliv", chosen_language(request), HTTPStatus.OK)

    @app.head("/livez", include_in_schema=False)
    @app.get("/livez")
    def alive() -> Response:
        with desk.database.reading() as session:
            session.exec(select(1)).one()
        return PlainTextResponse("ok")

    return app
