"""A party's statement of a month, and a claim, as the page shows them on which a party approves or accepts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from domain.books.months import last_day_in
from domain.books.netting import Payment
from domain.books.statement import StatementLine
from domain.questions.claim_facts import ClaimFacts
from storage.books.claim_facts import claim_facts
from storage.books.settlements import statement_of
from storage.parties.partners import partners
from storage.questions.questions import Question

# Nobody reads a page with thousands of lines; the whole is written by `tilflyt settlement show --csv`.
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A party's statement of a month. Of many lines only the first are shown, and `more` says how many are not.

    `names` says whom the payments name, by party.
    """

    last_day: date
    total_ore: int
    lines: tuple[StatementLine, ...]
    more: int
    pays: tuple[Payment, ...]
    receives: tuple[Payment, ...]
    names: Mapping[str, str]


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


def shown_claim(session: Session, question: Question) -> ClaimFacts:
    """The claim that a person is asked to accept."""
    return claim_facts(session, question.about)
