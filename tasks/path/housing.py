"""From approval to the end of the guarantee: ask the family, tell who it is, book, and close."""

from datetime import datetime, timedelta

from domain.books.compensation import (
    BookingKind,
    department_account,
    guarantee_ends,
    move_in_entries,
    municipality_account,
)
from domain.parties import party
from domain.parties.addressee import Addressee
from domain.parties.party import Partner
from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import Answer, GivenBy, QuestionKind
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import Status, WithdrawalReason
from domain.subject import About
from storage.attention import close_subject
from storage.books.ledger import Booking, book_and_post, booking_of, reverse
from storage.columns import id_of
from storage.outbox import WAITS_FOR_A_PERSON, OutboxStanding, Telling, last_about
from storage.parties.parties import partner
from storage.privacy.consents import consent_holds, end_consent
from storage.privacy.disclosures import disclose as disclose_to
from storage.questions.lists import last_question
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import was_disclosed
from storage.vacancies.vacancies import Offer, OfferStanding, binding_offer, dwelling, let_to_family, read_whole_again
from tasks.asking import asking
from tasks.case import PLATFORM, Case, actor_of, why_not

HANDOVER = "handover"
LETTER_FIRST = timedelta(minutes=5)
TAKEN_BACK = "acceptance_taken_back"
WITHDRAWN_BY = {
    GivenBy.LETTER: ConsentWithdrawn.LETTER,
    GivenBy.PHONE: ConsentWithdrawn.PHONE,
    GivenBy.MEETING: ConsentWithdrawn.IN_PERSON,
}


def ask_family(case: Case) -> None:
    """The receiving municipality has answered: ask the family, or the caseworker who speaks with it."""
    for question in asking.ripe_questions(case, QuestionKind.APPROVAL):
        reason = why_not(question)
        if reason is not None:
            case.back_to_seeking(question, _offer(case), reason)
            return
        case.move(Status.APPROVED, deed="approved", actor=actor_of(question))
        about = asking.Matter(case.referral.reference, _offer(case))
        if case.referral.answers_by is FamilyAnswersBy.LETTER:
            asking.ask_family(case, about)
        else:
            asking.ask_contact(case, QuestionKind.ACCEPTANCE, case.sender, case.referral.flagged_by, about)
        return
    case.rest()


def accept(case: Case) -> None:
    """The family has answered: after its yes the home is held, and for a while the yes can be taken back."""
    for question in asking.ripe_questions(case, QuestionKind.ACCEPTANCE):
        if question.taken_back_at is not None:
            case.note(TAKEN_BACK, actor=_who_took_back(case, question))
            asking.ask_again(case, question)
            break
        if question.answer is Answer.WITHDRAW:
            way = WITHDRAWN_BY[question.given_by] if question.given_by else ConsentWithdrawn.PAGE
            end_consent(case.session, case.id, way, by=actor_of(question), now=case.now)
            case.referral.stop_requested = WithdrawalReason.CONSENT_WITHDRAWN
            case.rest(case.now)
            return
        reason = why_not(question)
        if reason is not None:
            case.back_to_seeking(question, _offer(case), reason)
            return
        if _stopped_without_consent(case):
            return
        wait = timedelta(minutes=case.agreement.disclosure_after_minutes)
        due_at = case.now + wait
        case.move(
            Status.ACCEPTED,
            deed="accepted",
            actor=actor_of(question),
            reason=question.given_by,
            due_at=due_at,
            disclosure_due_at=due_at,
        )
        if wait:
            case.write(Telling.ACCEPTANCE_RECORDED, to=question.addressee, question=question)
        return
    case.rest()


def disclose(case: Case) -> None:
    """Nobody has taken the yes back: only now the family's new landlord and municipality learn who it is."""
    due_at, accepted = case.referral.disclosure_due_at, last_question(case.session, case.id, QuestionKind.ACCEPTANCE)
    if due_at is None or accepted is None:
        return
    if accepted.taken_back_at is not None:
        case.move(Status.APPROVED, deed=TAKEN_BACK, actor=_who_took_back(case, accepted))
        asking.ask_again(case, accepted)
        return
    if case.now < (due_at := _from_the_letter_on(case, accepted, due_at)):
        case.rest(due_at)
        return
    if _stopped_without_consent(case):
        return
    was_disclosed(case.session, case.referral)
    offer = _offer(case)
    home = dwelling(case.session, offer.vacancy_id)
    association = partner(case.session, party.association(home.association))
    receiver = partner(case.session, party.municipality(home.municipality))
    _tell_who_it_is(case, accepted, offer, association)
    if HANDOVER in receiver.systems:
        _tell_who_it_is(case, accepted, offer, receiver)
    asking.ask_party(case, QuestionKind.MOVE_IN, association, asking.Matter(offer.pseudonym, offer))


