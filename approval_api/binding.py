"""Binds a form to the browser that opened its page: by a cookie for each question, and a MAC of it in the form.

Another site, or a program that posts to a list of links, has neither. The cookie is not replaced while it lasts, so
that the forms of two windows with the same question are both accepted.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from storage.questions.questions import Question

COOKIE_BYTES = 16
NAME_CHARACTERS = 16


def _cookie_name(token: str) -> str:
    """The cookie's name. With `__Host-`, browsers accept it only from this very host over HTTPS, for every path."""
    return f"__Host-{hashlib.sha256(f'cookie|{token}'.encode()).hexdigest()[:NAME_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Binding:
    """The cookie that a browser sent to a question's page, or the new one that it is given there."""

    name: str
    value: str
    is_new: bool

    def nonce(self, question: Question) -> str:
        """The MAC that the question's form must contain. Its key is the question's own and stands in the database."""
        text = f"form|{question.version}|{self.value}"
        return hmac.digest(question.key.encode(), text.encode(), hashlib.sha256).hex()

    def holds(self, question: Question, nonce: str) -> bool:
        """Whether a form's nonce belongs to a page that this browser was shown."""
        return not self.is_new and hmac.compare_digest(self.nonce(question).encode(), nonce.encode())

    def given_with(self, response: Response) -> Response:
        """Set the cookie until the browser is closed; `lax`, because people follow a link in their mail."""
        if self.is_new:
            response.set_cookie(self.name, self.value, secure=True, httponly=True, samesite="lax")
        return response

    def taken_back_with(self, response: Response) -> Response:
        """Delete the cookie once the question is answered."""
        response.delete_cookie(self.name, secure=True, httponly=True, samesite="lax")
        return response


def binding(token: str, cookies: Mapping[str, str]) -> Binding:
    """The cookie that a browser sent for a link, or a new one."""
    name = _cookie_name(token)
    if brought := cookies.get(name):
        return Binding(name, brought, is_new=False)
    return Binding(name, secrets.token_urlsafe(COOKIE_BYTES), is_new=True)
