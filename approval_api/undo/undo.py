"""What both pages of undoing have in common: show the page, check the form, and undo once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from approval_api.questions.answering import Answering, Told
from approval_api.questions.arrival import Arrival
from approval_api.questions.digits import WRONG_DIGITS, digits_fault, digits_needed
from approval_api.questions.form import NO_ANSWER, OPENED_ELSEWHERE
from approval_api.questions.lookup import Seen
from approval_api.questions.pages.ended_links import Ended, ended
from approval_api.questions.pages.page import Filled
from approval_api.responses import drawn, too_many
from approval_api.visit import Visit
from domain.errors import Invalid
from domain.questions.question import Answer
from storage.locks import hold_case
from storage.questions.links import count_wrong_digits, has_tries_left
from storage.settings import Settings


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of such a page needs; `link` is the address of its question.

    `nonce` is None when nothing can be undone any more.
    """

    link: str
    nonce: str | None
    asks_digits: bool
    errors: tuple[Invalid, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """Something that can be undone. `name` is its template and its page's address; `chosen` is the form's value.

    `concerns` is whether a link has such a page at all, `may` whether undoing is possible still, and `said_at` when it
    was undone.
    """

    name: str
    chosen: str
    concerns: Callable[[Seen], bool]
    may: Callable[[Session, Seen], bool]
    said_at: Callable[[Session, Seen], datetime | None]
    facts: Callable[[Session, Settings, Seen, Form], object]
    deed: Callable[[Session, Seen, datetime], None]


def undo_page(answering: Answering, undo: Undo) -> Response:
    """The page, with a form while undoing is possible."""
    with answering.arriving() as arrival:
        told = _page(answering, undo, arrival)
    return answering.told(told)


def not_undone(answering: Answering, undo: Undo, *wrong: Invalid) -> Response:
    """The page again with the errors, or the page that asks to wait after too many; nothing is undone."""
    with answering.arriving() as arrival:
        told = answering.waiting(arrival) or _page(answering, undo, arrival, wrong)
    return answering.told(told)


def undone(answering: Answering, undo: Undo, filled: Filled) -> Response:
    """Undo it once, from a page that this browser was shown; the path acts on it within one run."""
    with answering.arriving() as arrival:
        found = answering.waiting(arrival) or _judged(answering, undo, arrival, filled)
    if isinstance(found, Told):
        return answering.told(found)
    seen, wrong = found
    if wrong:
        return _guessed(answering, undo, wrong)
    visit, endpoint = answering.visit, answering.endpoint
    with endpoint.database.writing() as session:
        hold_case(session, seen.question.case_id)
        held = Arrival(session, endpoint, visit)
        # Otherwise it was undone already, or it is too late: the page to which the browser is sent says which.
        if (now_seen := held.seen) is not None and undo.may(session, now_seen):
            asks_digits = digits_needed(session, now_seen, listed=False)
            if not asks_digits or has_tries_left(session, now_seen.question):
                undo.deed(session, now_seen, held.now)
    return _sent_on(visit, f"{visit.path}/{undo.name}")


def _judged(
    answering: Answering, undo: Undo, arrival: Arrival, filled: Filled
) -> Told | tuple[Seen, tuple[Invalid, ...]]:
    """The response, or the question whose answer is undone; with the errors when digits were wrong, counted first."""
    visit, seen = answering.visit, arrival.seen
    if seen is None or not undo.concerns(seen):
        return answering.unknown(arrival)
    if arrival.gate is not None or _ended(undo, arrival, seen) is not None:
        return _page(answering, undo, arrival)
    if filled.answer == Answer.NO and visit.binding.holds(seen.question, filled.nonce):
        return Told(_sent_on(visit, visit.path))
    asks_digits = digits_needed(arrival.session, seen, listed=False)
    wrong = _wrong_in(undo, visit, seen, filled, asks_digits=asks_digits)
    return _page(answering, undo, arrival, wrong) if wrong and WRONG_DIGITS not in wrong else (seen, wrong)


def _wrong_in(undo: Undo, visit: Visit, seen: Seen, filled: Filled, *, asks_digits: bool) -> tuple[Invalid, ...]:
    if not visit.binding.holds(seen.question, filled.nonce):
        return (OPENED_ELSEWHERE,)
    wrong = digits_fault(seen, visit.token, filled.digits) if asks_digits else ()
    return wrong if filled.answer == undo.chosen else (NO_ANSWER, *wrong)


def _guessed(answering: Answering, undo: Undo, wrong: tuple[Invalid, ...]) -> Response:
    """Count wrong digits, which may end the link, and then show the page that the link leads to."""
    endpoint, visit = answering.endpoint, answering.visit
    with endpoint.database.writing() as session:
        guessed = Arrival(session, endpoint, visit)
        if (seen := guessed.seen) is not None and undo.may(session, seen):
            count_wrong_digits(session, seen.question, now=guessed.now)
            session.flush()
            # The count, and the question that it may have closed, were written past this session's cached rows.
            session.expire_all()
        after = Arrival(session, endpoint, visit)
        counts = _asks_again(undo, after)
        if counts and (wait := endpoint.limits.count(session, "answer", after.counted_as)) is not None:
            return too_many(visit.language, wait)
    with answering.arriving() as arrival:
        told = _page(answering, undo, arrival, wrong)
    return told.response if counts else answering.told(told)


def _asks_again(undo: Undo, arrival: Arrival) -> bool:
    """Whether this visitor is shown the form again."""
    seen = arrival.seen
    if seen is None or not undo.concerns(seen) or _ended(undo, arrival, seen) is not None:
        return False
    return arrival.gate is None and undo.may(arrival.session, seen)


def _ended(undo: Undo, arrival: Arrival, seen: Seen) -> Ended | None:
    return ended(seen, arrival.settings, said_at=undo.said_at(arrival.session, seen), now=arrival.now)


def _page(answering: Answering, undo: Undo, arrival: Arrival, errors: tuple[Invalid, ...] = ()) -> Told:
    session, visit, seen = arrival.session, arrival.visit, arrival.seen
    if seen is None or not undo.concerns(seen):
        return answering.unknown(arrival)
    if (gone := _ended(undo, arrival, seen)) is not None:
        return Told(drawn(gone.page, arrival.tongue(seen), HTTPStatus.GONE, facts=gone.facts))
    if arrival.gate is not None:
        return Told(arrival.gate)
    may = undo.may(session, seen)
    nonce = visit.binding.nonce(seen.question) if may else None
    form = Form(visit.path, nonce, digits_needed(session, seen, listed=False), errors if may else ())
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    response = drawn(undo.name, arrival.tongue(seen), status, facts=undo.facts(session, arrival.settings, seen, form))
    # An unknown link never comes this far: `unknown` counts it, by the visitor's address.
    counted = ("answer", arrival.counted_as) if form.errors else None
    return Told(visit.binding.given_with(response) if may else response, counted)


def _sent_on(visit: Visit, path: str) -> Response:
    query = f"?lang={visit.language}" if visit.language else ""
    return visit.binding.taken_back_with(RedirectResponse(f"{path}{query}", HTTPStatus.SEE_OTHER))
