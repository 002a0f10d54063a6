"""What binds a form to the browser that opened its page: a cookie for each question, and its MAC in the form.

One that only sends forms, from another site or from a list of links, has neither. The cookie is not renewed while
it lasts, so that two windows with the same question do not shut each other out.
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
    """The `__Host-` prefix has browsers take it from this very host over HTTPS only, and from no script."""
    return f"__Host-{hashlib.sha256(f'cookie|{token}'.encode()).hexdigest()[:NAME_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Binding:
    """The cookie with which a browser came to a question's page, or that it is given there."""

    name: str
    value: str
    is_new: bool

    def nonce(self, question: Question) -> str:
        """What the question's form must bring along. It is keyed with what only the database knows."""
        text = f"form|{question.version}|{self.value}"
        return hmac.digest(question.key.encode(), text.encode(), hashlib.sha256).hex()

    def holds(self, question: Question, nonce: str) -> bool:
        """Whether a form comes from a page that this browser was shown."""
        return not self.is_new and hmac.compare_digest(self.nonce(question).encode(), nonce.encode())

    def given_with(self, response: Response) -> Response:
        """Have the browser keep the cookie while it is open; `lax`, as people come from their mail."""
        if self.is_new:
            response.set_cookie(self.name, self.value, secure=True, httponly=True, samesite="lax")
        return response

    def taken_back_with(self, response: Response) -> Response:
        """The question is answered: the browser need not keep its cookie."""
        response.delete_cookie(self.name, secure=True, httponly=True, samesite="lax")
        return response


def binding(token: str, cookies: Mapping[str, str]) -> Binding:
    """The cookie that a browser brought for a link, or a new one."""
    name = _cookie_name(token)
    if brought := cookies.get(name):
        return Binding(name, brought, is_new=False)
    return Binding(name, secrets.token_urlsafe(COOKIE_BYTES), is_new=True)
