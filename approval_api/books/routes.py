"""The routes of a party's books, for people who have logged in; they change nothing, and show nobody else's books."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from approval_api.books.month_file import month_file
from approval_api.books.month_page import month_page
from approval_api.books.page import books_page
from approval_api.endpoint import Endpoint
from approval_api.forms import LARGEST_NUMBER, chosen_language
from approval_api.responses import drawn
from approval_api.sitting import Party, Person, person_of
from domain.books.months import last_day_of_month, last_day_written
from domain.errors import Invalid
from domain.parties.party import PartyKind, is_a
from domain.referrals.household import Language
from domain.working_days import day_of
from storage.operations.scopes import READERS_OF_THE_BOOKS
from storage.parties.partners import partner_of, partners

NOT_BEGUN = "has not begun"
Shown = Callable[[Session, Person, Language], Response]


class Books:
    """The responses of the pages of a party's books."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def whole(self, request: Request) -> Response:
        """The books in short."""

        def shown(session: Session, person: Person, language: Language) -> Response:
            facts = books_page(session, person, now=self.endpoint.clock.now())
            return drawn("afregning", language, HTTPStatus.OK, books=facts)

        return self._for_readers(request, shown)

    def month(self, request: Request, month: str) -> Response:
        """The statement of a month."""

        def shown(session: Session, person: Person, language: Language) -> Response:
            try:
                last_day = self._last_day(month)
            except Invalid as error:
                return _no_month(language, error)
            facts = month_page(session, person, last_day, page=_page_asked(request))
            return drawn("afregning_month", language, HTTPStatus.OK, month=facts)

        return self._for_readers(request, shown)

    def file(self, request: Request, month: str, *, ending: str) -> Response:
        """The statement of a month as a file."""

        def shown(session: Session, person: Person, language: Language) -> Response:
            try:
                last_day = self._last_day(month)
            except Invalid as error:
                return _no_month(language, error)
            return month_file(session, last_day, person.party, ending=ending)

        return self._for_readers(request, shown)

    def _last_day(self, month: str) -> date:
        last_day = last_day_written(month)
        if last_day > last_day_of_month(day_of(self.endpoint.clock.now())):
            raise Invalid("month", NOT_BEGUN)
        return last_day

    def _for_readers(self, request: Request, shown: Shown) -> Response:
        """What is shown to who may read the books; others are told that their role may not, or where to log in."""
        language = chosen_language(request)
        with self.endpoint.database.reading() as session:
            person = person_of(session, request.cookies, now=self.endpoint.clock.now())
            if person is None:
                known = [one for one in partners(session) if one.login and one.kind is not PartyKind.OPERATOR]
                parties = tuple(Party(one.party, one.name) for one in known)
                return drawn("mine_login", language, HTTPStatus.FORBIDDEN, parties=parties)
            tongue = language or person.contact.language
            if person.contact.role not in READERS_OF_THE_BOOKS or is_a(person.party, PartyKind.OPERATOR):
                party = partner_of(session, person.party).name
                return drawn("afregning_not_yours", tongue, HTTPStatus.FORBIDDEN, person=person.contact, party=party)
            return shown(session, person, tongue)


def _page_asked(request: Request) -> int:
    """The page of lines that is asked for; the first one where the address has no number."""
    asked = request.query_params.get("page", "")
    return min(int(asked), LARGEST_NUMBER) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else 1


def _no_month(language: Language, error: Invalid) -> Response:
    return drawn("afregning_no_month", language, HTTPStatus.NOT_FOUND, not_begun=error.reason == NOT_BEGUN)


def books_routes(endpoint: Endpoint) -> APIRouter:
    """The routes; GET and HEAD change nothing."""
    router = APIRouter()
    books = Books(endpoint)

    @router.head("/afregning", include_in_schema=False)
    @router.get("/afregning")
    def whole(request: Request) -> Response:
        return books.whole(request)

    # A file's address comes before a month's, which would match it too.
    @router.head("/afregning/{month}.csv", include_in_schema=False)
    @router.get("/afregning/{month}.csv")
    def lines(request: Request, month: str) -> Response:
        return books.file(request, month, ending="csv")

    @router.head("/afregning/{month}.json", include_in_schema=False)
    @router.get("/afregning/{month}.json")
    def told(request: Request, month: str) -> Response:
        return books.file(request, month, ending="json")

    @router.head("/afregning/{month}", include_in_schema=False)
    @router.get("/afregning/{month}")
    def month(request: Request, month: str) -> Response:
        return books.month(request, month)

    return router
