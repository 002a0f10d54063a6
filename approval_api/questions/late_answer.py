"""The response to an answer to a question that was answered already."""

from http import HTTPStatus

from fastapi import Response

from approval_api.questions.arrival import Arrival
from approval_api.questions.form import read_choice
from approval_api.questions.lookup import Seen
from approval_api.questions.pages.ended_links import RECEIPT_TELLS_FOR
from approval_api.questions.pages.outcome_facts import notice_page
from approval_api.questions.pages.page import Filled
from approval_api.responses import drawn
from storage.columns import id_of
from storage.questions.questions import suggested


def says_the_same(arrival: Arrival, seen: Seen, filled: Filled) -> bool:
    """Whether a form holds the recorded answer, or comes so late that the receipt no longer shows the answer."""
    question, now = seen.question, arrival.now
    # All homes that were suggested, and not only those available: the one that was offered is reserved by now.
    homes = frozenset(suggested(arrival.session, id_of(question)))
    choice, _ = read_choice(filled, question, homes=homes, colleagues=())
    return choice == question.reply or now - (question.answered_at or now) > RECEIPT_TELLS_FOR


def came_late(arrival: Arrival, seen: Seen) -> Response:
    """The page that says that another answer was recorded."""
    facts = notice_page(arrival.session, seen, arrival.settings)
    return drawn("already_answered", arrival.tongue(seen), HTTPStatus.CONFLICT, facts=facts)
