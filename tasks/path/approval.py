"""A home was put forward: the receiving municipality and the family answer, in the order of the agreement."""

from domain.questions.addressee import THE_FAMILY
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.outbox import Telling
from storage.questions.lists import last_question
from storage.questions.questions import Question
from storage.vacancies.offers import Offer
from tasks.anonymity.crowds import seekers_in
from tasks.answers import actor_of, revoke_questions, why_not
from tasks.asking.anew import ask_again, ripe_questions
from tasks.case import Case
from tasks.declines import back_to_seeking
from tasks.path.acceptance import (
    TAKEN_BACK,
    ask_about_home,
    hold_for_family,
    is_no,
    offer_of,
    stopped_without_consent,
    who_took_back,
)
from tasks.path.receivers import ask_municipality


def hear(case: Case) -> None:
    """The municipality or the family has answered: ask the other one, or hold the home when both have said yes."""
    offer = offer_of(case)
    for approval in ripe_questions(case, QuestionKind.APPROVAL):
        _hear_municipality(case, approval, offer)
        return
    ripe = ripe_questions(case, QuestionKind.ACCEPTANCE)
    family = _asked_about(case, offer, QuestionKind.ACCEPTANCE)
    if family is not None and family.taken_back_at is not None:
        # The municipality is asked about a family that wants the home: it waits until the family has answered anew.
        revoke_questions(case, (QuestionKind.APPROVAL,))
        case.note(TAKEN_BACK, actor=who_took_back(case, family))
        ask_again(case, family)
    elif ripe:
        _hear_family(case, ripe[-1], offer)
        return
    case.rest()


def _hear_municipality(case: Case, approval: Question, offer: Offer) -> None:
    reason, family = why_not(approval), _asked_about(case, offer, QuestionKind.ACCEPTANCE)
    if reason is not None:
        back_to_seeking(case, approval, offer, reason)
        if family is not None:
            # It has said yes: a refusal of what it wants is told with its reasons, and with how to complain.
            case.write(Telling.HOME_NOT_APPROVED, to=THE_FAMILY, question=approval)
    elif family is None:
        case.move(Status.APPROVED, deed="approved", actor=actor_of(approval))
        ask_about_home(case, offer)
    elif family.taken_back_at is not None:
        case.move(Status.APPROVED, deed="approved", actor=actor_of(approval))
        case.note(TAKEN_BACK, actor=who_took_back(case, family))
        ask_again(case, family)
    elif not stopped_without_consent(case):
        hold_for_family(case, family, deed="approved", actor=actor_of(approval))


def _hear_family(case: Case, acceptance: Question, offer: Offer) -> None:
    if is_no(case, acceptance) or stopped_without_consent(case):
        return
    case.note("accepted", actor=actor_of(acceptance), reason=acceptance.given_by)
    asked_before = _asked_about(case, offer, QuestionKind.APPROVAL)
    if asked_before is not None:
        # The family had taken its yes back: the municipality is told no more than before, and has no more time.
        ask_again(case, asked_before)
    else:
        # Measured under the case's lock and not beforehand: few agreements ask the family first.
        ask_municipality(case, offer, seekers_in(case.session, case.platform))
    case.rest()


def _asked_about(case: Case, offer: Offer, kind: QuestionKind) -> Question | None:
    """The newest question of a kind about this home; None when none was asked about it."""
    asked = last_question(case.session, case.id, kind)
    return asked if asked is not None and asked.offer_id == offer.id else None
