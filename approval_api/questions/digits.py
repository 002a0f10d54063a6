"""The digits of a letter, which people type who answer by its link without a login."""

from sqlmodel import Session

from approval_api.questions.admission import login_needed
from approval_api.questions.lookup import Seen
from domain.errors import Invalid
from domain.questions.digits import are_right, typed_digits

NO_DIGITS = Invalid("digits", "type_the_digits")
WRONG_DIGITS = Invalid("digits", "wrong_digits")


def digits_needed(session: Session, seen: Seen, *, listed: bool) -> bool:
    """Whether a visitor must type the digits of their letter: when no login is needed and they come by the link."""
    return not listed and not login_needed(session, seen)


def digits_fault(seen: Seen, token: str, typed: str) -> tuple[Invalid, ...]:
    """The error in the digits that were typed, if any. Only four digits count as a guess."""
    if typed_digits(typed) is None:
        return (NO_DIGITS,)
    return () if are_right(typed, question_key=seen.question.key, token=token) else (WRONG_DIGITS,)
