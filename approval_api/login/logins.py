"""Logging in: a browser is sent to its party's provider, and comes back as a contact whom the party names."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import structlog
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from approval_api.endpoint import Endpoint
from approval_api.forms import chosen_language
from approval_api.login.attempts import Kept, keep, kept, with_it_done
from approval_api.login.provider import (
    Authentication,
    authenticated,
    authorization_url,
    named_rightly,
    secret_of,
    token,
)
from approval_api.login.provider_calls import LoginFailed, ProviderSilent
from approval_api.login.provider_refusals import NotLoggedIn, ProviderRefused, refusal
from approval_api.login.providers import Known, Providers
from approval_api.responses import drawn, too_many
from approval_api.sitting import SITTING, Person, begins_at, let_in, person_of
from approval_api.visit import Visit
from domain.parties.login_address import SHARED, one_provider_alone, own_address
from domain.parties.party import Login, Partner
from domain.referrals.household import Language
from storage.parties.logins import LoginAttempt, begin_login, end_sitting, open_sitting, take_attempt
from storage.parties.partners import partner_of, partners

ATTEMPT_LASTS = timedelta(minutes=10)
TRY_AGAIN_AFTER_S = "60"
MINE = "/mine"
log = structlog.get_logger()


class NoAttempt(LoginFailed):
    """The answer belongs to no open attempt: the attempt was used, is too old, or was another browser's."""


