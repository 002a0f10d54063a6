"""Who may see a question: anybody with the link, or only somebody who has logged in and may answer it."""

from datetime import datetime
from enum import Enum, auto

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.sitting import Person
from domain.parties.colleagues import may_answer
from domain.parties.party import Contact
from domain.working_days import day_of
from storage.parties.partners import partner_of
from storage.questions.matters import barred_from, must_log_in


class Admission(Enum):
    """Whether a visitor sees a question, or why not."""

    GRANTED = auto()
    LOGIN_FIRST = auto()
    SOMEBODY_ELSES = auto()
    FOUR_EYES = auto()


def admission(session: Session, seen: Seen, person: Person | None, *, listed: bool, now: datetime) -> Admission:
    """Whether a visitor may see and answer a question. `listed`: they come from their list, which needs a login."""
    question = seen.question
    if not seen.is_of_a_party:
        return Admission.SOMEBODY_ELSES if listed else Admission.GRANTED
    partner, today = partner_of(session, question.asked_of), day_of(now)
    out = barred_from(session, question, partner, on=today)
    if not listed and not login_needed(session, seen):
        # Since the question was sent, its addressee may have become deputy of the caseworker who flagged the family.
        return Admission.FOUR_EYES if question.contact_id in out else Admission.GRANTED
    if listed and (person is None or person.party != question.asked_of):
        return Admission.SOMEBODY_ELSES
    if person is None:
        return Admission.LOGIN_FIRST
    if person.party == question.asked_of and person.contact.id in out:
        return Admission.FOUR_EYES
    granted = person.party == question.asked_of and may_answer(
        partner, person.contact.id, asked=question.contact_id, on=today, barred=out
    )
    return Admission.GRANTED if granted else Admission.SOMEBODY_ELSES


def acting(session: Session, seen: Seen, person: Person | None, *, listed: bool) -> Contact | None:
    """The contact who answers, when a login was needed or the visitor comes from their list; else None."""
    return person.contact if person and (listed or login_needed(session, seen)) else None


def login_needed(session: Session, seen: Seen) -> bool:
    """Whether the addressee must log in, or answers by the link alone."""
    return must_log_in(session, seen.question)
