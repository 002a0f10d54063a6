"""A visit to a question's page, as the request describes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from approval_api.binding import Binding, binding
from approval_api.forms import chosen_language
from approval_api.limits import address_of
from domain.questions.question import TOKEN_CHARACTERS
from domain.referrals.household import Language

# The ends of the addresses, below a question's, of the pages on which a consent or an answer is taken back.
CONSENT_PAGE = "consent"
TAKE_BACK_PAGE = "take-back"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's token, address, chosen language, form binding and cookies.

    `listed` is the question's number when the visitor comes from their list.
    """

    token: str
    address: str
    language: Language | None
    binding: Binding
    cookies: Mapping[str, str]
    listed: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the token is at least as long as every token is."""
        return len(self.token) >= TOKEN_CHARACTERS

    @property
    def path(self) -> str:
        """The page's own address."""
        return f"/mine/{self.listed}" if self.listed is not None else f"/q/{self.token}"


def visit_of(request: Request, token: str, *, listed: int | None = None) -> Visit:
    """The visit of a request; from the visitor's list when `listed` is a question's number."""
    cookies = request.cookies
    return Visit(token, address_of(request), chosen_language(request), binding(token, cookies), cookies, listed)