class Logins:
    """The way to a provider and the way back. No thread and no transaction is held while a provider is waited for."""

    def __init__(self, endpoint: Endpoint, providers: Providers) -> None:
        self.endpoint = endpoint
        self.providers = providers

    async def begun(self, visit: Visit, which: Callable[[], Partner | None], *, then: str) -> Response:
        """Send the browser to the party's provider; it comes back to `then`, a path of ours."""
        partner = await run_in_threadpool(self._party_to_log_in_at, visit, which, then)
        if isinstance(partner, Response):
            return partner
        party, login = partner
        try:
            secret_of(login)
            known = await self.providers.known(login)  # first, so that nothing is stored when it does not answer
        except LoginFailed as error:
            return _not_let_in(visit.language, party, error, again=then)
        return await run_in_threadpool(self._sent_off, visit, party, login, known, then)

    def _party_to_log_in_at(
        self, visit: Visit, which: Callable[[], Partner | None], then: str
    ) -> tuple[Partner, Login] | Response:
        if (wait := self.endpoint.limits.counted("login", visit.address)) is not None:
            return too_many(visit.language, wait)
        partner = which()
        if partner is None or partner.login is None:
            return drawn("unknown", visit.language, HTTPStatus.NOT_FOUND)
        with self.endpoint.database.reading() as session:
            person = person_of(session, visit.cookies, now=self.endpoint.clock.now())
        if person is not None and person.party == partner.party:
            # Already logged in, from another window.
            return RedirectResponse(_page_of(person, then), HTTPStatus.SEE_OTHER)
        return partner, partner.login

    def _sent_off(self, visit: Visit, partner: Partner, login: Login, known: Known, then: str) -> Response:
        until = self.endpoint.clock.now() + ATTEMPT_LASTS
        with self.endpoint.database.writing() as session:
            back = SHARED if one_provider_alone(partners(session)) else own_address(partner.party)
            state, attempt = begin_login(session, partner.party, back=back, until=until)
            sent = {"state": state, "nonce": attempt.nonce, "verifier": attempt.verifier}
        url = authorization_url(login, known, back=f"{self.endpoint.origin}{back}", **sent)
        response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
        return keep(response, visit.cookies, Kept(state, then), lasts=ATTEMPT_LASTS)

    async def come_back(self, request: Request, address: str) -> Response:
        """Let in whoever the provider says has logged in, if the party names them; else say that it did not work.

        When the same answer comes a second time, it leads on to its page while the first login is valid.
        """
        partner, found = None, kept(request.cookies, request.query_params.get("state"))
        try:
            attempt, partner, login = await run_in_threadpool(self._attempt, request, address, found)
            sent, back = request.query_params, f"{self.endpoint.origin}{address}"
            if (code := sent.get("error")) is not None:
                raise refusal(code)
            known = await self.providers.known(login)
            if not named_rightly(login, known, sent.get("iss")):
                raise LoginFailed("another_provider")
            given = await token(self.providers, login, known, back=back, code=sent["code"], verifier=attempt.verifier)
            shown = await self._authenticated(login, known, given, nonce=attempt.nonce)
            return await run_in_threadpool(self._let_in, request, partner, login, shown, found)
        except NoAttempt as error:
            return await run_in_threadpool(self._led_on, request, found, error)
        except LoginFailed as error:
            return _not_let_in(chosen_language(request), partner, error, again=_own_path(found.then))

    def _led_on(self, request: Request, found: Kept, error: NoAttempt) -> Response:
        """Lead on to the page when this browser is logged in already; else the page for a login that failed."""
        with self.endpoint.database.reading() as session:
            person = person_of(session, request.cookies, now=self.endpoint.clock.now())
        if person is None:
            again = _own_path(found.then) if found.then else None
            return _not_let_in(chosen_language(request), None, error, again=again)
        log.info("login_holds", party=person.party, why=str(error))
        return RedirectResponse(_page_of(person, found.then), HTTPStatus.SEE_OTHER)

    async def _authenticated(self, login: Login, known: Known, given: str, *, nonce: str) -> Authentication:
        """Who has logged in; when no key fits the token's signature, the provider's keys are read again."""
        try:
            return await run_in_threadpool(authenticated, login, known, given, nonce=nonce)
        except LoginFailed:
            if (newer := await self.providers.with_new_keys(login, known)) is known:
                raise
            return await run_in_threadpool(authenticated, login, newer, given, nonce=nonce)

    def _attempt(self, request: Request, address: str, found: Kept) -> tuple[LoginAttempt, Partner, Login]:
        """The attempt that an answer belongs to, which is then used up; `LoginFailed` at an address not its own."""
        sent = request.query_params
        said_once = all(len(sent.getlist(name)) <= 1 for name in ("state", "code", "iss", "error"))
        if not found.state or not said_once or not (sent.get("code") or sent.get("error")):
            raise NoAttempt("no_attempt")
        with self.endpoint.database.writing() as session:
            attempt = take_attempt(session, found.state, now=self.endpoint.clock.now())
            partner = partner_of(session, attempt.party) if attempt else None
            alone = one_provider_alone(partners(session))
        if attempt is None or partner is None or partner.login is None:
            raise NoAttempt("another_attempt")
        if sent.get("iss") not in (None, partner.login.issuer):
            raise LoginFailed("another_provider")
        if address != attempt.back or not (alone or address == own_address(attempt.party)):
            raise LoginFailed("another_partys_address")
        return attempt, partner, partner.login

    def _let_in(self, request: Request, partner: Partner, login: Login, shown: Authentication, found: Kept) -> Response:
        contact, now = partner.who_is(shown.subject), self.endpoint.clock.now()
        if contact is None:
            raise LoginFailed("unknown_subject")
        until = now + timedelta(minutes=login.minutes) - timedelta(seconds=shown.age_s)
        with self.endpoint.database.writing() as session:
            if before := request.cookies.get(SITTING):
                end_sitting(session, before)
            key = open_sitting(session, partner.party, contact.id, now=now, until=until)
        log.info("login", party=partner.party, contact=contact.id)
        response = RedirectResponse(_page_of(Person(partner.party, contact), found.then), HTTPStatus.SEE_OTHER)
        return let_in(with_it_done(response, found, lasts=ATTEMPT_LASTS), key)


def _not_let_in(
    language: Language | None, partner: Partner | None, error: LoginFailed, *, again: str | None
) -> Response:
    """The page for a login that failed; the log gets only the error's code and the party."""
    refused = isinstance(error, ProviderRefused)
    log.warning("login_refused" if refused else "login_failed", party=partner.party if partner else "", why=str(error))
    if isinstance(error, NotLoggedIn):
        return drawn("login_refused", language, HTTPStatus.OK, again=again)
    if partner is None or not isinstance(error, ProviderSilent):
        status = HTTPStatus.BAD_GATEWAY if refused else HTTPStatus.FORBIDDEN
        return drawn("login_failed", language, status, again=again)
    response = drawn("login_silent", language, HTTPStatus.SERVICE_UNAVAILABLE, party=partner.name)
    response.headers["Retry-After"] = TRY_AGAIN_AFTER_S
    return response


def _own_path(then: str) -> str:
    """The page to go to after a login: always one of ours, whatever the cookie says."""
    return then if then.startswith(("/q/", "/mine/")) and "//" not in then and "\\" not in then else MINE


def _page_of(person: Person, then: str) -> str:
    """The page to which a person goes who has logged in: the one they asked for, else the one on which they begin."""
    path = _own_path(then)
    return begins_at(person) if path == MINE else path
