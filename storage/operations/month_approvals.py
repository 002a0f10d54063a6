"""Who has approved a settled month, and which of its payments may be paid: those that both sides have approved."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from domain.books.netting import Payment
from domain.books.statement import as_told
from domain.questions.addressee import Addressee
from domain.working_days import COPENHAGEN
from storage.books.bookkeeping.rejected import rejected_postings
from storage.books.settlements import is_settled, statement_of, statements_of
from storage.questions.months import is_approved, is_rejected, newest_of_month


@dataclass(frozen=True, slots=True)
class Approval:
    """A party's answer about its statement: who gave it, and when. `reason` is the code of a no, None of a yes."""

    by: Addressee
    at: datetime
    reason: str | None


def month_answers(session: Session, last_day: date) -> dict[str, Approval]:
    """The answer of each party whose answer stands; those that have not answered are left out."""
    return {
        party: Approval(question.answerer, question.answered_at, question.reason)
        for party, question in newest_of_month(session, last_day).items()
        if question.answered_at is not None and (is_approved(question) or is_rejected(question))
    }


def is_payable(payment: Payment, answers: dict[str, Approval]) -> bool:
    """Whether both the payer and the payee have approved the month."""
    return all(party in answers and answers[party].reason is None for party in (payment.payer, payment.payee))


def month_told(session: Session, last_day: date, party: str | None) -> dict[str, Any]:
    """A month's statements as a program reads them: every party's, or one party's, with who answered.

    What finance systems rejected is told as it stands now, of whichever month.
    """
    chosen = [*statements_of(session, last_day).values()] if party is None else [statement_of(session, last_day, party)]
    answers = month_answers(session, last_day)
    concerned = {side for one in chosen for paid in one.payments for side in (paid.payer, paid.payee)}
    concerned |= {one.party for one in chosen}
    return as_told(
        last_day,
        chosen,
        settled=is_settled(session, last_day),
        answers={
            of: {"by": str(answer.by), "at": answer.at.astimezone(COPENHAGEN).isoformat(), "reason": answer.reason}
            for of, answer in sorted(answers.items())
            if of in concerned
        },
        is_payable=lambda payment: is_payable(payment, answers),
        rejected={one.party: rejected_postings(session, one.party) for one in chosen},
    )
