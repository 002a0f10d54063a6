"""The approval endpoint: one page and one POST for each question. It records answers; the path acts on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from approval_api.books.routes import books_routes
from approval_api.drift.routes import drift_routes
from approval_api.endpoint import Endpoint
from approval_api.guard import Guard
from approval_api.login.providers import Providers
from approval_api.login.routes import login_routes
from approval_api.mangled_links import MangledLinks
from approval_api.mine.routes import mine_routes
from approval_api.open_pages import add_error_pages, mount_looks, open_routes
from approval_api.protection import protection_routes
from approval_api.questions.routes import question_routes
from approval_api.undo.routes import undo_routes
from approval_api.vacancies.routes import vacancy_routes
from storage.clock import Clock, clock_of
from storage.settings import Settings


def approval_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """The application, without FastAPI's documentation pages: its users are people with a link."""
    endpoint, providers = Endpoint(settings, clock or clock_of(settings)), Providers(demo=settings.world == "demo")

    @asynccontextmanager
    async def open_endpoint(_app: FastAPI) -> AsyncIterator[None]:
        yield
        providers.close()
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
    # Routes are matched in this order: /mine/login comes before /mine/{number}.
    app.include_router(login_routes(endpoint, providers))
    app.include_router(mine_routes(endpoint))
    app.include_router(books_routes(endpoint))
    app.include_router(question_routes(endpoint))
    app.include_router(undo_routes(endpoint))
    app.include_router(vacancy_routes(endpoint))
    app.include_router(drift_routes(endpoint))
    app.include_router(protection_routes(endpoint))
    app.include_router(open_routes(endpoint))
    return app
