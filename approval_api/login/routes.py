"""The routes on which people log in and out, and see what waits for them."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from approval_api.drift.page import is_staff
from approval_api.endpoint import Endpoint
from approval_api.login.logins import Logins
from approval_api.mine.page import Party, View, mine_page
from approval_api.questions.admission import SITTING, person_of, shown_out
from approval_api.questions.arrival import Arrival
from approval_api.questions.form import chosen_language
from approval_api.responses import asking_to_log_in, drawn
from approval_api.visit import Visit, visit_of
from domain.parties.login_address import SHARED, own_address
from domain.parties.party import Partner, PartyKind
from domain.questions.question import QuestionKind
from domain.referrals.household import Language
from storage.parties.logins import end_sitting
from storage.parties.partners import partner, partners


class Lists:
    """Where people log in, and what they see then."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def asked_party(self, visit: Visit) -> Partner | None:
        """The party that a question is asked of; None for a link that nobody was sent."""
        with self.endpoint.database.reading() as session:
            seen = Arrival(session, self.endpoint, visit).seen
            return partner(session, seen.question.asked_of) if seen is not None and seen.is_of_a_party else None

    def named_party(self, party: str) -> Partner | None:
        """A party at which one can log in."""
        with self.endpoint.database.reading() as session:
            return next((one for one in partners(session) if one.party == party and one.login), None)

    def page_for(self, party: str, language: Language | None) -> Response:
        """The way to the login of a party that was chosen from the list."""
        at = self.named_party(party)
        if at is None:
            return drawn("unknown", language, HTTPStatus.NOT_FOUND)
        return asking_to_log_in(language, at, action=f"/mine/login?party={quote(at.party)}")

    def mine(self, request: Request) -> Response:
        """The list of whoever has logged in, or where to log in."""
        language = chosen_language(request)
        asked = request.query_params
        view = next((view for view in View if view == asked.get("show")), View.MINE)
        kind = next((kind for kind in QuestionKind if kind == asked.get("kind")), None)
        now = self.endpoint.clock.now()
        with self.endpoint.database.reading() as session:
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
            with self.endpoint.database.writing() as session:
                end_sitting(session, key)
        response = RedirectResponse("/mine", HTTPStatus.SEE_OTHER)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return shown_out(response)


def login_routes(endpoint: Endpoint) -> APIRouter:
    """The routes."""
    router = APIRouter()
    lists = Lists(endpoint)
    add_logins(router, endpoint, lists)

    @router.head("/mine/login", include_in_schema=False)
    @router.get("/mine/login")
    def log_in_page(request: Request, party: str = "") -> Response:
        return lists.page_for(party, chosen_language(request))

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        return lists.log_out(request) if endpoint.from_our_page(request) else _not_from_our_page(request)

    @router.head("/mine", include_in_schema=False)
    @router.get("/mine")
    def mine(request: Request) -> Response:
        return lists.mine(request)

    return router


def add_logins(router: APIRouter, endpoint: Endpoint, lists: Lists) -> None:
    """The routes that lead to a provider and back."""
    logins = Logins(endpoint)

    @router.post("/q/{token}/login")
    async def log_in(request: Request, token: str) -> Response:
        if not endpoint.from_our_page(request):
            return _not_from_our_page(request)
        visit = visit_of(request, token)
        return await logins.begun(visit, lambda: lists.asked_party(visit), then=visit.path)

    @router.post("/mine/login")
    async def log_in_to_list(request: Request, party: str = "") -> Response:
        if not endpoint.from_our_page(request):
            return _not_from_our_page(request)
        # There the operator's people are led on to their own page.
        return await logins.begun(visit_of(request, "mine"), lambda: lists.named_party(party), then="/mine")

    @router.get(SHARED)
    async def come_back(request: Request) -> Response:
        return await logins.come_back(request, SHARED)

    @router.get(f"{SHARED}/{{party:path}}")
    async def come_back_to_party(request: Request, party: str) -> Response:
        return await logins.come_back(request, own_address(party.replace("/", ":", 1)))


def _not_from_our_page(request: Request) -> Response:
    return drawn("login_failed", chosen_language(request), HTTPStatus.FORBIDDEN, again=None)
