"""What a no does to the search, and to a home that was held."""

from datetime import timedelta

from domain.parties import party
from domain.parties.party import party_id
from domain.referrals.lifecycle import DeclineReason, Effect, Status
from storage.columns import id_of
from storage.outbox import Telling
from storage.privacy.disclosures import recall
from storage.questions.questions import Question
from storage.referrals.exclusions import exclude
from storage.vacancies.offers import Offer, let_go
from storage.vacancies.vacancies import dwelling
from tasks.answers import actor_of
from tasks.attention import ask_person
from tasks.case import Case

REASSESS_WITHIN = timedelta(days=90)


def release_home(case: Case, offer: Offer) -> None:
    """Release the home, have the association told, and recall what was disclosed."""
    let_go(case.session, offer, now=case.now)
    addressee = party.association(dwelling(case.session, offer.vacancy_id).association)
    for told in recall(case.session, id_of(offer), now=case.now):
        case.record("disclosure_recalled", to=told)
    case.call(Telling.RELEASE, addressee=addressee, offer=offer)


def decline(case: Case, question: Question, reason: DeclineReason, *, homes: tuple[int, ...]) -> None:
    """Apply the effect of a no to the search that follows."""
    declined = [dwelling(case.session, home) for home in homes]
    match reason.effect:
        case Effect.EXCLUDE_HOME:
            for home in declined:
                exclude(case.session, case.id, Effect.EXCLUDE_HOME, str(home.vacancy_id))
        case Effect.EXCLUDE_ASSOCIATION:
            association = declined[0].association if declined else party_id(question.asked_of)
            exclude(case.session, case.id, Effect.EXCLUDE_ASSOCIATION, association)
        case Effect.EXCLUDE_MUNICIPALITY:
            for code in {home.municipality for home in declined}:
                exclude(case.session, case.id, Effect.EXCLUDE_MUNICIPALITY, code)
        case Effect.PARK:
            case.referral.parked_until = case.now + timedelta(days=reason.park_days)
        case Effect.REASSESS:
            case.referral.parked_until = case.now + REASSESS_WITHIN
            ask_person(case, "reassess", detail=reason.code)
        case Effect.NONE | Effect.CLOSE:
            pass


def back_to_seeking(case: Case, question: Question, offer: Offer, reason: DeclineReason) -> None:
    """Handle a no after a home was put forward: release the home and search again."""
    release_home(case, offer)
    decline(case, question, reason, homes=(offer.vacancy_id,))
    case.move(
        Status.SEEKING,
        deed=f"declined_{question.kind}",
        actor=actor_of(question),
        reason=reason.code,
        due_at=case.now,
    )
