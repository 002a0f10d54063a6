"""Staff have a party asked anew about a month."""

from datetime import date, datetime

from sqlmodel import Session

from domain.books.months import month_name, month_subject
from domain.errors import Invalid
from domain.questions.question import Standing
from domain.subject import About
from storage.audit.events import write_event
from storage.books.settlements import is_corrected
from storage.locks import hold_subject
from storage.questions.answers import let_go_of_answer
from storage.questions.months import is_rejected, month_question


def ask_month_anew(
    session: Session, last_day: date, party: str, *, although: str | None = None, by: str, now: datetime
) -> None:
    """Have a party asked anew about a month that it has answered; its answer no longer stands.

    After a no, a correction must have been booked in a month that is open, unless `although` says why there is none.
    `Invalid` says what is missing.
    """
    hold_subject(session, str(month_subject(last_day)))
    question = month_question(session, last_day, party)
    if question is None or question.standing is not Standing.ANSWERED or question.answered_at is None:
        raise Invalid("party", f"{party} has not answered about {month_name(last_day)}")
    if question.taken_back_at is not None:
        raise Invalid("party", f"{party} is asked anew already")
    corrected = is_corrected(session, last_day, party, since=question.answered_at)
    if is_rejected(question) and not corrected and not although:
        raise Invalid("party", f"{party} said no, and no booking of {month_name(last_day)} was reversed since")
    let_go_of_answer(session, question, now=now)
    facts = {"although": although} if although else {}
    write_event(session, "month_asked_anew", actor=by, about=About.MONTH.of(month_name(last_day), party), at=now, **facts)
