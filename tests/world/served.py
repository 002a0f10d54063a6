"""The approval endpoint of a world on a real port, and the links in people's letters."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from sqlmodel import select

from approval_api.app import approval_app
from approval_api.connections import as_served
from deployments.demo import people
from deployments.demo.browser import browser
from domain.parties.deadlines import OF_NO_CASE
from domain.questions.question import REASON_CODES, QuestionKind, token_hash
from domain.referrals.household import FamilyAnswersBy, Language
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.settings import Settings
from storage.tables import METADATA
from storage.vacancies.vacancies import Vacancy
from tests.world.families import family
from tests.world.kept import Kept
from tests.world.servers.endpoint import answering, loopback
from tests.world.world import World

SUPPORT_PHONE = "00 00 00 00 (opdigtet)"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LINK = re.compile(r"https?://[^/\s]+(/q/([A-Za-z0-9_-]{43}))")


@dataclass(frozen=True)
class Asked:
    """A kind of question, and whether it is asked on the family's behalf."""

    kind: QuestionKind
    on_behalf: bool = False

    def __str__(self) -> str:
        return f"{self.kind} on behalf" if self.on_behalf else str(self.kind)


ON_BEHALF = Asked(QuestionKind.ACCEPTANCE, on_behalf=True)
# Every question about a case, in the order of the path.
OF_CASES = [kind for kind in QuestionKind if kind not in OF_NO_CASE]
EVERY_QUESTION = (*map(Asked, OF_CASES[:-1]), ON_BEHALF, Asked(QuestionKind.MOVE_IN))


_KEPT: dict[Asked, Kept] = {}
# The digits of the letters that were read, by the link's path; each world has other tokens.
_DIGITS: dict[str, str] = {}


def ask(world: World, asked: Asked, **changes: object) -> str:
    """Have a question asked about a family, with changes if given; returns the path of its link."""
    if not world.rows(select(Referral)):
        plain = world.platform.database.is_sqlite and not changes and not world.rows(select(Vacancy))
        if plain and asked in _KEPT:
            _KEPT[asked].into(world)
            return link(world, asked.kind)
        world.home()
        answers_by = FamilyAnswersBy.CASEWORKER if asked.on_behalf else FamilyAnswersBy.LETTER
        world.flag(family(**{"answers_by": answers_by} | changes))
        world.until(asked.kind)
        if plain:
            _KEPT[asked] = Kept(world)
    world.until(asked.kind)
    return link(world, asked.kind)


def ask_in_english(world: World, asked: Asked) -> str:
    """The same, for an addressee who reads English."""
    if asked.on_behalf:
        return ask(world, asked, flagged_by="sagsbehandler-2")
    world.home("skovbrynet", "0710")
    world.flag(family(municipality="0751", language=Language.ENGLISH), municipality="0751")
    world.until(asked.kind)
    return link(world, asked.kind)


def ask_all(world: World) -> dict[Asked, str]:
    """Have every kind of question asked, each about another family; returns the paths of their links."""
    links = {}
    for number, asked in enumerate(reversed(EVERY_QUESTION)):
        answers_by = FamilyAnswersBy.CASEWORKER if asked.on_behalf else FamilyAnswersBy.LETTER
        world.home()
        world.flag(family(number, answers_by=answers_by))
        world.until(asked.kind)
        links[asked] = link(world, asked.kind, nth=-1)
    return links


def link(world: World, kind: QuestionKind, nth: int = 0) -> str:
    """The path of the link in an open question's letter."""
    question = world.questions(kind)[nth]
    found = ((match, text) for text in world.texts() for match in LINK.finditer(text))
    match, text = next(one for one in found if token_hash(one[0][2]) == question.token_hash)
    if digits := people.digits_after(text, match[0]):
        _DIGITS[match[1]] = digits
    return match[1]


def digits_of(path: str) -> str:
    """The digits beside a link in its letter; empty when there were none, or it is no link of ours."""
    return _DIGITS.get("/".join(path.partition("?")[0].split("/")[:3]), "")


def question_of(world: World, path: str) -> Question:
    """The question that a link belongs to, as it is now."""
    token = path.partition("/q/")[2]
    return world.rows(select(Question).where(Question.token_hash == token_hash(token)))[0]


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, except for the counters of failed attempts."""
    with world.platform.database.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
            if table.name != "tally"
        }


def settings_of(world: World, /, **changes: object) -> Settings:
    """The endpoint's settings over a world's database."""
    chosen = {
        "database_url": world.platform.database.engine.url.render_as_string(hide_password=False),
        "public_url": world.platform.public_url,
        "support_phone": SUPPORT_PHONE,
        # Only in the demo world a login provider may run on this machine, without HTTPS.
        "world": "demo",
        # High enough for hundreds of refused forms.
        "failed_links_at_most": 1_000_000,
        "failed_answers_at_most": 1_000_000,
    }
    return Settings(_env_file=None, **chosen | changes)


@contextmanager
def serving(world: World, /, **changes: object) -> Iterator[str]:
    """Serve the endpoint on a free port of loopback; links in later letters lead there. Yields its origin."""
    with loopback() as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        world.platform = replace(world.platform, public_url=origin)
        settings = settings_of(world, **changes)
        app = approval_app(settings, clock=world.clock)
        with answering(uvicorn.Config(app, **as_served(settings)), listening):
            yield origin


def browsing(origin: str) -> httpx.Client:
    """A client with the headers of a browser."""
    return browser(base_url=origin)


@dataclass(frozen=True)
class Opened:
    """An open page: the cookie and nonce that a browser sends with its form."""

    headers: dict[str, str]
    hidden: dict[str, str]


def opened(http: httpx.Client, path: str) -> Opened:
    """Open a link; a page without a question has no nonce."""
    page = http.get(path)
    form = people.read_form(page.text)
    return Opened(people.same_origin(page), form.hidden if form else {})


def send(http: httpx.Client, path: str, form: dict[str, str], *, before: Opened | None = None) -> httpx.Response:
    """Send a form from our own page, opened now or before, with the letter's digits unless the form has others."""
    before = before or opened(http, path)
    sent = {"digits": digits_of(path)} | before.hidden | form
    return http.post(path, content=urlencode(sent), headers=before.headers | FORM)


def a_yes(http: httpx.Client, path: str) -> dict[str, str]:
    """A yes, chosen on the page, on which nothing may be preselected."""
    form = people.read_form(http.get(path).text)
    assert form is not None
    return people.yes(form)


def a_no(http: httpx.Client, path: str) -> dict[str, str]:
    """A no, with the last reason that the page offers."""
    form = people.read_form(http.get(path).text)
    assert form is not None
    return people.no(form, REASON_CODES[form.kind][-1])


def words(answer: httpx.Response) -> str:
    """The visible text of a page."""
    return BeautifulSoup(answer.text, "html.parser").body.get_text(" ", strip=True)


def heading(answer: httpx.Response) -> str:
    return BeautifulSoup(answer.text, "html.parser", parse_only=SoupStrainer("h1")).get_text(" ", strip=True)
