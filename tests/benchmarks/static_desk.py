"""A server of a question's page with fixed facts: the same template, headers and server, without link or database.

An answer that is posted to it is only committed as one row.
"""

import sqlite3
import sys
from http import HTTPStatus

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

from approval_api.guard import Guard
from domain.referrals.household import Language
from templates import page
from tests.world.samples.questions import QUESTIONS

app = FastAPI(openapi_url=None)
app.add_middleware(Guard)


@app.get("/{path:path}")
def same_page(path: str) -> HTMLResponse:
    """The page, at any address."""
    return HTMLResponse(page("question", Language.DANISH, facts=QUESTIONS["approval"]))


@app.post("/{path:path}")
def same_answer(path: str) -> RedirectResponse:
    """Commit one row, as durably as the platform does."""
    rows = sqlite3.connect(sys.argv[2])
    rows.execute("PRAGMA journal_mode=WAL")
    rows.execute("PRAGMA synchronous=FULL")
    with rows:
        rows.execute("CREATE TABLE IF NOT EXISTS answer (path TEXT)")
        rows.execute("INSERT INTO answer VALUES (?)", (path,))
    rows.close()
    return RedirectResponse(f"/{path}", HTTPStatus.SEE_OTHER)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, server_header=False, log_level="warning")
