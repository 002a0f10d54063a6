"""A question's page from facts that never change: the same template, headers and server, without link or database."""

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from approval_api.guard import Guard
from domain.household import Language
from templates import page
from tests.templates.samples import QUESTIONS

app = FastAPI(openapi_url=None)
app.add_middleware(Guard)


@app.get("/{path:path}")
def same_page(path: str) -> HTMLResponse:
    """Whatever is asked for."""
    return HTMLResponse(page("question", Language.DANISH, facts=QUESTIONS["approval"]))


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, server_header=False, log_level="warning")
