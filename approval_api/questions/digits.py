"""The digits of a letter, where somebody answers by its link alone."""

from sqlmodel import Session

from approval_api.questions.admission import login_needed
from approval_api.questions.lookup import Seen
from domain.errors import Invalid
from domain.questions.digits import are_right, typed_digits

NO_DIGITS = Invalid("digits", "type_the_digits")
WRONG_DIGITS = Invalid("digits", "wrong_digits")


def digits_needed(session: Session, seen: Seen, *, listed: bool) -> bool:
    """Whether a visitor types the digits of their letter: where they have not logged in and need not."""
    return not listed and not login_needed(session, seen)


def digits_fault(seen: Seen, token: str, typed: str) -> tuple[Invalid, ...]:
    """What is wrong with the digits that somebody typed; what is not four digits is no guess and is not counted."""
    if typed_digits(typed) is None:
        return (NO_DIGITS,)
    return () if are_right(typed, question_key=seen.question.key, token=token) else (WRONG_DIGITS,)
