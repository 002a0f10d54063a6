"""The approval endpoint: one page a question, one POST. It records answers; the path acts on them."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import Session, select

from approval_api.desk import Seen, look_up, notice_page, question_page, receipt_page
from approval_api.page import Filled
from domain.errors import Invalid
from domain.household import Language
from domain.question import Answer, GivenBy, Reply, Standing, faults
from storage.clock import clock_of
from storage.database import Database
from storage.questions import record_answer, suggested
from storage.settings import Settings
from templates import STATIC, page

LARGEST_FORM_BYTES = 16_384
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=31536000",
}


class Desk:
    """What the routes stand on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.clock = clock_of(settings)
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(settings.public_url)))

    def shown(
        self, token: str, language: Language | None, *, filled: Filled | None = None, errors: tuple[Invalid, ...] = ()
    ) -> Response:
        """The page that a link leads to now."""
        with self.database.reading() as session:
            seen = look_up(session, token)
            if seen is None:
                return _page("unknown", language or Language.DANISH, HTTPStatus.NOT_FOUND)
            tongue, now = language or seen.language, self.clock.now()
            if seen.answerable(now=now):
                facts = question_page(session, seen, self.settings, now=now, filled=filled or Filled(), errors=errors)
                status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
                return _page("question", tongue, status, facts=facts)
            if seen.question.standing is Standing.ANSWERED:
                return _page("receipt", tongue, HTTPStatus.OK, facts=receipt_page(session, seen, self.settings))
            return self._notice(session, seen, tongue)

    def _notice(self, session: Session, seen: Seen, language: Language) -> Response:
        name = "withdrawn" if seen.question.standing is Standing.REVOKED else "expired"
        return _page(name, language, HTTPStatus.GONE, facts=notice_page(session, seen, self.settings))

    def answered(self, token: str, language: Language | None, filled: Filled) -> Response:
        """Record an answer once. The same one again gets the same receipt; another is told that it came late."""
        recorded, errors = self._record(token, filled)
        if recorded:
            return self._receipt(token, language)
        if errors:
            return self.shown(token, language, filled=filled, errors=errors)
        return self._late(token, language, filled)

    def _record(self, token: str, filled: Filled) -> tuple[bool, tuple[Invalid, ...]]:
        with self.database.writing() as session:
            seen = look_up(session, token)
            now = self.clock.now()
            if seen is None or not seen.answerable(now=now):
                return False, ()
            reply, errors = read_reply(filled, seen, frozenset(suggested(session, seen.question.id or 0)))
            return reply is not None and record_answer(session, seen.question, reply, now=now), tuple(errors)

    def _late(self, token: str, language: Language | None, filled: Filled) -> Response:
        with self.database.reading() as session:
            seen = look_up(session, token)
            if seen is not None and seen.question.standing is Standing.ANSWERED:
                reply, _ = read_reply(filled, seen, frozenset(suggested(session, seen.question.id or 0)))
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


def read_reply(filled: Filled, seen: Seen, homes: frozenset[int]) -> tuple[Reply | None, list[Invalid]]:
    """The reply that a form holds, or everything that is missing or wrong in it."""
    if filled.answer not in tuple(Answer):
        return None, [Invalid("answer", "not_an_answer")]
    answer = Answer(filled.answer)
    reply = Reply(
        answer,
        reason=filled.reason or None if answer is Answer.NO else None,
        vacancy_id=int(filled.vacancy) if answer is Answer.YES and filled.vacancy.isdecimal() else None,
        given_by=GivenBy(filled.given_by) if filled.given_by in tuple(GivenBy) else None,
    )
    found = faults(seen.question.kind, reply, suggested=homes, on_behalf=seen.question.on_behalf)
    return (None, found) if found else (reply, [])


async def read_form(request: Request) -> Filled | None:
    """The form's fields; None when it is too large or not a form."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM_BYTES:
            return None
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
    except ValueError:
        return None
    return Filled(**{name: fields.get(name, [""])[0] for name in ("answer", "reason", "vacancy", "given_by")})


def _page(name: str, language: Language, status: HTTPStatus, **facts: object) -> Response:
    return HTMLResponse(page(name, language, **facts), status)


def approval_app(settings: Settings) -> FastAPI:
    """The application. It has no open documentation pages: its readers are people with a link."""
    app = FastAPI(title="Tilflytterstyring", docs_url=None, redoc_url=None, openapi_url=None)
    desk = Desk(settings)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.get("/q/{token}")
    def ask(token: str, lang: Language | None = None) -> Response:
        return desk.shown(token, lang)

    @app.post("/q/{token}")
    async def answer(request: Request, token: str, lang: Language | None = None) -> Response:
        form = await read_form(request)
        if form is None or not desk.from_our_page(request):
            # Nothing is recorded: the page is shown again, and a person can answer on it.
            return await run_in_threadpool(desk.shown, token, lang, errors=(Invalid("answer", "not_an_answer"),))
        return await run_in_threadpool(desk.answered, token, lang, form)

    @app.get("/tilgaengelighed")
    def accessibility(lang: Language = Language.DANISH) -> Response:
        return _page("tilgaengelighed", lang, HTTPStatus.OK)

    @app.get("/privatliv")
    def privacy(lang: Language = Language.DANISH) -> Response:
        return _page("privatliv", lang, HTTPStatus.OK)

    @app.get("/livez")
    def alive() -> Response:
        with desk.database.reading() as session:
            session.exec(select(1)).one()
        return PlainTextResponse("ok")

    return app
