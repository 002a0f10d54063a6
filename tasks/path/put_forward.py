"""Reserves an offered home, and asks its municipality or the family, whoever is first by the agreement."""

from datetime import datetime, timedelta

from domain.parties import party
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.database import write
from storage.outbox import Telling
from storage.questions.questions import Question
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling
from tasks.anonymity import anonymity as releasing
from tasks.anonymity.crowds import Seekers
from tasks.answers import revoke_questions
from tasks.case import Case
from tasks.path.acceptance import ask_about_home
from tasks.path.receivers import ask_municipality


def reserved_until(case: Case) -> datetime:
    """For how long the home is reserved, by the agreement."""
    return case.now + timedelta(days=case.agreement.reservation_days)


def put_forward(case: Case, question: Question, home_id: int, seekers: Seekers) -> None:
    """Make the offer of a home that is reserved, and ask the municipality that it lies in, or the family."""
    home = dwelling(case.session, home_id)
    offer = Offer(
        referral_id=case.id,
        vacancy_id=home_id,
        pseudonym=case.pseudonym_for(home.association),
        reserved_until=reserved_until(case),
        made_at=case.now,
    )
    write(case.session, offer)
    case.move(Status.PROPOSED, deed="offered", actor=str(question.addressee))
    revoke_questions(case, (QuestionKind.OFFER,))
    releasing.end_wait(case)
    case.call(Telling.RESERVE, addressee=party.association(home.association), offer=offer)
    if case.agreement.family_first:
        ask_about_home(case, offer)
    else:
        ask_municipality(case, offer, seekers)
