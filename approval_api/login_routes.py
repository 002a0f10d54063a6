"""The routes on which people log in and out, and see what waits for them."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from approval_api.admission import SITTING, let_in, person_of, shown_out
from approval_api.answering import Desk, Visit, asking_to_log_in, drawn, too_many, visit_of
from approval_api.drift import is_staff
from approval_api.form import chosen_language
from approval_api.mine import Party, View, mine_page
from approval_api.provider import LoginFailed, authenticated, authorization_endpoint, authorization_url
from domain.household import Language
from domain.party import Partner, PartyKind
from domain.question import QuestionKind
from storage.logins import begin_login, end_sitting, open_sitting, take_attempt
from storage.parties import partner, partners

BACK = "/login/back"
# The attempt's state and the page to go back to: both stay with the browser alone.
ATTEMPT = "__Host-attempt"
ATTEMPT_LASTS = timedelta(minutes=10)
log = structlog.get_logger()


class Logins:
    """What the login routes stand on."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.back = f"{desk.origin}{BACK}"

    def begun(self, at: Partner | None, visit: Visit, *, then: str) -> Response:
        """Send the browser to the party's provider; it comes back to `then`, a path of ours."""
        language = visit.language
        if (wait := self.desk.limits.counted("login", visit.address)) is not None:
            return too_many(language, wait)
        if at is None or at.login is None:
            return drawn("unknown", language, HTTPStatus.NOT_FOUND)
        now = self.desk.clock.now()
        try:
            authorization_endpoint(at.login)  # before anything is written down for a provider that does not answer
            with self.desk.database.writing() as session:
                state, attempt = begin_login(session, at.party, until=now + ATTEMPT_LASTS)
                sent = {"state": state, "nonce": attempt.nonce, "verifier": attempt.verifier}
            url = authorization_url(at.login, back=self.back, **sent)
        except LoginFailed as error:
            log.warning("login_failed", party=at.party, why=str(error))
            return drawn("login_failed", language, HTTPStatus.FORBIDDEN)
        response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
        response.set_cookie(ATTEMPT, f"{state}.{then}", secure=True, httponly=True, samesite="lax")
        return response

    def asked_party(self, visit: Visit) -> Partner | None:
        """The party that a question is asked of; None for a link that nobody was sent."""
        with self.desk.database.reading() as session:
            seen = self.desk.seen(session, visit)
            return partner(session, seen.question.asked_of) if seen is not None and seen.is_of_a_party else None

    def named_party(self, party: str) -> Partner | None:
        """A party at which one can log in."""
        with self.desk.database.reading() as session:
            return next((one for one in partners(session) if one.party == party and one.login), None)

    def page_for(self, party: str, language: Language | None) -> Response:
        """The way to the login of a party that was chosen from the list."""
        at = self.named_party(party)
        if at is None:
            return drawn("unknown", language, HTTPStatus.NOT_FOUND)
        return asking_to_log_in(language, at, action=f"/mine/login?party={quote(at.party)}")

    def come_back(self, request: Request) -> Response:
        """Let in whoever the provider says has logged in, if the party names them; else say that it did not work."""
        state, _, then = request.cookies.get(ATTEMPT, "").partition(".")
        sent = request.query_params
        failed = _not_let_in(request)
        if not state or sent.get("state") != state or not sent.get("code"):
            log.warning("login_failed", why="no_attempt")
            return failed
        now = self.desk.clock.now()
        with self.desk.database.writing() as session:
            attempt = take_attempt(session, state, now=now)
            at = partner(session, attempt.party) if attempt else None
        if attempt is None or at is None or at.login is None or sent.get("iss", at.login.issuer) != at.login.issuer:
            log.warning("login_failed", why="another_attempt")
            return failed
        try:
            shown = authenticated(
                at.login, back=self.back, code=sent["code"], nonce=attempt.nonce, verifier=attempt.verifier
            )
        except LoginFailed as error:
            log.warning("login_failed", party=at.party, why=str(error))
            return failed
        contact = at.who_is(shown.subject)
        if contact is None:
            log.warning("login_failed", party=at.party, why="unknown_subject")
            return failed
        until = now + timedelta(minutes=at.login.minutes) - timedelta(seconds=shown.age_s)
        with self.desk.database.writing() as session:
            if before := request.cookies.get(SITTING):
                end_sitting(session, before)
            key = open_sitting(session, at.party, contact.id, now=now, until=until)
        log.info("login", party=at.party, contact=contact.id)
        response = RedirectResponse(_own_path(then), HTTPStatus.SEE_OTHER)
        response.delete_cookie(ATTEMPT, secure=True, httponly=True, samesite="lax")
        return let_in(response, key)

    def mine(self, request: Request) -> Response:
        """The list of whoever has logged in, or where to log in."""
        language = chosen_language(request)
        asked = request.query_params
        view = next((view for view in View if view == asked.get("show")), View.MINE)
        kind = next((kind for kind in QuestionKind if kind == asked.get("kind")), None)
        now = self.desk.clock.now()
        with self.desk.database.reading() as session:
            person = person_of(session, request.cookies, now=now)
            if is_staff(person):
                return RedirectResponse("/drift", HTTPStatus.SEE_OTHER)
            if person is not None:
                tongue = language or person.contact.language
                facts = mine_page(session, person, view, kind, now=now)
                return drawn("mine", tongue, HTTPStatus.OK, mine=facts, views=tuple(View), kinds=tuple(QuestionKind))
            known = [one for one in partners(session) if one.login and one.kind is not PartyKind.OPERATOR]
            parties = tuple(Party(one.party, one.name) for one in known)
        return drawn("mine_login", language, HTTPStatus.OK, parties=parties)

    def log_out(self, request: Request) -> Response:
        """End the sitting."""
        if key := request.cookies.get(SITTING):
            with self.desk.database.writing() as session:
                end_sitting(session, key)
        response = RedirectResponse("/mine", HTTPStatus.SEE_OTHER)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return shown_out(response)


def _not_let_in(request: Request) -> Response:
    return drawn("login_failed", chosen_language(request), HTTPStatus.FORBIDDEN)


def _own_path(then: str) -> str:
    """Where to go after a login: a page of ours, whatever a cookie says."""
    return then if then.startswith(("/q/", "/mine/")) and "//" not in then and "\\" not in then else "/mine"


def login_routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter()
    logins = Logins(desk)

    def from_our_page(request: Request, then: Callable[[], Response]) -> Response:
        return then() if desk.from_our_page(request) else _not_let_in(request)

    @router.post("/q/{token}/login")
    def log_in(request: Request, token: str) -> Response:
        visit = visit_of(request, token)
        return from_our_page(request, lambda: logins.begun(logins.asked_party(visit), visit, then=visit.path))

    @router.head("/mine/login", include_in_schema=False)
    @router.get("/mine/login")
    def log_in_page(request: Request, party: str = "") -> Response:
        return logins.page_for(party, chosen_language(request))

    @router.post("/mine/login")
    def log_in_to_list(request: Request, party: str = "") -> Response:
        visit = visit_of(request, "mine")
        # There the operator's people are led on to their own page.
        return from_our_page(request, lambda: logins.begun(logins.named_party(party), visit, then="/mine"))

    @router.get(BACK)
    def come_back(request: Request) -> Response:
        return logins.come_back(request)

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        return from_our_page(request, lambda: logins.log_out(request))

    @router.head("/mine", include_in_schema=False)
    @router.get("/mine")
    def mine(request: Request) -> Response:
        return logins.mine(request)

    return router