def _who_took_back(case: Case, question: Question) -> str:
    """Whoever was asked; the platform itself when the family's address came to be protected, or its link was closed."""
    protected = question.asked_of == FAMILY and case.referral.answers_by is FamilyAnswersBy.CASEWORKER
    return PLATFORM if protected or question.wrong_digits >= WRONG_TRIES_AT_MOST else actor_of(question)


def _from_the_letter_on(case: Case, accepted: Question, due_at: datetime) -> datetime:
    """When a yes may be disclosed: its time begins when the letter has gone that asks whether it was them."""
    wait = timedelta(minutes=case.agreement.disclosure_after_minutes)
    letter = last_about(case.session, Telling.ACCEPTANCE_RECORDED, question_id=id_of(accepted)) if wait else None
    if letter is None or letter.standing in WAITS_FOR_A_PERSON:
        # It is on the attention list; the home must not be held for it for ever.
        return due_at
    if letter.standing is OutboxStanding.WAITING:
        return max(due_at, case.now + LETTER_FIRST)
    return max(due_at, (letter.ended_at or due_at - wait) + wait)


def _stopped_without_consent(case: Case) -> bool:
    """Stop a case whose consent has ended: the night that would have stopped it has not come yet, or did not end."""
    if consent_holds(case.session, case.id, today=case.today):
        return False
    end_consent(case.session, case.id, ConsentWithdrawn.ENDED, by=PLATFORM, now=case.now)
    case.referral.stop_requested = WithdrawalReason.CONSENT_ENDED
    case.rest(case.now)
    return True


def _tell_who_it_is(case: Case, accepted: Question, offer: Offer, recipient: Partner) -> None:
    """Tell a party who the family is."""
    told = disclose_to(case.session, case.id, id_of(offer), to=recipient.party, basis="acceptance", now=case.now)
    facts = {"to": told.to_party, "basis": told.basis, "fields": told.fields}
    case.record("disclosure_decided", actor=actor_of(accepted), **facts)


def book_move_in(case: Case) -> None:
    """The association has answered: book the compensation once, or recall and search again."""
    for question in asking.ripe_questions(case, QuestionKind.MOVE_IN):
        reason = why_not(question)
        offer = _offer(case)
        if reason is not None:
            case.back_to_seeking(question, offer, reason)
            return
        home = dwelling(case.session, offer.vacancy_id)
        let_to_family(case.session, offer)
        # From here on its consent is needed no more.
        close_subject(case.session, About.CONSENT.of(case.referral.reference), now=case.now, by="moved in")
        terms = case.agreement.compensation
        case.move(Status.HOUSED, deed="moved_in", actor=actor_of(question), due_at=guarantee_ends(case.now, terms))
        booking = Booking(referral_id=case.id, offer_id=id_of(offer), kind=BookingKind.MOVE_IN, booked_at=case.now)
        entries = move_in_entries(
            terms,
            sender=municipality_account(case.referral.sending_municipality),
            receiver=municipality_account(home.municipality),
            department=department_account(home.association, home.department),
        )
        book_and_post(case.session, booking, entries, told_key=case.platform.vault.told_key(now=case.now))
        case.write(Telling.FAMILY_HOUSED, to=Addressee(case.sender.party, case.referral.flagged_by), offer=offer)
        return
    case.rest(case.referral.disclosure_due_at)


def close(case: Case) -> None:
    """The guarantee period has ended, or the family moved out early and the booking is reversed."""
    early = case.referral.moved_out_at is not None
    ends = guarantee_ends(case.referral.status_since, case.agreement.compensation)
    if not early and case.now < ends:
        case.rest(ends)
        return
    offer = _offer(case)
    booked = booking_of(case.session, id_of(offer), BookingKind.MOVE_IN)
    if early and booked is not None:
        # Booked already when it was recorded, unless an earlier version of ours recorded it.
        reverse(case.session, booked, told_key=case.platform.vault.told_key(now=case.now), now=case.now)
    read_whole_again(case.session, offer)
    offer.standing, offer.ended_at = OfferStanding.RELEASED, case.now
    case.session.add(offer)
    case.move(Status.CLOSED, deed="closed", reason="moved_out_early" if early else "guarantee_ended")


def _offer(case: Case) -> Offer:
    offer = binding_offer(case.session, case.id)
    if offer is None:
        raise LookupError(f"{case.referral.reference} is {case.referral.status} without an offer")
    return offer
