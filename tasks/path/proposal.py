"""Acts on an association's answer: puts forward the home that it offers, or gives its no its effect."""

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import CEILING_REACHED, HOME_GONE, DeclineReason, Status
from storage.areas.whereabouts import IN_NONE, Whereabouts
from storage.columns import needed
from storage.outbox import Telling
from storage.questions.lists import open_questions
from storage.vacancies.vacancies import dwelling, reserve
from tasks.anonymity.crowds import Seekers
from tasks.answers import actor_of, suggested_homes, why_not
from tasks.asking.anew import ripe_questions
from tasks.case import Case
from tasks.ceilings.offers_above import note_offer_above
from tasks.ceilings.reached import is_full, take_place
from tasks.declines import decline
from tasks.path.put_forward import put_forward, reserved_until


def propose(case: Case, seekers: Seekers) -> None:
    """An association has answered: reserve the home it offers, and ask whoever says yes to it first."""
    for question in ripe_questions(case, QuestionKind.OFFER):
        if case.referral.status is not Status.SEEKING:
            # Another association was first; this one must not keep a home free for nobody.
            case.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)
            continue
        if (reason := why_not(question)) is not None:
            decline(case, question, reason, homes=suggested_homes(case, question))
            case.note("declined_offer", actor=actor_of(question), reason=reason.code)
            continue
        home_id = needed(question.vacancy_id)
        reason = _reserved_or_why_not(case, home_id)
        if reason is None:
            put_forward(case, question, home_id, seekers)
            continue
        decline(case, question, reason, homes=(home_id,))
        if reason is CEILING_REACHED:
            note_offer_above(case, question)
        else:
            case.note("declined_offer", reason=reason.code)
    if case.referral.status is Status.SEEKING:
        still_asked = open_questions(case.session, case.id, (QuestionKind.OFFER,))
        case.rest(None if still_asked else case.now)


def _reserved_or_why_not(case: Case, home_id: int) -> DeclineReason | None:
    """Reserve a home that an association offers; why it cannot be put forward, when it cannot."""
    home, whereabouts = dwelling(case.session, home_id), Whereabouts(case.session, on=case.today)
    if is_full(case, home):
        return CEILING_REACHED
    # The home's area may have become known since it was suggested: no listed area receives anybody.
    if whereabouts.listed_as(home) != IN_NONE or not reserve(case.session, home_id, until=reserved_until(case)):
        return HOME_GONE
    take_place(case, home)
    return None
