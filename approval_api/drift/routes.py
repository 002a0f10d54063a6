"""The routes of the operations page, for staff who have logged in; each action is recorded with who did it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from approval_api.drift.charts import CHARTS, PICTURE_POLICY, chart
from approval_api.drift.lines import Runs
from approval_api.drift.metrics import metrics_routes
from approval_api.drift.orders import DEEDS, Order
from approval_api.drift.page import drift_page, feed_page, operators_with_login
from approval_api.endpoint import Endpoint
from approval_api.forms import LARGEST_NUMBER, Number, chosen_language, read_fields
from approval_api.responses import drawn
from approval_api.sitting import Person, is_staff, person_of
from domain.errors import Invalid, TilflytError
from domain.referrals.household import Language
from storage.feeds import review as reviewing
from storage.operations.overview import nights
from storage.staff.attention import deal_with

FIELDS = ("deed", "number", "field", "written", "meant")


class Drift:
    """The responses of the operations pages."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.runs = Runs(str(endpoint.settings.prefect_ui_url or ""))

    def shown(self, request: Request) -> Response:
        """The operations page, or the page on which to log in."""
        with self.endpoint.database.reading() as session:
            if (person := self._staff(session, request)) is None:
                return self._log_in_first(session, request)
            facts = drift_page(session, person, self.runs, now=self.endpoint.clock.now(), machine_now=datetime.now(UTC))
            return drawn("drift", _language(request, person), HTTPStatus.OK, drift=facts)

    def feed(self, request: Request, association: str, *, errors: tuple[Invalid, ...] = ()) -> Response:
        """The page of one feed, with the errors of a form that was sent from it."""
        with self.endpoint.database.reading() as session:
            if (person := self._staff(session, request)) is None:
                return self._log_in_first(session, request)
            done = request.query_params.get("done", "") if request.method == "GET" else ""
            now = self.endpoint.clock.now()
            facts = feed_page(session, person, association, self.runs, now=now, done=done if done in DEEDS else "")
            language = _language(request, person)
            if facts is None:
                return drawn("unknown", language, HTTPStatus.NOT_FOUND)
            status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
            return drawn("drift_feed", language, status, feed=replace(facts, errors=errors))

    def picture(self, request: Request, association: str, name: str) -> Response:
        """A chart of a feed's last nights."""
        with self.endpoint.database.reading() as session:
            person = self._staff(session, request)
            if person is None or name not in CHARTS:
                return drawn("unknown", chosen_language(request), HTTPStatus.NOT_FOUND)
            found = nights(session, association)
        svg = chart(name, found, _language(request, person))
        return Response(svg, media_type="image/svg+xml", headers={"Content-Security-Policy": PICTURE_POLICY})

    def done(self, request: Request, association: str, sent: Mapping[str, str] | None) -> Response:
        """Do what was chosen on a feed's page, and show the page again."""
        if sent is None or not self._from_our_page(request) or sent["deed"] not in DEEDS:
            return self.feed(request, association, errors=(Invalid("deed", "not_an_answer"),))
        try:
            with self.endpoint.database.writing() as session:
                if (person := self._staff(session, request)) is None:
                    return self._log_in_first(session, request)
                number = int(sent["number"]) if sent["number"].isascii() and sent["number"].isdigit() else 0
                by = person.name
                order = Order(association, min(number, LARGEST_NUMBER), by, self.endpoint.clock.now(), sent)
                DEEDS[sent["deed"]](session, order)
        except Invalid as error:
            return self.feed(request, association, errors=(error,))
        except reviewing.NothingHeld:
            return self.feed(request, association, errors=(Invalid("deed", "meanwhile"),))
        language = chosen_language(request)
        also = f"&lang={language}" if language else ""
        return RedirectResponse(f"/drift/feeds/{association}?done={sent['deed']}{also}", HTTPStatus.SEE_OTHER)

    def dealt_with(self, request: Request, item: int, sent: Mapping[str, str] | None) -> Response:
        """Take something off the attention list, or have it tried again."""
        if sent is not None and self._from_our_page(request) and sent["deed"] in ("again", "done"):
            try:
                with self.endpoint.database.writing() as session:
                    if (person := self._staff(session, request)) is None:
                        return self._log_in_first(session, request)
                    by = person.name
                    deal_with(session, item, again=sent["deed"] == "again", by=by, now=self.endpoint.clock.now())
            except TilflytError:
                pass  # a colleague has dealt with the item meanwhile: it is off the list already
        language = chosen_language(request)
        return RedirectResponse(f"/drift{f'?lang={language}' if language else ''}#attention", HTTPStatus.SEE_OTHER)

    def _from_our_page(self, request: Request) -> bool:
        """Whether the browser says that our page sent the form; it must say so, as this form has no nonce."""
        said = "origin" in request.headers or "sec-fetch-site" in request.headers
        return said and self.endpoint.from_our_page(request)

    def _staff(self, session: Session, request: Request) -> Person | None:
        person = person_of(session, request.cookies, now=self.endpoint.clock.now())
        return person if is_staff(person) else None

    def _log_in_first(self, session: Session, request: Request) -> Response:
        parties = operators_with_login(session)
        return drawn("drift_login", chosen_language(request), HTTPStatus.FORBIDDEN, parties=parties)


def _language(request: Request, person: Person) -> Language:
    return chosen_language(request) or person.contact.language


def drift_routes(endpoint: Endpoint) -> APIRouter:
    """The routes; GET and HEAD change nothing."""
    router = APIRouter()
    router.include_router(metrics_routes(endpoint))
    drift = Drift(endpoint)

    @router.head("/drift", include_in_schema=False)
    @router.get("/drift")
    def look(request: Request) -> Response:
        return drift.shown(request)

    @router.head("/drift/feeds/{association}", include_in_schema=False)
    @router.get("/drift/feeds/{association}")
    def look_at_feed(request: Request, association: str) -> Response:
        return drift.feed(request, association)

    @router.get("/drift/feeds/{association}/{name}.svg")
    def look_at_picture(request: Request, association: str, name: str) -> Response:
        return drift.picture(request, association, name)

    @router.post("/drift/feeds/{association}")
    async def act_on_feed(request: Request, association: str) -> Response:
        return await run_in_threadpool(drift.done, request, association, await read_fields(request, FIELDS))

    @router.post("/drift/attention/{item}")
    async def act_on_item(request: Request, item: Number) -> Response:
        return await run_in_threadpool(drift.dealt_with, request, item, await read_fields(request, ("deed",)))

    return router
