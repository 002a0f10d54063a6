"""The approval endpoint on a real port over a world, and the links that people find in their letters."""

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
    """One kind of question, to whom it goes, and where its reader finds what it is about."""

    kind: QuestionKind
    on_behalf: bool = False

    def __str__(self) -> str:
        return f"{self.kind} on behalf" if self.on_behalf else str(self.kind)


ON_BEHALF = Asked(QuestionKind.ACCEPTANCE, on_behalf=True)
# In the order of the path.
EVERY_QUESTION = (*map(Asked, list(QuestionKind)[:-1]), ON_BEHALF, Asked(QuestionKind.MOVE_IN))


_KEPT: dict[Asked, Kept] = {}
# What stands beside each link in the letters that were read, by the link's path: tokens are drawn anew for each world.
_DIGITS: dict[str, str] = {}


def ask(world: World, asked: Asked, **changes: object) -> str:
    """Have a question asked, about a family like any other or one that is different; returns its link's path."""
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
    """The same, where its reader reads English."""
    if asked.on_behalf:
        return ask(world, asked, flagged_by="sagsbehandler-2")
    world.home("skovbrynet", "0710")
    world.flag(family(municipality="0751", language=Language.ENGLISH), municipality="0751")
    world.until(asked.kind)
    return link(world, asked.kind)


def ask_all(world: World) -> dict[Asked, str]:
    """Have every kind of question asked, each about a family of its own; the paths of their links."""
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
    """The digits that stood beside a link in its letter; empty when there were none, or it is no link of ours."""
    return _DIGITS.get("/".join(path.partition("?")[0].split("/")[:3]), "")


def question_of(world: World, path: str) -> Question:
    """The question that a link belongs to, as it stands now."""
    token = path.partition("/q/")[2]
    return world.rows(select(Question).where(Question.token_hash == token_hash(token)))[0]


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the count of what failed."""
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
        # Where a login provider may stand on this machine.
        "world": "demo",
        # Hundreds of refused forms are sent to the same question here.
        "failed_links_at_most": 1_000_000,
        "failed_answers_at_most": 1_000_000,
    }
    return Settings(_env_file=None, **chosen | changes)


@contextmanager
def serving(world: World, /, **changes: object) -> Iterator[str]:
    """Serve the endpoint on a free port of loopback; letters written from now on lead there. Tells its origin."""
    with loopback() as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        world.platform = replace(world.platform, public_url=origin)
        settings = settings_of(world, **changes)
        app = approval_app(settings, clock=world.clock)
        with answering(uvicorn.Config(app, **as_served(settings)), listening):
            yield origin


def browsing(origin: str) -> httpx.Client:
    """Somebody with a browser, as far as its headers go."""
    return browser(base_url=origin)


@dataclass(frozen=True)
class Opened:
    """A page that somebody has before them: what their browser sends along with its form."""

    headers: dict[str, str]
    hidden: dict[str, str]


def opened(http: httpx.Client, path: str) -> Opened:
    """Open a link; where there is nothing to answer there is nothing hidden either."""
    page = http.get(path)
    form = people.read_form(page.text)
    return Opened(people.same_origin(page), form.hidden if form else {})


def send(http: httpx.Client, path: str, form: dict[str, str], *, before: Opened | None = None) -> httpx.Response:
    """Send a form from our own page, opened now or before, with the digits of the letter if they are not others."""
    before = before or opened(http, path)
    sent = {"digits": digits_of(path)} | before.hidden | form
    return http.post(path, content=urlencode(sent), headers=before.headers | FORM)


def a_yes(http: httpx.Client, path: str) -> dict[str, str]:
    """Yes, chosen on the page; nothing may be chosen on it beforehand."""
    form = people.read_form(http.get(path).text)
    assert form is not None
    return people.yes(form)


def a_no(http: httpx.Client, path: str) -> dict[str, str]:
    """No, with the last reason that the page offers."""
    form = people.read_form(http.get(path).text)
    assert form is not None
    return people.no(form, REASON_CODES[form.kind][-1])


def words(answer: httpx.Response) -> str:
    """What a person reads on a page."""
    return BeautifulSoup(answer.text, "html.parser").body.get_text(" ", strip=True)


def heading(answer: httpx.Response) -> str:
    return BeautifulSoup(answer.text, "html.parser", parse_only=SoupStrainer("h1")).get_text(" ", strip=True)
