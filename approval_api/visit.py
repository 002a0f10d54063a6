"""Who comes to a question's page, as far as their request says."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from approval_api.binding import Binding, binding
from approval_api.forms import chosen_language
from approval_api.limits import address_of
from domain.questions.question import TOKEN_CHARACTERS
from domain.referrals.household import Language

# The pages below a question's own on which something that was said is undone, by the ends of their addresses.
CONSENT_PAGE = "consent"
TAKE_BACK_PAGE = "take-back"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with a link: which, from what address, in which language, and what binds a form to their browser."""

    token: str
    address: str
    language: Language | None
    binding: Binding
    cookies: Mapping[str, str]
    listed: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the link's token has as many signs as every token has."""
        return len(self.token) >= TOKEN_CHARACTERS

    @property
    def path(self) -> str:
        """The page's own address."""
        return f"/mine/{self.listed}" if self.listed is not None else f"/q/{self.token}"


def visit_of(request: Request, token: str, *, listed: int | None = None) -> Visit:
    """Who comes; from their list when `listed` is a question's number."""
    cookies = request.cookies
    return Visit(token, address_of(request), chosen_language(request), binding(token, cookies), cookies, listed)
