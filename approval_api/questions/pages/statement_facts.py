"""A party's statement of a month, as the page shows on which the party approves it."""

from sqlmodel import Session

from approval_api.questions.pages.page import ShownStatement
from domain.books.months import last_day_in
from storage.books.settlements import statement_of
from storage.parties.partners import partners
from storage.questions.questions import Question

# Nobody reads a page with thousands of lines; the whole is written by `tilflyt settlement show --csv`.
MOST_LINES = 500


def shown_statement(session: Session, question: Question) -> ShownStatement:
    """The statement that a party is asked to approve."""
    last_day = last_day_in(question.about)
    found = statement_of(session, last_day, question.asked_of)
    others = {party for one in found.payments for party in (one.payer, one.payee)} - {question.asked_of}
    return ShownStatement(
        last_day=last_day,
        total_ore=found.total_ore,
        lines=found.lines[:MOST_LINES],
        more=max(len(found.lines) - MOST_LINES, 0),
        pays=tuple(one for one in found.payments if one.payer == question.asked_of),
        receives=tuple(one for one in found.payments if one.payee == question.asked_of),
        # A party that is known no more keeps its own text.
        names=dict(zip(others, others, strict=True)) | {one.party: one.name for one in partners(session)},
    )
