"""A person who logs in with a browser, and a party whose people must log in, at a stand-in OpenID provider."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urlsplit

import httpx
import oidc_provider_mock
from bs4 import BeautifulSoup
from sqlalchemy import update
from sqlmodel import select

from deployments.demo.world import SUBSTANTIAL
from domain.parties.agreement import AnswerLevel
from domain.parties.party import Login
from domain.questions.question import QuestionKind
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner_of, remember_partner
from storage.referrals.referrals import Referral
from tests.world.families import family
from tests.world.served import FORM, link
from tests.world.world import World

NYBORG = "municipality:0450"
SECRET = "TEST_LOGIN_SECRET"


@dataclass
class Hand:
    """A person at a browser, which keeps cookies by origin; follows redirects and fills in forms."""

    http: httpx.Client
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def go(self, url: str, *, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Open an address or send a form, and follow redirects."""
        for _ in range(10):
            answer = self._once(url, form, headers)
            if not answer.is_redirect:
                return answer
            url, form, headers = str(answer.url.join(answer.headers["location"])), None, {}
        raise AssertionError("it goes round in circles")

    def _once(self, url: str, form: dict[str, str] | None, headers: dict[str, str]) -> httpx.Response:
        whole = self.http.base_url.join(url)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(whole)))
        cookies = self.kept.setdefault(origin, {})
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        if form is None:
            answer = self.http.get(whole, headers=sent)
        else:
            sent |= FORM | {"Origin": origin, "Sec-Fetch-Site": "same-origin"} | headers
            answer = self.http.post(whole, content=urlencode(form), headers=sent)
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                cookies.pop(name, None)
            else:
                cookies[name] = value
        return answer

    def log_in(self, page: httpx.Response, subject: str) -> httpx.Response:
        """Press the button of a login page, and log in at the provider."""
        form = BeautifulSoup(page.text, "html.parser").select_one("form[action]")
        there = self.go(form["action"], form={})
        return self.go(str(there.url), form={"sub": subject})

    def answer(self, page: httpx.Response, **choice: str) -> httpx.Response:
        """Fill in the form of a question's page."""
        form = BeautifulSoup(page.text, "html.parser").select_one("form:not([action])")
        hidden = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
        return self.go(str(page.url), form=hidden | choice)


@contextmanager
def provider(**claims: dict[str, object]) -> Iterator[str]:
    """A stand-in provider that knows some people by their subject; yields its issuer."""
    people = [oidc_provider_mock.User(sub=sub, claims={"acr": SUBSTANTIAL} | more) for sub, more in claims.items()]
    os.environ[SECRET] = "secret"
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


def have_nyborg_log_in(
    world: World,
    issuer: str,
    *,
    running_cases: bool = False,
    level: AnswerLevel = AnswerLevel.LINK_AND_LOGIN,
    **changes: object,
) -> None:
    """Nyborg's people are asked to log in, under a new version of the agreement; running cases may be moved to it."""
    os.environ.setdefault(SECRET, "secret")
    login = replace(Login(issuer, "tilflytterstyring", SECRET, acr=(SUBSTANTIAL,)), **changes)
    with world.platform.database.writing() as session:
        known = partner_of(session, NYBORG)
        people = tuple(replace(one, subject=f"sub-{one.id}") for one in known.contacts)
        remember_partner(session, replace(known, contacts=people, login=login), now=world.clock.now())
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")).one()
        agreement = AGREEMENTS.validate_json(kept.document)
        # Only Nyborg has a login here; the other parties are asked no questions in these tests.
        changed = replace(agreement, version=2, answer_level=level)
        remember_agreement(session, changed, now=world.clock.now())
        if running_cases:
            session.flush()
            newest = session.exec(select(AgreementVersion).where(AgreementVersion.version == 2)).one()
            session.execute(update(Referral).values(agreement_version_id=newest.id))


def long_ago() -> float:
    return time.time() - 7200


NOT_LET_IN, SILENT = "Du blev ikke logget ind", "Login svarer ikke lige nu"

ASKED = "Kan boligen godkendes?"


def approval(world):
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    return link(world, QuestionKind.APPROVAL)


SOMEBODY_ELSES, RECEIPT = "Spørgsmålet er stillet til en anden", "Tak. Vi har fået svaret"
