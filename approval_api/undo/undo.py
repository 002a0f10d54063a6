"""Pages on which somebody undoes what they have said, from the link that they were sent: chosen, and done once."""

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
    facts: Callable[[Session, Settings, Seen, Form], object]
    deed: Callable[[Session, Seen, datetime], None]


def undo_page(answering: Answering, undo: Undo) -> Response:
    """How it stands, and the way to undo it while that changes anything."""
    with answering.arriving() as arrival:
        told = _page(answering, undo, arrival)
    return answering.told(told)


def not_undone(answering: Answering, undo: Undo, *wrong: Invalid) -> Response:
    """The page again with what is wrong, until that has been too often; nothing is undone."""
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
        # Else it has been undone already, or it is too late by now: the page says which.
        if (now_seen := held.seen) is not None and undo.may(session, now_seen):
            asks_digits = digits_needed(session, now_seen, listed=False)
            if not asks_digits or has_tries_left(session, now_seen.question):
                undo.deed(session, now_seen, held.now)
    return _sent_on(visit, f"{visit.path}/{undo.name}")


def _judged(
    answering: Answering, undo: Undo, arrival: Arrival, filled: Filled
) -> Told | tuple[Seen, tuple[Invalid, ...]]:
    """What to tell, or what is to be undone; with the errors where digits were wrong, which is counted first."""
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
    """Count wrong digits, with which the link may die, and then show what it leads to."""
    endpoint, visit = answering.endpoint, answering.visit
    with endpoint.database.writing() as session:
        guessed = Arrival(session, endpoint, visit)
        if (seen := guessed.seen) is not None and undo.may(session, seen):
            count_wrong_digits(session, seen.question, now=guessed.now)
            session.flush()
            # What was counted, and what that has closed, was written past what this session has read.
            session.expire_all()
        after = Arrival(session, endpoint, visit)
        counts = _asks_again(undo, after)
        if counts and (wait := endpoint.limits.count(session, "answer", after.counted_as)) is not None:
            return too_many(visit.language, wait)
    with answering.arriving() as arrival:
        told = _page(answering, undo, arrival, wrong)
    return told.response if counts else answering.told(told)


def _asks_again(undo: Undo, arrival: Arrival) -> bool:
    """Whether there is something to choose still, for this visitor."""
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
    # A link that nobody was sent is counted as such, by its address.
    counted = ("answer", arrival.counted_as) if form.errors else None
    return Told(visit.binding.given_with(response) if may else response, counted)


def _sent_on(visit: Visit, path: str) -> Response:
    query = f"?lang={visit.language}" if visit.language else ""
    return visit.binding.taken_back_with(RedirectResponse(f"{path}{query}", HTTPStatus.SEE_OTHER))
