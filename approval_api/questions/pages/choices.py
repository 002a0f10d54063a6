"""The homes and colleagues that a question's page offers to choose from."""

from datetime import datetime

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.page import Colleague, HomeChoice
from domain.letters import HomeFacts
from domain.parties.colleagues import colleagues
from domain.questions.question import QuestionKind
from domain.working_days import day_of
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.questions.matters import barred_from
from storage.questions.questions import FAMILY, Question, suggested
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy, VacancyStanding, home_facts

BEFORE_AN_OFFER = (QuestionKind.SIGN_OFF, QuestionKind.FEWER_ALIKE, QuestionKind.OFFER)


def offered_home(session: Session, question: Question) -> HomeFacts | None:
    """The home that is proposed; None before an association has offered one, and where it is about no case."""
    if question.kind in BEFORE_AN_OFFER or question.offer_id is None:
        return None
    offer = session.get_one(Offer, question.offer_id)
    return home_facts(session, session.get_one(Vacancy, offer.vacancy_id))


def home_choices(session: Session, question: Question) -> tuple[HomeChoice, ...]:
    """The homes that an association may offer: those suggested that are still available."""
    if question.kind is not QuestionKind.OFFER:
        return ()
    homes = [session.get_one(Vacancy, home) for home in suggested(session, id_of(question))]
    return tuple(
        HomeChoice(id_of(home), home_facts(session, home))
        for home in homes
        if home.standing is VacancyStanding.AVAILABLE
    )


def colleague_choices(session: Session, seen: Seen, *, now: datetime) -> tuple[Colleague, ...]:
    """The colleagues who may be asked instead: of the same party, with the same role, at work today."""
    question = seen.question
    if question.asked_of == FAMILY:
        return ()
    partner, today = partner_of(session, question.asked_of), day_of(now)
    out = barred_from(session, question, partner, on=today)
    found = colleagues(question.kind, partner, of=question.contact_id, on=today, barred=out)
    return tuple(Colleague(one.id, one.name) for one in found)
