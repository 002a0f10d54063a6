"""The routes on which people log in and out."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from approval_api.endpoint import Endpoint
from approval_api.forms import chosen_language
from approval_api.login.logins import Logins
from approval_api.login.providers import Providers
from approval_api.responses import asking_to_log_in, drawn
from approval_api.sitting import SITTING, shown_out
from approval_api.visit import visit_of
from domain.parties.login_address import SHARED, own_address
from domain.parties.party import Partner
from domain.questions.question import token_hash
from domain.referrals.household import Language
from storage.parties.logins import end_sitting
from storage.parties.partners import partner_of, partners
from storage.questions.questions import FAMILY, by_token_hash


class Parties:
    """The parties at which people log in, the page on which they do, and logging out."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def asked_party(self, token: str) -> Partner | None:
        """The party that a question is asked of; None for an unknown link, or one that was sent to a family."""
        with self.endpoint.database.reading() as session:
            question = by_token_hash(session, token_hash(token))
            return partner_of(session, question.asked_of) if question and question.asked_of != FAMILY else None

    def named_party(self, party: str) -> Partner | None:
        """The party of this name, if one can log in there."""
        with self.endpoint.database.reading() as session:
            return next((one for one in partners(session) if one.party == party and one.login), None)

    def page_for(self, party: str, language: Language | None) -> Response:
        """The page that leads to the login of a party which was chosen from the list."""
        partner = self.named_party(party)
        if partner is None:
            return drawn("unknown", language, HTTPStatus.NOT_FOUND)
        return asking_to_log_in(language, partner, action=f"/mine/login?party={quote(partner.party)}")

    def log_out(self, request: Request) -> Response:
        """End the sitting, and have the browser delete what it stored."""
        if key := request.cookies.get(SITTING):
            with self.endpoint.database.writing() as session:
                end_sitting(session, key)
        response = RedirectResponse("/mine", HTTPStatus.SEE_OTHER)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return shown_out(response)


def login_routes(endpoint: Endpoint, providers: Providers) -> APIRouter:
    """The routes."""
    router = APIRouter()
    parties = Parties(endpoint)
    add_logins(router, endpoint, parties, providers)

    @router.head("/mine/login", include_in_schema=False)
    @router.get("/mine/login")
    def log_in_page(request: Request, party: str = "") -> Response:
        return parties.page_for(party, chosen_language(request))

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        return parties.log_out(request) if endpoint.from_our_page(request) else _not_from_our_page(request)

    return router


def add_logins(router: APIRouter, endpoint: Endpoint, parties: Parties, providers: Providers) -> None:
    """The routes that lead to a provider and back."""
    logins = Logins(endpoint, providers)

    @router.post("/q/{token}/login")
    async def log_in(request: Request, token: str) -> Response:
        if not endpoint.from_our_page(request):
            return _not_from_our_page(request)
        visit = visit_of(request, token)
        return await logins.begun(visit, lambda: parties.asked_party(token), then=visit.path)

    @router.post("/mine/login")
    async def log_in_to_list(request: Request, party: str = "") -> Response:
        if not endpoint.from_our_page(request):
            return _not_from_our_page(request)
        # /mine redirects the operator's staff to /drift.
        return await logins.begun(visit_of(request, "mine"), lambda: parties.named_party(party), then="/mine")

    @router.get(SHARED)
    async def come_back(request: Request) -> Response:
        return await logins.come_back(request, SHARED)

    @router.get(f"{SHARED}/{{party:path}}")
    async def come_back_to_party(request: Request, party: str) -> Response:
        return await logins.come_back(request, own_address(party.replace("/", ":", 1)))


def _not_from_our_page(request: Request) -> Response:
    return drawn("login_failed", chosen_language(request), HTTPStatus.FORBIDDEN, again=None)
