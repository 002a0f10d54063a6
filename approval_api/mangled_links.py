"""Links that a mail program has mangled: the page that was meant is found, whatever stands around a whole token.

The browser is redirected to the page's clean address, whether or not such a link was ever sent: nothing is looked up
here, and a GET decides nothing. A token that is cut short is never completed.
"""

import re
import unicodedata
from http import HTTPStatus

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from approval_api.visit import CONSENT_PAGE, TAKE_BACK_PAGE
from domain.questions.question import TOKEN_CHARACTERS
from domain.referrals.household import Language

_WHOLE = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_CHARACTERS}}}")
_BEFORE = re.compile(r"[^A-Za-z0-9_-]*")
_QUESTION = "/q/"
_ENDS = (f"/{CONSENT_PAGE}", f"/{TAKE_BACK_PAGE}")
# Other pages whose addresses people are sent; what may follow is what mail programs add, and no subpage.
_PAGE = re.compile(
    r"(/mine/[0-9]{1,10}|/mine/login|/mine|/drift|/tilgaengelighed|/privatliv"
    r"|/schemas/vacancy-feed-1\.openapi\.json|/schemas/vacancy-feed-1\.json)(?:[^A-Za-z0-9_/-].*|/[^A-Za-z0-9]*)?"
)
LONGEST_LOOKED_AT = 2_000


def _as_read(path: str) -> str:
    """A path without the invisible characters, white space and line ends that a program put into it."""
    joined = path.replace("=\r\n", "").replace("=\n", "")
    return "".join(sign for sign in joined if unicodedata.category(sign)[0] not in "CZ")


def meant_by(path: str) -> str | None:
    """The address of the page that a path means; None when it is no page whose address people are sent."""
    read = _as_read(path[:LONGEST_LOOKED_AT])
    if (page := _PAGE.fullmatch(read)) is not None:
        return page[1]
    if not read.lower().startswith(_QUESTION):
        return None
    begins = _BEFORE.match(read, len(_QUESTION))
    token = _WHOLE.match(read, begins.end() if begins else 0)
    if token is None:
        return None
    after = read[token.end() :].lower()
    return f"{_QUESTION}{token[0]}" + next((end for end in _ENDS if after.startswith(end)), "")


class MangledLinks:
    """The middleware that redirects browsers from mangled addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; only GET and HEAD are redirected."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            meant = meant_by(scope["path"])
            if meant is not None and meant != scope["path"]:
                await RedirectResponse(meant + _query(scope, meant), HTTPStatus.SEE_OTHER)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _query(scope: Scope, meant: str) -> str:
    """The query of the clean address: for a question only the language, for other pages all of it."""
    query = scope["query_string"].decode("latin-1")
    if not meant.startswith(_QUESTION):
        return f"?{query}" if query else ""
    asked = QueryParams(query).get("lang", "")
    language = next((one for one in Language if asked.startswith(one)), None)
    return f"?lang={language}" if language else ""
