"""A party's statement of a month, and a claim, as the page shows them on which a party approves or accepts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from domain.books.months import last_day_in, month_name
from domain.books.netting import Payment
from domain.books.statement import LINES_A_PAGE, StatementLine
from domain.questions.claim_facts import ClaimFacts
from storage.books.claim_facts import claim_facts
from storage.books.settlements import statement_of
from storage.parties.partners import partners
from storage.questions.questions import Question


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A party's statement of a month. Of many lines only the first are shown, and `count` is of all.

    `names` says whom the payments name, by party. `whole_at` is where all lines are read, empty at a party that does
    not log in.
    """

    last_day: date
    total_ore: int
    lines: tuple[StatementLine, ...]
    count: int
    pays: tuple[Payment, ...]
    receives: tuple[Payment, ...]
    names: Mapping[str, str]
    whole_at: str = ""


def shown_statement(session: Session, question: Question) -> ShownStatement:
    """The statement that a party is asked to approve."""
    last_day = last_day_in(question.about)
    found = statement_of(session, last_day, question.asked_of)
    known = {one.party: one for one in partners(session)}
    asked = known.get(question.asked_of)
    others = {party for one in found.payments for party in (one.payer, one.payee)} - {question.asked_of}
    return ShownStatement(
        last_day=last_day,
        total_ore=found.total_ore,
        lines=found.lines[:LINES_A_PAGE],
        count=len(found.lines),
        pays=tuple(one for one in found.payments if one.payer == question.asked_of),
        receives=tuple(one for one in found.payments if one.payee == question.asked_of),
        # A party that is known no more keeps its own text.
        names=dict(zip(others, others, strict=True)) | {party: one.name for party, one in known.items()},
        whole_at=f"/afregning/{month_name(last_day)}" if asked and asked.login else "",
    )


def shown_claim(session: Session, question: Question) -> ClaimFacts:
    """The claim that a person is asked to accept."""
    return claim_facts(session, question.about)
