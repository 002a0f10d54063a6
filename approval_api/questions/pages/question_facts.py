"""The facts on the page of a question that waits for its answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.asking_party import asking_party, family_in
from approval_api.questions.pages.choices import colleague_choices, home_choices, offered_home
from approval_api.questions.pages.page import Filled, QuestionPage
from approval_api.questions.pages.statement_facts import shown_claim, shown_statement
from domain.errors import Invalid
from domain.questions.question import SIDE_OF, QuestionKind
from domain.referrals.lifecycle import Side
from domain.working_days import last_day_of
from storage.parties.agreements import agreement_of
from storage.privacy.releases import FEW_ALIKE
from storage.questions.acceptance import family_first
from storage.questions.comments import sealing_key
from storage.questions.questions import Question
from storage.settings import Settings


def question_page(
    session: Session,
    seen: Seen,
    settings: Settings,
    *,
    now: datetime,
    nonce: str,
    filled: Filled,
    errors: tuple[Invalid, ...],
    person: str | None,
    asks_digits: bool,
) -> QuestionPage:
    """The facts of the page."""
    question = seen.question
    page = QuestionPage(
        kind=question.kind,
        reference=question.reference,
        place=None,
        asking=asking_party(session, seen, settings),
        answer_by=last_day_of(question.answer_by),
        legal_basis=None,
        nonce=nonce,
        person=person,
        colleagues=colleague_choices(session, seen, now=now),
        asks_digits=asks_digits,
        overdue=now >= question.answer_by,
        filled=filled,
        errors=errors,
    )
    return OF_NO_CASE[question.kind](session, question, page) if seen.case is None else _of_case(session, seen, page)


def _of_month(session: Session, question: Question, page: QuestionPage) -> QuestionPage:
    return replace(page, statement=shown_statement(session, question))


def _of_claim(session: Session, question: Question, page: QuestionPage) -> QuestionPage:
    return replace(page, claim=shown_claim(session, question))


# What the page of a question about no case says further, by its kind.
OF_NO_CASE: dict[QuestionKind, Callable[[Session, Question, QuestionPage], QuestionPage]] = {
    QuestionKind.MONTH: _of_month,
    QuestionKind.CLAIM: _of_claim,
    QuestionKind.CLAIM_SECOND: _of_claim,
}


def _of_case(session: Session, seen: Seen, page: QuestionPage) -> QuestionPage:
    question, referral, kind = seen.question, seen.referral, seen.question.kind
    agreement = agreement_of(session, referral.agreement_version_id)
    approval = kind is QuestionKind.APPROVAL
    return replace(
        page,
        place=agreement.place(kind),
        legal_basis=agreement.legal_basis,
        need=referral.need if SIDE_OF[kind] is Side.SENDER else None,
        few=FEW_ALIKE.validate_python(question.request) if kind is QuestionKind.FEWER_ALIKE else None,
        request=question.anonymised_request if kind is QuestionKind.OFFER else None,
        family=family_in(question) if approval else None,
        agreement_name=None if SIDE_OF[kind] is Side.ASSOCIATION else agreement.name,
        home=offered_home(session, question),
        homes=home_choices(session, question),
        may_comment=sealing_key(session) is not None,
        compensation=agreement.tariffs if approval else (),
        on_behalf=question.on_behalf,
        family_first=family_first(session, question, agreement),
        one_person_decides=agreement.one_person_decides,
    )
