"""What a case, or another asker, puts on the attention list, and what a case takes off again."""

from domain.subject import About, Subject
from storage.attention import ask_for_attention, close_items, close_subject
from storage.columns import id_of
from storage.questions.questions import Question
from tasks.case import Case
from tasks.matter import Asker, listed_as

# Who has closed an item that nobody need look at any more.
PASSED = "its reason has passed"


def ask_person(case: Asker, code: str, *, detail: str = "", about: Subject | None = None) -> bool:
    """Put a case on the list, or something else that is its own; False when it stands there already."""
    subject = listed_as(case) if about is None else about
    return ask_for_attention(case.session, subject, code, now=case.now, detail=detail, referral_id=case.id)


def ask_about(case: Asker, question: Question, code: str, *, detail: str | None = None) -> bool:
    """Put a question on the list, by its kind and whom it asks unless told otherwise; False when it stands there."""
    told = f"{question.kind}: {question.addressee}" if detail is None else detail
    return ask_person(case, code, detail=told, about=About.QUESTION.of(id_of(question)))


def close_all(case: Case, *, by: str) -> None:
    """Take everything about a case off the list."""
    close_items(case.session, case.id, now=case.now, by=by)


def close_about(case: Case, subject: Subject, *, by: str) -> None:
    """Take everything about a subject off the list."""
    close_subject(case.session, subject, now=case.now, by=by)
