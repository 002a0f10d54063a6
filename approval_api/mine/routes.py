"""The route of the list of questions, for people who have logged in."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from approval_api.endpoint import Endpoint
from approval_api.forms import chosen_language
from approval_api.mine.page import View, mine_page
from approval_api.responses import drawn
from approval_api.sitting import Party, is_staff, person_of
from domain.parties.party import PartyKind
from domain.questions.question import QuestionKind
from storage.parties.partners import partners


def mine_routes(endpoint: Endpoint) -> APIRouter:
    """The route; it changes nothing."""
    router = APIRouter()

    @router.head("/mine", include_in_schema=False)
    @router.get("/mine")
    def mine(request: Request) -> Response:
        return _list(endpoint, request)

    return router


def _list(endpoint: Endpoint, request: Request) -> Response:
    """The list of the person who has logged in, or the page on which to log in."""
    language = chosen_language(request)
    asked = request.query_params
    view = next((view for view in View if view == asked.get("show")), View.MINE)
    kind = next((kind for kind in QuestionKind if kind == asked.get("kind")), None)
    now = endpoint.clock.now()
    with endpoint.database.reading() as session:
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
