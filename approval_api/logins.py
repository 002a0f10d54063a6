"""Logging in: a browser is sent to its party's provider, and comes back from there as somebody whom the party names."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import structlog
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from approval_api.admission import SITTING, let_in
from approval_api.answering import Desk, Visit, drawn, too_many
from approval_api.form import chosen_language
from approval_api.provider import Authentication, authenticated, authorization_url, named_rightly, secret_of, token
from approval_api.provider_calls import LoginFailed, ProviderSilent
from approval_api.providers import Known
from domain.household import Language
from domain.login_address import SHARED, one_provider_alone, own_address
from domain.party import Login, Partner
from storage.logins import LoginAttempt, begin_login, end_sitting, open_sitting, take_attempt
from storage.parties import partner, partners

# The attempt's state and the page to go back to: both stay with the browser alone.
ATTEMPT = "__Host-attempt"
ATTEMPT_LASTS = timedelta(minutes=10)
TRY_AGAIN_AFTER_S = "60"
log = structlog.get_logger()


class Logins:
    """The two ways. While a provider is waited for, no thread and no transaction is held."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.providers = desk.providers

    async def begun(self, visit: Visit, which: Callable[[], Partner | None], *, then: str) -> Response:
        """Send the browser to the party's provider; it comes back to `then`, a path of ours."""
        at = await run_in_threadpool(self._party_to_log_in_at, visit, which)
        if isinstance(at, Response):
            return at
        party, login = at
        try:
            secret_of(login)
            known = await self.providers.known(login)  # before anything is written down for one that does not answer
        except LoginFailed as error:
            return _not_let_in(visit.language, party, error)
        return await run_in_threadpool(self._sent_off, party, login, known, then)

    def _party_to_log_in_at(
        self, visit: Visit, which: Callable[[], Partner | None]
    ) -> tuple[Partner, Login] | Response:
        if (wait := self.desk.limits.counted("login", visit.address)) is not None:
            return too_many(visit.language, wait)
        at = which()
        if at is None or at.login is None:
            return drawn("unknown", visit.language, HTTPStatus.NOT_FOUND)
        return at, at.login

    def _sent_off(self, at: Partner, login: Login, known: Known, then: str) -> Response:
        until = self.desk.clock.now() + ATTEMPT_LASTS
        with self.desk.database.writing() as session:
            back = SHARED if one_provider_alone(partners(session)) else own_address(at.party)
            state, attempt = begin_login(session, at.party, back=back, until=until)
            sent = {"state": state, "nonce": attempt.nonce, "verifier": attempt.verifier}
        url = authorization_url(login, known, back=f"{self.desk.origin}{back}", **sent)
        response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
        response.set_cookie(ATTEMPT, f"{state}.{then}", secure=True, httponly=True, samesite="lax")
        return response

    async def come_back(self, request: Request, address: str) -> Response:
        """Let in whoever the provider says has logged in, if the party names them; else say that it did not work."""
        at = None
        try:
            attempt, at, login = await run_in_threadpool(self._attempt, request, address)
            sent, back = request.query_params, f"{self.desk.origin}{address}"
            known = await self.providers.known(login)
            if not named_rightly(login, known, sent.get("iss")):
                raise LoginFailed("another_provider")
            given = await token(self.providers, login, known, back=back, code=sent["code"], verifier=attempt.verifier)
            shown = await self._authenticated(login, known, given, nonce=attempt.nonce)
            return await run_in_threadpool(self._let_in, request, at, login, shown)
        except LoginFailed as error:
            return _not_let_in(chosen_language(request), at, error)

    async def _authenticated(self, login: Login, known: Known, given: str, *, nonce: str) -> Authentication:
        """Who somebody is; a provider whose keys do not fit may have new ones."""
        try:
            return await run_in_threadpool(authenticated, login, known, given, nonce=nonce)
        except LoginFailed:
            if (newer := await self.providers.with_new_keys(login, known)) is known:
                raise
            return await run_in_threadpool(authenticated, login, newer, given, nonce=nonce)

    def _attempt(self, request: Request, address: str) -> tuple[LoginAttempt, Partner, Login]:
        """The attempt that an answer belongs to, once; not when it came to another address than the attempt's own."""
        state, sent = _kept(request)[0], request.query_params
        said_once = all(len(sent.getlist(name)) <= 1 for name in ("state", "code", "iss"))
        if not state or not said_once or sent.get("state") != state or not sent.get("code"):
            raise LoginFailed("no_attempt")
        with self.desk.database.writing() as session:
            attempt = take_attempt(session, state, now=self.desk.clock.now())
            at = partner(session, attempt.party) if attempt else None
            alone = one_provider_alone(partners(session))
        if attempt is None or at is None or at.login is None:
            raise LoginFailed("another_attempt")
        if address != attempt.back or not (alone or address == own_address(attempt.party)):
            raise LoginFailed("another_partys_address")
        return attempt, at, at.login

    def _let_in(self, request: Request, at: Partner, login: Login, shown: Authentication) -> Response:
        contact, now = at.who_is(shown.subject), self.desk.clock.now()
        if contact is None:
            raise LoginFailed("unknown_subject")
        until = now + timedelta(minutes=login.minutes) - timedelta(seconds=shown.age_s)
        with self.desk.database.writing() as session:
            if before := request.cookies.get(SITTING):
                end_sitting(session, before)
            key = open_sitting(session, at.party, contact.id, now=now, until=until)
        log.info("login", party=at.party, contact=contact.id)
        response = RedirectResponse(_own_path(_kept(request)[1]), HTTPStatus.SEE_OTHER)
        response.delete_cookie(ATTEMPT, secure=True, httponly=True, samesite="lax")
        return let_in(response, key)


def _kept(request: Request) -> tuple[str, str]:
    """What the browser kept of its attempt: the state, and where to go then."""
    state, _, then = request.cookies.get(ATTEMPT, "").partition(".")
    return state, then


def _not_let_in(language: Language | None, at: Partner | None, error: LoginFailed) -> Response:
    log.warning("login_failed", party=at.party if at else "", why=str(error))
    if at is None or not isinstance(error, ProviderSilent):
        return drawn("login_failed", language, HTTPStatus.FORBIDDEN)
    response = drawn("login_silent", language, HTTPStatus.SERVICE_UNAVAILABLE, party=at.name)
    response.headers["Retry-After"] = TRY_AGAIN_AFTER_S
    return response


def _own_path(then: str) -> str:
    """Where to go after a login: a page of ours, whatever a cookie says."""
    return then if then.startswith(("/q/", "/mine/")) and "//" not in then and "\\" not in then else "/mine"
