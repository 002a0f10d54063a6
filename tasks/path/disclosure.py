"""Tells the new landlord and municipality who the family is: only now, after its yes."""

from datetime import datetime, timedelta

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.columns import id_of
from storage.outbox import WAITS_FOR_A_PERSON, OutboxStanding, Telling, last_about
from storage.privacy.disclosures import disclose as disclose_to
from storage.questions.lists import last_question
from storage.questions.questions import Question
from storage.referrals.referrals import was_disclosed
from storage.vacancies.offers import Offer
from tasks.answers import actor_of
from tasks.asking import asking
from tasks.asking.anew import ask_again
from tasks.case import Case
from tasks.path.acceptance import TAKEN_BACK, offer_of, stopped_without_consent, who_took_back
from tasks.path.receivers import receivers_of

HANDOVER = "handover"
LETTER_FIRST = timedelta(minutes=5)


def disclose(case: Case) -> None:
    """The yes was not taken back: only now the family's new landlord and municipality are told who it is."""
    due_at, accepted = case.referral.disclosure_due_at, last_question(case.session, case.id, QuestionKind.ACCEPTANCE)
    if due_at is None or accepted is None:
        return
    if accepted.taken_back_at is not None:
        case.move(Status.APPROVED, deed=TAKEN_BACK, actor=who_took_back(case, accepted))
        ask_again(case, accepted)
        return
    if case.now < (due_at := _from_the_letter_on(case, accepted, due_at)):
        case.rest(due_at)
        return
    if stopped_without_consent(case):
        return
    was_disclosed(case.session, case.referral)
    offer = offer_of(case)
    association, receiver = receivers_of(case, offer)
    _tell_who_it_is(case, accepted, offer, association.party)
    if HANDOVER in receiver.systems:
        _tell_who_it_is(case, accepted, offer, receiver.party)
    asking.ask_party(case, QuestionKind.MOVE_IN, association, asking.Matter(offer.pseudonym, offer))


def _tell_who_it_is(case: Case, accepted: Question, offer: Offer, recipient: str) -> None:
    """Tell a party who the family is."""
    told = disclose_to(case.session, case.id, id_of(offer), to=recipient, basis="acceptance", now=case.now)
    facts = {"to": told.to_party, "basis": told.basis, "fields": told.fields}
    case.record("disclosure_decided", actor=actor_of(accepted), **facts)


def _from_the_letter_on(case: Case, accepted: Question, due_at: datetime) -> datetime:
    """When a yes may be disclosed: counted from when the letter was sent that asks whether it was them."""
    wait = timedelta(minutes=case.agreement.disclosure_after_minutes)
    letter = last_about(case.session, Telling.ACCEPTANCE_RECORDED, question_id=id_of(accepted)) if wait else None
    if letter is None or letter.standing in WAITS_FOR_A_PERSON:
        # The letter is on the attention list; the home must not be held for it for ever.
        return due_at
    if letter.standing is OutboxStanding.WAITING:
        return max(due_at, case.now + LETTER_FIRST)
    return max(due_at, (letter.ended_at or due_at - wait) + wait)
