"""Whether a form answers the question, or every error in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from approval_api.questions.arrival import Arrival
from approval_api.questions.digits import digits_fault, digits_needed
from approval_api.questions.form import HOME_GONE, NO_HOME_LEFT, OPENED_ELSEWHERE, read_choice, read_comment
from approval_api.questions.lookup import Seen
from approval_api.questions.pages.choices import colleague_choices, home_choices
from approval_api.questions.pages.page import Filled
from domain.errors import Invalid
from domain.questions.question import PassOn, Reply
from storage.columns import id_of
from storage.questions.comments import SealingKey, sealing_key
from storage.questions.questions import suggested


@dataclass(frozen=True, slots=True)
class Judged:
    """A choice without errors, with the comment and the key to seal it with; `by` is the contact who had logged in."""

    seen: Seen
    choice: Reply | PassOn
    by: str | None
    now: datetime
    comment: str = ""
    key: SealingKey | None = None


def judged(arrival: Arrival, seen: Seen, filled: Filled) -> Judged | tuple[Invalid, ...]:
    """What to record of a form, or every error in it."""
    session, question, visit = arrival.session, seen.question, arrival.visit
    if not visit.binding.holds(question, filled.nonce):
        return (OPENED_ELSEWHERE,)
    homes = frozenset(choice.vacancy_id for choice in home_choices(session, question))
    colleagues = colleague_choices(session, seen, now=arrival.now)
    choice, errors = read_choice(filled, question, homes=homes, colleagues=colleagues)
    # A comment is sealed under its case's own key: where there is no case, none is asked for.
    key = sealing_key(session) if seen.case is not None else None
    comment, too_much = read_comment(filled, question) if key else ("", ())
    asked = digits_needed(session, seen, listed=arrival.is_listed)
    wrong = digits_fault(seen, visit.token, filled.digits) if asked else ()
    if choice is None or too_much or wrong:
        return (*_about_homes(session, seen, filled, errors, homes), *too_much, *wrong)
    by = arrival.acting(seen)
    return Judged(seen, choice, by.id if by else None, arrival.now, comment, key)


def _about_homes(
    session: Session, seen: Seen, filled: Filled, errors: tuple[Invalid, ...], homes: frozenset[int]
) -> tuple[Invalid, ...]:
    """The errors; a home that was taken meanwhile gives that error, and not the one for a missing choice."""
    if not any(error.field == HOME_GONE.field for error in errors):
        return errors
    if not homes:
        return (NO_HOME_LEFT,)
    gone = filled.vacancy in map(str, suggested(session, id_of(seen.question)))
    return (HOME_GONE,) if gone else errors
