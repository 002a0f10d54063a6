"""The approval endpoint: one page a question, one POST. It records answers; the path acts on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import Session, select
from starlette.exceptions import HTTPException

from approval_api.desk import Seen, home_choices, look_up, notice_page, question_page, receipt_page
from approval_api.form import (
    HOME_GONE,
    NO_HOME_LEFT,
    NOT_FROM_OUR_PAGE,
    NOT_READ,
    chosen_language,
    read_form,
    read_reply,
)
from approval_api.guard import Guard
from approval_api.page import Filled
from domain.errors import Invalid
from domain.household import Language
from domain.question import Standing
from storage.clock import Clock, clock_of
from storage.database import Database
from storage.questions import record_answer, suggested
from storage.settings import Settings
from templates import STATIC, page

READING = ["GET", "HEAD"]


class Desk:
    """What the routes stand on."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.clock = clock
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(settings.public_url)))

    def shown(
        self, token: str, language: Language | None, *, filled: Filled | None = None, errors: tuple[Invalid, ...] = ()
    ) -> Response:
        """The page that a link leads to now."""
        with self.database.reading() as session:
            seen = look_up(session, token)
            if seen is None:
                return _page("unknown", language, HTTPStatus.NOT_FOUND)
            tongue, now = language or seen.language, self.clock.now()
            if seen.answerable(now=now):
                facts = question_page(session, seen, self.settings, now=now, filled=filled or Filled(), errors=errors)
                status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
                return _page("question", tongue, status, facts=facts)
            if seen.question.standing is Standing.ANSWERED:
                return _page("receipt", tongue, HTTPStatus.OK, facts=receipt_page(session, seen, self.settings))
            name = "withdrawn" if seen.question.standing is Standing.REVOKED else "expired"
            return _page(name, tongue, HTTPStatus.GONE, facts=notice_page(session, seen, self.settings))

    def answered(self, token: str, language: Language | None, filled: Filled) -> Response:
        """Record an answer once. The same one again gets the same receipt; another is told that it came late."""
        recorded, errors = self._record(token, filled)
        if recorded:
            return self._receipt(token, language)
        if errors:
            return self.shown(token, language, filled=filled, errors=errors)
        return self._late(token, language, filled)

    def _record(self, token: str, filled: Filled) -> tuple[bool, tuple[Invalid, ...]]:
        now = self.clock.now()
        with self.database.reading() as session:
            seen = look_up(session, token)
            if seen is None or not seen.answerable(now=now):
                return False, ()
            homes = frozenset(choice.vacancy_id for choice in home_choices(session, seen.question))
            reply, errors = read_reply(filled, seen.question, homes)
            if reply is None:
                return False, _about_homes(session, seen, filled, errors, homes)
        # Whatever changed since, the answer is recorded only if the question is open still.
        with self.database.writing() as session:
            return record_answer(session, seen.question.id or 0, reply, referral_id=seen.referral.id or 0, now=now), ()

    def _late(self, token: str, language: Language | None, filled: Filled) -> Response:
        with self.database.reading() as session:
            seen = look_up(session, token)
            if seen is not None and seen.question.standing is Standing.ANSWERED:
                # Every home that was suggested: the one that was offered is reserved by now.
                reply, _ = read_reply(filled, seen.question, frozenset(suggested(session, seen.question.id or 0)))
                if reply == seen.question.reply:
                    return self._receipt(token, language)
                facts = notice_page(session, seen, self.settings)
                return _page("already_answered", language or seen.language, HTTPStatus.CONFLICT, facts=facts)
        return self.shown(token, language)

    @staticmethod
    def _receipt(token: str, language: Language | None) -> Response:
        query = f"?lang={language}" if language else ""
        return RedirectResponse(f"/q/{token}{query}", HTTPStatus.SEE_OTHER)

    def from_our_page(self, request: Request) -> bool:
        """Whether a form was sent from our own page, as far as the browser says."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        return origin in (None, self.origin) and site in (None, "same-origin")


def _about_homes(
    session: Session, seen: Seen, filled: Filled, errors: tuple[Invalid, ...], homes: frozenset[int]
) -> tuple[Invalid, ...]:
    """The errors, where a home that was taken meanwhile is told as that and not as a choice that was forgotten."""
    if not any(error.field == HOME_GONE.field for error in errors):
        return errors
    if not homes:
        return (NO_HOME_LEFT,)
    gone = filled.vacancy in map(str, suggested(session, seen.question.id or 0))
    return (HOME_GONE,) if gone else errors


def _page(name: str, language: Language | None, status: HTTPStatus, **facts: object) -> Response:
    return HTMLResponse(page(name, language or Language.DANISH, **facts), status)


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
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.exception_handler(HTTPException)
    def nothing_here(request: Request, error: HTTPException) -> Response:
        # The same page as for a link that nobody was sent: it tells nothing, not even which addresses exist.
        refused = _page("unknown", chosen_language(request), HTTPStatus(error.status_code))
        refused.headers.update(error.headers or {})
        return refused

    @app.api_route("/q/{token}", methods=READING)
    def ask(request: Request, token: str) -> Response:
        return desk.shown(token, chosen_language(request))

    @app.post("/q/{token}")
    async def answer(request: Request, token: str) -> Response:
        language = chosen_language(request)
        form = await read_form(request)
        if form is None or not desk.from_our_page(request):
            # Nothing is recorded: the page is shown again, and a person can answer on it.
            why = NOT_READ if form is None else NOT_FROM_OUR_PAGE
            return await run_in_threadpool(desk.shown, token, language, errors=(why,))
        return await run_in_threadpool(desk.answered, token, language, form)

    @app.api_route("/tilgaengelighed", methods=READING)
    def accessibility(request: Request) -> Response:
        return _page("tilgaengelighed", chosen_language(request), HTTPStatus.OK)

    @app.api_route("/privatliv", methods=READING)
    def privacy(request: Request) -> Response:
        return _page("privatliv", chosen_language(request), HTTPStatus.OK)

    @app.api_route("/livez", methods=READING)
    def alive() -> Response:
        with desk.database.reading() as session:
            session.exec(select(1)).one()
        return PlainTextResponse("ok")

    return app
