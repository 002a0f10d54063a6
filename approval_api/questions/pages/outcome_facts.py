"""The facts on the page of a question that was answered, passed on or closed."""

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.asking_party import asking_party
from approval_api.questions.pages.choices import offered_home
from approval_api.questions.pages.page import NoticePage, PassedOnPage, ReceiptPage
from domain.working_days import last_day_of
from storage.parties.agreements import agreement_of
from storage.parties.partners import partner_of
from storage.questions.acceptance import family_first
from storage.questions.comments import Comment
from storage.questions.questions import FAMILY, Question
from storage.settings import Settings
from storage.vacancies.vacancies import Vacancy, home_facts


def receipt_page(session: Session, seen: Seen, settings: Settings, *, with_home: bool) -> ReceiptPage:
    """The facts of a receipt."""
    question = seen.question
    if question.answered_at is None:
        raise ValueError("the question has no answer")
    chosen = session.get(Vacancy, question.vacancy_id) if question.vacancy_id else None
    home = home_facts(session, chosen) if chosen else offered_home(session, question)
    return ReceiptPage(
        kind=question.kind,
        reference=question.reference,
        asking=asking_party(session, seen, settings),
        answer=question.reply.answer,
        answered_at=question.answered_at,
        answered_by=answered_by(session, question),
        reason=question.reason,
        home=home if with_home else None,
        given_by=question.given_by,
        on_behalf=question.on_behalf,
        commented=session.get(Comment, question.id) is not None,
        family_first=_by_an_order_with_the_family_first(session, seen),
    )


def _by_an_order_with_the_family_first(session: Session, seen: Seen) -> bool:
    if seen.case is None:
        return False
    return family_first(session, seen.question, agreement_of(session, seen.case.agreement_version_id))


def answered_by(session: Session, question: Question) -> str | None:
    """The name and party of the contact who answered; None when it was the family."""
    if question.asked_of == FAMILY:
        return None
    asked = partner_of(session, question.asked_of)
    contact = asked.contact(question.answered_by or question.contact_id)
    return f"{contact.name}, {asked.name}" if contact else asked.name


def passed_on_page(session: Session, seen: Seen, settings: Settings) -> PassedOnPage:
    """Who is asked now, and who passed the question on."""
    question = seen.question
    if question.passed_at is None or question.passed_by is None:
        raise ValueError("the question was not passed on")
    partner = partner_of(session, question.asked_of)
    contact = partner.contact(question.passed_to or "")
    return PassedOnPage(
        kind=question.kind,
        reference=question.reference,
        asking=asking_party(session, seen, settings),
        passed_to=contact.name if contact else partner.name,
        passed_by=question.passed_by,
        passed_at=question.passed_at,
        answered_by=answered_by(session, question) or partner.name,
        on_behalf=question.on_behalf,
    )


def notice_page(session: Session, seen: Seen, settings: Settings) -> NoticePage:
    """The facts of the notice that a question can no longer be answered."""
    return NoticePage(
        reference=seen.question.reference,
        asking=asking_party(session, seen, settings),
        answer_by=last_day_of(seen.question.answer_by),
        answered_at=seen.question.answered_at,
    )
