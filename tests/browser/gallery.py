"""Serves every page and letter in every language, with invented facts, on a free port of loopback."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from approval_api.drift.charts import chart
from approval_api.guard import Guard
from approval_api.open_pages import mount_looks
from domain.referrals.household import Language
from templates import letter, page
from tests.world.samples.drift import NIGHTS
from tests.world.samples.letters import LETTERS
from tests.world.samples.pages import PAGES
from tests.world.servers.endpoint import answering, loopback


def gallery() -> FastAPI:
    """The pages with the endpoint's own headers and stylesheets, and the letters as a mail program shows them."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(Guard)
    mount_looks(app)

    @app.get("/page/{name}/{language}")
    def one_page(name: str, language: Language) -> HTMLResponse:
        template, facts = PAGES[name]
        return HTMLResponse(page(template, language, **facts))

    @app.get("/drift/feeds/{association}/{name}.svg")
    def one_picture(association: str, name: str, lang: Language = Language.DANISH) -> Response:
        return Response(chart(name, NIGHTS, lang), media_type="image/svg+xml")

    return app


def letters(language: Language) -> dict[str, str]:
    """The HTML of every letter."""
    return {name: letter(one, language).html for name, one in LETTERS.items()}


@contextmanager
def open_gallery() -> Iterator[str]:
    """Serve the pages; yields their origin."""
    config = uvicorn.Config(gallery(), ws="none", access_log=False, server_header=False, log_level="warning")
    with loopback() as listening, answering(config, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
