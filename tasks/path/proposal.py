"""A home that an association offers is reserved and put forward to its municipality."""

from datetime import datetime, timedelta

from domain.parties import party
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import HOME_GONE, Status
from storage.areas.whereabouts import IN_NONE, Whereabouts
from storage.database import write
from storage.outbox import Telling
from storage.parties.parties import partner
from storage.questions.lists import open_questions
from storage.questions.questions import Question
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling, reserve
from tasks.anonymity import anonymity as releasing
from tasks.anonymity.crowds import Seekers
from tasks.answers import actor_of, revoke_questions, suggested_homes, why_not
from tasks.asking.anew import ripe_questions
from tasks.asking.asking import Matter, ask_party
from tasks.case import Case
from tasks.declines import decline


def propose(case: Case, seekers: Seekers) -> None:
    """An association has answered: reserve the home it offers and ask the receiving municipality."""
    for question in ripe_questions(case, QuestionKind.OFFER):
        if case.referral.status is not Status.SEEKING:
            # Another association was first; this one must not keep a home for nobody.
            case.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)
            continue
        reason = why_not(question)
        home_id = question.vacancy_id or 0
        whereabouts = Whereabouts(case.session, on=case.today)
        if reason is not None:
            decline(case, question, reason, homes=suggested_homes(case, question))
            case.note("declined_offer", actor=actor_of(question), reason=reason.code)
        # What it is may have come out since it was suggested: no listed area receives anybody.
        elif whereabouts.listed_as(dwelling(case.session, home_id)) == IN_NONE and reserve(
            case.session, home_id, until=_reserved_until(case)
        ):
            _put_forward(case, question, home_id, seekers)
        else:
            decline(case, question, HOME_GONE, homes=(home_id,))
            case.note("declined_offer", reason=HOME_GONE.code)
    if case.referral.status is Status.SEEKING:
        still_asked = open_questions(case.session, case.id, (QuestionKind.OFFER,))
        case.rest(None if still_asked else case.now)


def _reserved_until(case: Case) -> datetime:
    return case.now + timedelta(days=case.agreement.reservation_days)


def _put_forward(case: Case, question: Question, home_id: int, seekers: Seekers) -> None:
    home = dwelling(case.session, home_id)
    offer = Offer(
        referral_id=case.id,
        vacancy_id=home_id,
        pseudonym=case.pseudonym_for(home.association),
        reserved_until=_reserved_until(case),
        made_at=case.now,
    )
    write(case.session, offer)
    case.move(Status.PROPOSED, deed="offered", actor=question.addressee)
    revoke_questions(case, (QuestionKind.OFFER,))
    releasing.end_wait(case)
    case.call(Telling.RESERVE, at=party.association(home.association), offer=offer)
    receiver = partner(case.session, party.municipality(home.municipality))
    family = releasing.present(case, home, seekers)
    ask_party(case, QuestionKind.APPROVAL, receiver, Matter(case.referral.reference, offer, request=family))
