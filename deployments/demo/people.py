"""The people of the demo: they read their letters, open the page, choose, and send the form."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer

from domain.questions.question import REASON_CODES, QuestionKind

# One more than the homes suggested at once: when all are taken only a no is left, and a no is always accepted.
HOMES_LOST_AT_MOST = 4
LINK = re.compile(r"https?://\S+/q/[A-Za-z0-9_-]{43}")
# The digits of a letter stand beside the link, with spaces between them.
DIGITS = re.compile(r"\b(\d(?: \d){3})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter as it lies in the inbox."""

    n: int
    to: str
    subject: str
    link: str | None
    digits: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What can be chosen on a page: the values of each group of radios, in order; and whether digits must be typed."""

    kind: QuestionKind
    choices: dict[str, list[str]]
    hidden: dict[str, str]
    asks_digits: bool = False


Choice = dict[str, str]
Decide = Callable[["Form", "Mail", int], Choice | None]


def read_form(html: str) -> Form | None:
    """The form on a page; None when there is nothing to answer. Nothing may be preselected."""
    form = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("form")).find("form", method="post")
    if not isinstance(form, Tag):
        return None
    choices: dict[str, list[str]] = {}
    for radio in form.find_all("input", type="radio"):
        if radio.has_attr("checked"):
            raise AssertionError("a choice was made before anybody chose")
        choices.setdefault(str(radio["name"]), []).append(str(radio["value"]))
    kind = next(kind for kind, codes in REASON_CODES.items() if set(codes) == set(choices["reason"]))
    hidden = {str(field["name"]): str(field["value"]) for field in form.find_all("input", type="hidden")}
    return Form(kind, choices, hidden, asks_digits=form.find("input", attrs={"name": "digits"}) is not None)


def digits_after(text: str, link: str) -> str | None:
    """The digits that stand behind a link in a letter's text; None when there are none."""
    found = DIGITS.search(text.partition(link)[2])
    return found[1] if found else None


def same_origin(page: httpx.Response) -> dict[str, str]:
    """The headers that a browser sends with a page's form.

    The page's cookies are set here: httpx sends `__Host-` cookies over HTTPS only, browsers also to loopback.
    """
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(page.url)))
    kept = "; ".join(cookie.partition(";")[0] for cookie in page.headers.get_list("set-cookie"))
    return {"Origin": origin, "Sec-Fetch-Site": "same-origin"} | ({"Cookie": kept} if kept else {})


def yes(form: Form) -> Choice:
    """Yes, with the first home when homes are suggested, and by telephone when on a family's behalf.

    An association whose suggested homes were all taken meanwhile has to say no.
    """
    if "yes" not in form.choices["answer"]:
        return no(form, "homes_already_let")
    choice = {"answer": "yes"}
    if "vacancy" in form.choices:
        choice["vacancy"] = form.choices["vacancy"][0]
    if "given_by" in form.choices:
        choice["given_by"] = "phone"
    return choice


def no(form: Form, reason: str) -> Choice:
    """No, with a reason."""
    return {"answer": "no", "reason": reason} | ({"given_by": "meeting"} if "given_by" in form.choices else {})


def to_a_colleague(form: Form) -> Choice:
    """Have the first colleague on the page's list answer instead."""
    return {"answer": "ask_a_colleague", "colleague": form.choices["colleague"][0]}


@dataclass(slots=True)
class People:
    """Everybody who gets letters. `decide` chooses the answer to the n-th question of a kind."""

    inbox_url: str
    decide: Decide
    read: int = 0
    asked: Counter[QuestionKind] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    handled: set[str] = field(default_factory=set)

    def unread(self, http: httpx.Client) -> list[Mail]:
        """The letters that nobody has read yet."""
        answer = http.get(f"{self.inbox_url}/messages", params={"after": self.read})
        found = []
        for letter in answer.raise_for_status().json():
            link = LINK.search(letter["text"])
            digits = digits_after(letter["text"], link[0]) if link else None
            found.append(Mail(letter["n"], letter["to"], letter["subject"], link[0] if link else None, digits))
        return found

    def read_and_answer(self, http: httpx.Client) -> int:
        """Read what is new and answer what is asked; returns how many letters were read."""
        letters = self.unread(http)
        for mail in letters:
            self.read = max(self.read, mail.n)
            if mail.link is not None and mail.link not in self.handled:
                self._answer(http, mail, mail.link)
        return len(letters)

    def _answer(self, http: httpx.Client, mail: Mail, link: str) -> None:
        page = http.get(link)
        form = read_form(page.text)
        if form is None:
            self.answered["nothing to answer"] += 1
            return
        self.asked[form.kind] += 1
        choice = self.decide(form, mail, self.asked[form.kind])
        if choice is None:
            self.answered["left lying"] += 1
            return
        self.handled.add(link)
        typed = {"digits": mail.digits or ""} if form.asks_digits else {}
        receipt = _send(http, page, form, choice | typed)
        for _ in range(HOMES_LOST_AT_MOST):
            # A home was taken while this association read its page: it sees the remaining homes and chooses again.
            if form.kind is not QuestionKind.OFFER or receipt.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
                break
            receipt = page = http.get(link)
            if (left := read_form(page.text)) is None:
                break
            choice = yes(left)
            receipt = _send(http, page, left, choice | typed)
        if receipt.status_code in (HTTPStatus.CONFLICT, HTTPStatus.GONE):
            # Another association was quicker while this one read its page.
            self.answered["too late"] += 1
            return
        receipt.raise_for_status()
        self.answered[choice["answer"]] += 1


def _send(http: httpx.Client, page: httpx.Response, form: Form, choice: Choice) -> httpx.Response:
    return http.post(page.url, data=form.hidden | choice, headers=same_origin(page), follow_redirects=True)
