"""Questions to parties about their statement of a settled month: of a party's, the newest counts."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from domain.books.months import last_day_in, month_name, month_subject
from domain.questions.question import Answer, QuestionKind
from domain.subject import About
from storage.attention import ask_for_attention
from storage.questions.questions import Question


def newest_of_month(session: Session, last_day: date) -> dict[str, Question]:
    """The newest question about a month to each party that was asked."""
    of_month = (Question.subject == str(month_subject(last_day)), Question.kind == QuestionKind.MONTH)
    found = session.exec(select(Question).where(*of_month).order_by(col(Question.id)))
    return {question.asked_of: question for question in found}


def parties_asked(session: Session, last_day: date) -> set[str]:
    """The parties that were asked about a month."""
    return set(newest_of_month(session, last_day))


def month_question(session: Session, last_day: date, party: str) -> Question | None:
    """The newest question to a party about a month."""
    return newest_of_month(session, last_day).get(party)


def is_rejected(question: Question) -> bool:
    """Whether a party's no stands: its month was not asked anew."""
    return question.answer is Answer.NO and question.taken_back_at is None


def is_approved(question: Question) -> bool:
    """Whether a party's yes stands."""
    return question.answer is Answer.YES and question.taken_back_at is None


def ask_again_about_months(session: Session, *, now: datetime) -> int:
    """Put each month that a party rejects on the list, unless it is there already; returns how many were put."""
    said_no = (Question.kind == QuestionKind.MONTH, Question.answer == Answer.NO, col(Question.taken_back_at).is_(None))
    return sum(
        ask_for_attention(
            session,
            About.MONTH.of(month_name(last_day_in(one.about)), one.asked_of),
            "month_rejected",
            now=now,
            detail=f"{one.asked_of}: {one.reason}",
        )
        for one in session.exec(select(Question).where(*said_no).order_by(col(Question.id))).all()
    )
