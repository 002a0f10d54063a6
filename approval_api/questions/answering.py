"""How a question's page is shown and its answer recorded: once, from a page that this browser was shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse

from approval_api.endpoint import Endpoint
from approval_api.questions.arrival import Arrival
from approval_api.questions.digits import WRONG_DIGITS
from approval_api.questions.form import HOLDS_CPR_NUMBER, HOLDS_HOW_TO_REACH, OPENED_ELSEWHERE
from approval_api.questions.form_judge import Judged, judged
from approval_api.questions.late_answer import came_late, says_the_same
from approval_api.questions.lookup import Seen
from approval_api.questions.pages.page import Filled
from approval_api.questions.pages.question_page import ended_page, not_listed, shown, unknown
from approval_api.questions.record import recorded
from approval_api.responses import too_many
from approval_api.visit import Visit
from domain.errors import Invalid
from domain.questions.question import Standing
from storage.questions.links import count_wrong_digits

Errors = tuple[Invalid, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A response, and what it adds to which counter: an unknown link, or an answer that was not recorded."""

    response: Response
    counted: tuple[str, str] | None = None


class Answering:
    """One request about a question. Visitor, question and gate are looked up once, and again only after writing."""

    def __init__(self, endpoint: Endpoint, visit: Visit) -> None:
        self.endpoint = endpoint
        self.visit = visit

    @contextmanager
    def arriving(self) -> Iterator[Arrival]:
        """A database session and what is looked up in it for the visitor."""
        with self.endpoint.database.reading() as session:
            yield Arrival(session, self.endpoint, self.visit)

    def shown(self) -> Response:
        """The page that the link or the list leads to now."""
        with self.arriving() as arrival:
            told = self._page(arrival)
        return self.told(told)

    def refused(self, *errors: Invalid) -> Response:
        """The page again with the errors, or the page that asks to wait after too many; nothing is recorded."""
        with self.arriving() as arrival:
            told = self.waiting(arrival) or self._page(arrival, errors=errors)
        return self.told(told)

    def answered(self, filled: Filled) -> Response:
        """Record an answer once. The same answer again gets the receipt; another gets the page that says too late."""
        with self.arriving() as arrival:
            found = self.waiting(arrival) or self._judged(arrival, filled)
        if isinstance(found, Told):
            return self.told(found)
        if isinstance(found, Judged):
            if recorded(self.endpoint.database, found):
                return self._receipt()
            with self.arriving() as arrival:
                told = self._late(arrival, filled)
            return self.told(told)
        return self._guessed(filled, found)

    def waiting(self, arrival: Arrival) -> Told | None:
        """The page that asks to wait after too many answers that were not recorded; None when there were not."""
        wait = self.endpoint.limits.wait(arrival.session, "answer", arrival.counted_as)
        return Told(too_many(self.visit.language, wait)) if wait is not None else None

    def unknown(self, arrival: Arrival) -> Told:
        """The page for an unknown link; after too many from one address, the page that asks to wait."""
        if arrival.is_listed:
            return Told(not_listed(arrival))
        wait = self.endpoint.limits.wait(arrival.session, "link", self.visit.address)
        if wait is not None:
            return Told(too_many(self.visit.language, wait))
        return Told(unknown(self.visit), counted=("link", self.visit.address))

    def told(self, told: Told) -> Response:
        """Count, and return the response; or the page that asks to wait, when the limit is reached meanwhile."""
        if told.counted is None:
            return told.response
        with self.endpoint.database.writing() as session:
            wait = self.endpoint.limits.count(session, *told.counted)
        return too_many(self.visit.language, wait) if wait is not None else told.response

    def _page(self, arrival: Arrival, *, filled: Filled | None = None, errors: Errors = ()) -> Told:
        if arrival.seen is None:
            return self.unknown(arrival)
        page = shown(arrival, arrival.seen, filled=filled, errors=errors)
        return Told(page, counted=("answer", arrival.counted_as) if errors else None)

    def _judged(self, arrival: Arrival, filled: Filled) -> Told | Judged | Errors:
        """What to record, or the response; only the errors when digits were wrong, which is counted before the page."""
        seen = arrival.seen
        if seen is None or not seen.answerable(now=arrival.now) or arrival.gate is not None:
            return self._late(arrival, filled)
        found = judged(arrival, seen, filled)
        if isinstance(found, Judged) or WRONG_DIGITS in found:
            return found
        return self._page(arrival, filled=_shown_again(filled, found), errors=found)

    def _guessed(self, filled: Filled, errors: Errors) -> Response:
        """Count wrong digits, which may end the link, and then show the page that the link leads to."""
        with self.endpoint.database.writing() as session:
            arrival = Arrival(session, self.endpoint, self.visit)
            if (seen := arrival.seen) is not None:
                count_wrong_digits(session, seen.question, now=arrival.now)
                wait = self.endpoint.limits.count(session, "answer", arrival.counted_as)
                if wait is not None:
                    return too_many(self.visit.language, wait)
        with self.arriving() as arrival:
            told = self._page(arrival, filled=_shown_again(filled, errors), errors=errors)
        return told.response if seen is not None else self.told(told)

    def _late(self, arrival: Arrival, filled: Filled) -> Told:
        seen = arrival.seen
        if seen is None:
            return self.unknown(arrival)
        if arrival.gate is not None:
            return Told(arrival.gate)
        if (over := ended_page(arrival, seen)) is not None:
            return Told(over)
        return Told(self._after_the_answer(arrival, seen, filled) or shown(arrival, seen))

    def _after_the_answer(self, arrival: Arrival, seen: Seen, filled: Filled) -> Response | None:
        """The receipt for the same answer, or the page that says another was recorded; None when none was."""
        if seen.question.standing is not Standing.ANSWERED:
            return None
        return self._receipt() if says_the_same(arrival, seen, filled) else came_late(arrival, seen)

    def _receipt(self) -> Response:
        query = f"?lang={self.visit.language}" if self.visit.language else ""
        to = RedirectResponse(f"{self.visit.path}{query}", HTTPStatus.SEE_OTHER)
        return self.visit.binding.taken_back_with(to)


def _shown_again(filled: Filled, errors: Errors) -> Filled | None:
    """What the form is filled with when its page is shown again."""
    if OPENED_ELSEWHERE in errors:
        # The form may have been sent by another site: nothing that it chose is preselected.
        return None
    if {HOLDS_CPR_NUMBER, HOLDS_HOW_TO_REACH} & {*errors}:
        return replace(filled, comment="")  # what must not be stored is not sent back either
    return filled
