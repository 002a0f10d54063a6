"""Pages on which somebody undoes what they have said, from the link that they were sent: chosen, and done once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from approval_api.admission import person_of
from approval_api.answering import Desk, Visit, drawn, too_many
from approval_api.desk import Seen
from approval_api.digits import WRONG_DIGITS, digits_fault, digits_needed
from approval_api.ended_links import ended
from approval_api.form import NO_ANSWER, OPENED_ELSEWHERE
from approval_api.page import Filled
from domain.errors import Invalid
from domain.question import Answer
from storage.links import count_wrong_digits, has_tries_left
from storage.referrals import hold


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of such a page is drawn with; `link` is where its question stands.

    `nonce` is None when there is nothing to choose any more.
    """

    link: str
    nonce: str | None
    asks_digits: bool
    errors: tuple[Invalid, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """Something that can be undone: the end of its page's address and its template, and the word that chooses it.

    `concerns` is whether a link may lead there at all, `may` whether it can be undone still, and `said_at` when its
    reader last said something there.
    """

    name: str
    chosen: str
    concerns: Callable[[Seen], bool]
    may: Callable[[Session, Seen], bool]
    said_at: Callable[[Session, Seen], datetime | None]
    facts: Callable[[Session, Desk, Seen, Form], object]
    deed: Callable[[Session, Seen, datetime], None]


def undo_page(desk: Desk, undo: Undo, visit: Visit, *errors: Invalid) -> Response:
    """How it stands, and the way to undo it while that changes anything."""
    now = desk.clock.now()
    with desk.database.reading() as session:
        seen = desk.seen(session, visit)
        if seen is None or not undo.concerns(seen):
            return desk.unknown(visit)
        tongue = visit.language or seen.language
        if (gone := ended(seen, desk.settings, said_at=undo.said_at(session, seen), now=now)) is not None:
            return drawn(gone.page, tongue, HTTPStatus.GONE, facts=gone.facts)
        if (gate := desk.gate(session, seen, visit, person_of(session, visit.cookies, now=now))) is not None:
            return gate
        may = undo.may(session, seen)
        nonce = visit.binding.nonce(seen.question) if may else None
        form = Form(visit.path, nonce, digits_needed(session, seen, listed=False), errors if may else ())
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        response = drawn(undo.name, tongue, status, facts=undo.facts(session, desk, seen, form))
        return visit.binding.given_with(response) if may else response


def undone(desk: Desk, undo: Undo, visit: Visit, filled: Filled) -> Response:
    """Undo it once, from a page that this browser was shown; the path acts on it within one run."""
    if (wait := desk.limits.wait("answer", visit.token)) is not None:
        return too_many(visit.language, wait)
    now = desk.clock.now()
    with desk.database.reading() as session:
        seen = desk.seen(session, visit)
        if seen is None or not undo.concerns(seen):
            return desk.unknown(visit)
        gate = desk.gate(session, seen, visit, person_of(session, visit.cookies, now=now))
        if gate is not None or ended(seen, desk.settings, said_at=undo.said_at(session, seen), now=now) is not None:
            return undo_page(desk, undo, visit)
        asks_digits = digits_needed(session, seen, listed=False)
    if filled.answer == Answer.NO and visit.binding.holds(seen.question, filled.nonce):
        return _sent_on(visit, visit.path)
    if wrong := _wrong_in(undo, visit, seen, filled, asks_digits=asks_digits):
        return not_undone(desk, undo, visit, *wrong)
    with desk.database.writing() as session:
        hold(session, seen.question.referral_id)
        # Else it has been undone already, or it is too late by now: the page says which.
        may = (now_seen := desk.seen(session, visit)) is not None and undo.may(session, now_seen)
        if now_seen is not None and may and (not asks_digits or has_tries_left(session, now_seen.question)):
            undo.deed(session, now_seen, now)
    return _sent_on(visit, f"{visit.path}/{undo.name}")


def _wrong_in(undo: Undo, visit: Visit, seen: Seen, filled: Filled, *, asks_digits: bool) -> tuple[Invalid, ...]:
    if not visit.binding.holds(seen.question, filled.nonce):
        return (OPENED_ELSEWHERE,)
    wrong = digits_fault(seen, visit.token, filled.digits) if asks_digits else ()
    return wrong if filled.answer == undo.chosen else (NO_ANSWER, *wrong)


def not_undone(desk: Desk, undo: Undo, visit: Visit, *wrong: Invalid) -> Response:
    """The page again with what is wrong, until that has been too often; nothing is undone."""
    if (wait := desk.limits.wait("answer", visit.token)) is not None:
        return too_many(visit.language, wait)
    if WRONG_DIGITS in wrong:
        with desk.database.writing() as session:
            seen = desk.seen(session, visit)
            if seen is not None and undo.may(session, seen):
                count_wrong_digits(session, seen.question, now=desk.clock.now())
    page = undo_page(desk, undo, visit, *wrong)
    # A link that nobody was sent is counted as such, by its address.
    if page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        desk.limits.counted("answer", visit.token)
    return page


def _sent_on(visit: Visit, path: str) -> Response:
    query = f"?lang={visit.language}" if visit.language else ""
    return visit.binding.taken_back_with(RedirectResponse(f"{path}{query}", HTTPStatus.SEE_OTHER))
