"""Who has approved a settled month, and which of its payments may be paid: those that both sides have approved."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.books.netting import Payment
from domain.questions.addressee import Addressee
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
