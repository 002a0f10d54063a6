"""What a link leads to and how an answer is recorded: once, from a page that this browser was shown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session

from approval_api.admission import Admission, Person, acting, admission, login_needed, person_of
from approval_api.desk import (
    Seen,
    colleague_choices,
    home_choices,
    look_up,
    look_up_listed,
    notice_page,
    passed_on_page,
    question_page,
    receipt_page,
    withdraws_here,
)
from approval_api.digits import WRONG_DIGITS, digits_fault, digits_needed
from approval_api.ended_links import RECEIPT_TELLS_FOR, ended
from approval_api.form import (
    HOLDS_CPR_NUMBER,
    HOLDS_HOW_TO_REACH,
    HOME_GONE,
    NO_HOME_LEFT,
    OPENED_ELSEWHERE,
    chosen_language,
    read_choice,
    read_comment,
)
from approval_api.guard import policy
from approval_api.limits import Limits, address_of
from approval_api.nonce import Binding, binding
from approval_api.page import Filled
from approval_api.providers import Providers
from domain.errors import Invalid
from domain.household import Language
from domain.lifecycle import OVER
from domain.party import Partner
from domain.question import TOKEN_CHARACTERS, Answer, PassedOnBy, PassOn, Standing
from storage.acceptance import may_take_back
from storage.clock import Clock
from storage.comments import keep_comment, sealing_key
from storage.database import Database
from storage.links import count_wrong_digits
from storage.parties import partner
from storage.questions import pass_on, record_answer, suggested
from storage.settings import Settings
from templates import page


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


class Desk:
    """What the routes stand on."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.clock = clock
        self.limits = Limits(settings, self.database, clock)
        self.providers = Providers(demo=settings.world == "demo")
        self.origin = settings.origin

    def shown(self, visit: Visit, *, filled: Filled | None = None, errors: tuple[Invalid, ...] = ()) -> Response:
        """The page that a link leads to now."""
        return self._found(visit, filled, errors) or self.unknown(visit)

    def unknown(self, visit: Visit) -> Response:
        """The page for a link that nobody was sent; whoever tries many has to wait."""
        if visit.listed is not None:
            # The same whether there is no such question, or one of another party, or nobody has logged in.
            with self.database.reading() as session:
                person = person_of(session, visit.cookies, now=self.clock.now())
            who = person.contact.name if person else ""
            return drawn("somebody_elses", visit.language, HTTPStatus.FORBIDDEN, who=who)
        if (wait := self.limits.counted("link", visit.address)) is not None:
            return too_many(visit.language, wait)
        # By its length alone: whether such a link exists is not told.
        return drawn("unknown" if visit.is_whole else "link_not_whole", visit.language, HTTPStatus.NOT_FOUND)

    def _found(self, visit: Visit, filled: Filled | None, errors: tuple[Invalid, ...]) -> Response | None:
        with self.database.reading() as session:
            seen = self.seen(session, visit)
            if seen is None:
                return None
            tongue, now = visit.language or seen.language, self.clock.now()
            person = person_of(session, visit.cookies, now=now)
            if (gate := self.gate(session, seen, visit, person)) is not None:
                return gate
            answered_at = seen.question.answered_at
            if (gone := ended(seen, self.settings, said_at=answered_at, now=now)) is not None:
                return drawn(gone.page, tongue, HTTPStatus.GONE, facts=gone.facts)
            if seen.answerable(now=now):
                nonce = visit.binding.nonce(seen.question)
                who = acting(session, seen, person, listed=visit.listed is not None)
                facts = question_page(
                    session,
                    seen,
                    self.settings,
                    now=now,
                    nonce=nonce,
                    filled=filled or Filled(),
                    errors=errors,
                    person=who.name if who else None,
                    asks_digits=digits_needed(session, seen, listed=visit.listed is not None),
                )
                status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
                return visit.binding.given_with(drawn("question", tongue, status, facts=facts))
            return self._settled(session, seen, visit, now=now)

    def _settled(self, session: Session, seen: Seen, visit: Visit, *, now: datetime) -> Response:
        """What has become of a question that cannot be answered any more."""
        tongue, passed_by = visit.language or seen.language, seen.question.passed_by
        if passed_by is not None:
            status = HTTPStatus.OK if passed_by is PassedOnBy.ADDRESSEE else HTTPStatus.GONE
            return drawn("passed_on", tongue, status, facts=passed_on_page(session, seen, self.settings))
        if seen.question.standing is Standing.ANSWERED:
            return self._receipt_now(session, seen, visit, now=now)
        name = "withdrawn" if seen.question.standing is Standing.REVOKED else "expired"
        notice = replace(notice_page(session, seen, self.settings), consent_at=_consent_at(session, seen, visit))
        return drawn(name, tongue, HTTPStatus.GONE, facts=notice)

    def _receipt_now(self, session: Session, seen: Seen, visit: Visit, *, now: datetime) -> Response:
        """The receipt, which tells the answer and the home for some days and then only that there was an answer."""
        tongue, consent_at = visit.language or seen.language, _consent_at(session, seen, visit)
        if seen.question.taken_back_at is not None and visit.listed is None:
            return RedirectResponse(f"{visit.path}/take-back", HTTPStatus.SEE_OTHER)
        if seen.question.answered_at is None or now - seen.question.answered_at > RECEIPT_TELLS_FOR:
            notice = replace(notice_page(session, seen, self.settings), consent_at=consent_at)
            return drawn("answered", tongue, HTTPStatus.OK, facts=notice)
        taken_back = may_take_back(session, seen.question, seen.referral) and visit.listed is None
        receipt = replace(
            receipt_page(session, seen, self.settings, with_home=seen.referral.status not in OVER),
            consent_at=consent_at,
            take_back_at=f"{visit.path}/take-back" if taken_back else None,
        )
        return drawn("receipt", tongue, HTTPStatus.OK, facts=receipt)

    def seen(self, session: Session, visit: Visit) -> Seen | None:
        """What a visitor's link, or their list, leads to."""
        if visit.listed is None:
            return look_up(session, visit.token)
        person = person_of(session, visit.cookies, now=self.clock.now())
        return look_up_listed(session, visit.listed, party=person.party) if person else None

    def _counted_as(self, visit: Visit) -> str:
        """Whose answers are counted: a link's, which nobody else has, or one person's from their list."""
        if visit.listed is None:
            return visit.token
        with self.database.reading() as session:
            person = person_of(session, visit.cookies, now=self.clock.now())
        return f"{visit.token}|{person.party}/{person.contact.id}" if person else f"{visit.token}|{visit.address}"

    def gate(self, session: Session, seen: Seen, visit: Visit, person: Person | None) -> Response | None:
        """The page for who may not see a question, or not yet; it says nothing of the case."""
        tongue = visit.language or seen.language
        if not seen.answerable(now=self.clock.now()) and not login_needed(session, seen) and visit.listed is None:
            return None
        match admission(session, seen, person, listed=visit.listed is not None, now=self.clock.now()):
            case Admission.GRANTED:
                return None
            case Admission.LOGIN_FIRST:
                at = partner(session, seen.question.asked_of)
                return asking_to_log_in(tongue, at, action=f"{visit.path}/login")
            case Admission.FOUR_EYES:
                return drawn("four_eyes", tongue, HTTPStatus.FORBIDDEN)
            case Admission.SOMEBODY_ELSES:
                name = person.contact.name if person else ""
                return drawn("somebody_elses", tongue, HTTPStatus.FORBIDDEN, who=name)

    def answered(self, visit: Visit, filled: Filled) -> Response:
        """Record an answer once. The same one again gets the same receipt; another is told that it came late."""
        if (wait := self.limits.wait("answer", self._counted_as(visit))) is not None:
            return too_many(visit.language, wait)
        recorded, errors = self._record(visit, filled)
        if recorded:
            return self._receipt(visit)
        if OPENED_ELSEWHERE in errors:
            # Nothing is chosen beforehand for somebody whom another has led here.
            return self.refused(visit, *errors)
        if WRONG_DIGITS in errors:
            self._count_wrong_digits(visit)
        if {HOLDS_CPR_NUMBER, HOLDS_HOW_TO_REACH} & {*errors}:
            filled = replace(filled, comment="")  # it is not sent back either
        return self.refused(visit, *errors, filled=filled) if errors else self._late(visit, filled)

    def refused(self, visit: Visit, *errors: Invalid, filled: Filled | None = None) -> Response:
        """The page again with what is wrong, until that has been too often; nothing is recorded."""
        if (wait := self.limits.wait("answer", self._counted_as(visit))) is not None:
            return too_many(visit.language, wait)
        if (found := self._found(visit, filled, errors)) is None:
            return self.unknown(visit)
        self.limits.counted("answer", self._counted_as(visit))
        return found

    def _record(self, visit: Visit, filled: Filled) -> tuple[bool, tuple[Invalid, ...]]:
        now = self.clock.now()
        with self.database.reading() as session:
            seen = self.seen(session, visit)
            if seen is None or not seen.answerable(now=now):
                return False, ()
            person = person_of(session, visit.cookies, now=now)
            if self.gate(session, seen, visit, person) is not None:
                return False, ()
            by = acting(session, seen, person, listed=visit.listed is not None)
            if not visit.binding.holds(seen.question, filled.nonce):
                return False, (OPENED_ELSEWHERE,)
            homes = frozenset(choice.vacancy_id for choice in home_choices(session, seen.question))
            colleagues = colleague_choices(session, seen, now=now)
            choice, errors = read_choice(filled, seen.question, homes=homes, colleagues=colleagues)
            key = sealing_key(session)
            comment, too_much = read_comment(filled, seen.question) if key else ("", ())
            listed = visit.listed is not None
            asked = digits_needed(session, seen, listed=listed)
            wrong = digits_fault(seen, visit.token, filled.digits) if asked else ()
            if choice is None or too_much or wrong:
                return False, (*_about_homes(session, seen, filled, errors, homes), *too_much, *wrong)
        # Whatever changed since, the answer is recorded only if the question is open still: not after too many tries.
        with self.database.writing() as session:
            if isinstance(choice, PassOn):
                to, who = choice.to, by.id if by else None
                return pass_on(session, seen.question, to=to, by=PassedOnBy.ADDRESSEE, who=who, now=now), ()
            question, referral_id = seen.question, seen.referral.id or 0
            who = by.id if by else None
            recorded = record_answer(session, question.id or 0, choice, referral_id=referral_id, now=now, by=who)
            if recorded and comment and key:
                keep_comment(session, question, comment, key=key, now=now)
            return recorded, ()

    def _count_wrong_digits(self, visit: Visit) -> None:
        with self.database.writing() as session:
            if (seen := self.seen(session, visit)) is not None:
                count_wrong_digits(session, seen.question, now=self.clock.now())

    def _late(self, visit: Visit, filled: Filled) -> Response:
        now = self.clock.now()
        with self.database.reading() as session:
            seen = self.seen(session, visit)
            if seen is not None and ended(seen, self.settings, said_at=seen.question.answered_at, now=now):
                return self.shown(visit)
            person = person_of(session, visit.cookies, now=self.clock.now())
            if seen is not None and (gate := self.gate(session, seen, visit, person)) is not None:
                return gate
            if seen is not None and seen.question.standing is Standing.ANSWERED:
                # Every home that was suggested: the one that was offered is reserved by now.
                homes = frozenset(suggested(session, seen.question.id or 0))
                choice, _ = read_choice(filled, seen.question, homes=homes, colleagues=())
                if choice == seen.question.reply or now - (seen.question.answered_at or now) > RECEIPT_TELLS_FOR:
                    return self._receipt(visit)
                facts = notice_page(session, seen, self.settings)
                return drawn("already_answered", visit.language or seen.language, HTTPStatus.CONFLICT, facts=facts)
        return self.shown(visit)

    @staticmethod
    def _receipt(visit: Visit) -> Response:
        query = f"?lang={visit.language}" if visit.language else ""
        return visit.binding.taken_back_with(RedirectResponse(f"{visit.path}{query}", HTTPStatus.SEE_OTHER))

    def from_our_page(self, request: Request) -> bool:
        """Whether a form was sent from our own page, as far as the browser says."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        return origin in (None, self.origin) and site in (None, "same-origin")


def _consent_at(session: Session, seen: Seen, visit: Visit) -> str | None:
    """Where the family can withdraw its consent, once the question itself cannot be answered any more."""
    said_so = seen.question.answer is Answer.WITHDRAW
    return f"{visit.path}/consent" if withdraws_here(session, seen) and not said_so else None


def _about_homes(
    session: Session, seen: Seen, filled: Filled, errors: tuple[Invalid, ...], homes: frozenset[int]
) -> tuple[Invalid, ...]:
    """The errors, where a home that was taken meanwhile is told as that and not as a choice that was forgotten."""
    if not any(error.field == HOME_GONE.field for error in errors):
        return errors
    if not homes:
        return (NO_HOME_LEFT,)
    gone = filled.vacancy in map(str, suggested(session, seen.question.id or 0))
    return (HOME_GONE,) if gone else errors


def too_many(language: Language | None, wait: timedelta) -> Response:
    """The page for who has to wait."""
    minutes = math.ceil(wait / timedelta(minutes=1))
    refused = drawn("too_many", language, HTTPStatus.TOO_MANY_REQUESTS, minutes=minutes)
    refused.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return refused


def asking_to_log_in(language: Language | None, at: Partner, *, action: str) -> Response:
    """The page with the way to a party's login; the browser may follow its form there and nowhere else.

    Where that is the party's entry says, and never its provider: the page waits for nobody, and repeats nobody's words.
    """
    if at.login is None:
        return drawn("login_failed", language, HTTPStatus.FORBIDDEN, again=None)
    response = drawn("login", language, HTTPStatus.OK, party=at.name, action=action)
    there = " ".join(map(str, at.login.origins))
    response.headers["Content-Security-Policy"] = policy(form_action=f"'self' {there}")
    return response


def drawn(name: str, language: Language | None, status: HTTPStatus, **facts: object) -> Response:
    """A page as a response, in Danish where nobody asked for another language."""
    return HTMLResponse(page(name, language or Language.DANISH, **facts), status)
