"""The family is asked and answers: after its yes the home is held for it."""

from datetime import timedelta

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import Answer, GivenBy, QuestionKind
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import Status, WithdrawalReason
from storage.outbox import Telling
from storage.privacy.consents import consent_holds, end_consent
from storage.questions.questions import FAMILY, Question
from storage.vacancies.offers import Offer, binding_offer
from tasks.answers import actor_of, why_not
from tasks.asking import asking
from tasks.asking.anew import ask_again, ripe_questions
from tasks.case import PLATFORM, Case
from tasks.declines import back_to_seeking

TAKEN_BACK = "acceptance_taken_back"
WITHDRAWN_BY = {
    GivenBy.LETTER: ConsentWithdrawn.LETTER,
    GivenBy.PHONE: ConsentWithdrawn.PHONE,
    GivenBy.MEETING: ConsentWithdrawn.IN_PERSON,
}


def ask_about_home(case: Case, offer: Offer) -> None:
    """Ask the family, or its caseworker, whether it wants the home."""
    about = asking.Matter(case.referral.reference, offer)
    if case.referral.answers_by is FamilyAnswersBy.LETTER:
        asking.ask_family(case, about)
    else:
        asking.ask_contact(case, QuestionKind.ACCEPTANCE, case.sender, case.referral.flagged_by, about)


def accept(case: Case) -> None:
    """The family has answered: after a yes the home is held, and for a while the yes can be taken back."""
    for question in ripe_questions(case, QuestionKind.ACCEPTANCE):
        if question.taken_back_at is not None:
            case.note(TAKEN_BACK, actor=who_took_back(case, question))
            ask_again(case, question)
            break
        if is_no(case, question) or stopped_without_consent(case):
            return
        hold_for_family(case, question, deed="accepted", actor=actor_of(question), reason=question.given_by)
        return
    case.rest()


def is_no(case: Case, question: Question) -> bool:
    """Act on a family's no, silence or withdrawn consent; False when its answer is a yes."""
    if question.answer is Answer.WITHDRAW:
        way = WITHDRAWN_BY[question.given_by] if question.given_by else ConsentWithdrawn.PAGE
        end_consent(case.session, case.id, way, by=actor_of(question), now=case.now)
        case.referral.stop_requested = WithdrawalReason.CONSENT_WITHDRAWN
        case.rest(case.now)
        return True
    reason = why_not(question)
    if reason is not None:
        back_to_seeking(case, question, offer_of(case), reason)
    return reason is not None


def hold_for_family(case: Case, said_yes: Question, *, deed: str, actor: str, reason: str | None = None) -> None:
    """Both have said yes: hold the home, and disclose who the family is once its yes can no longer be taken back."""
    wait = timedelta(minutes=case.agreement.disclosure_after_minutes)
    due_at = case.now + wait
    case.move(Status.ACCEPTED, deed=deed, actor=actor, reason=reason, due_at=due_at, disclosure_due_at=due_at)
    if wait:
        case.write(Telling.ACCEPTANCE_RECORDED, to=said_yes.addressee, question=said_yes)


def who_took_back(case: Case, question: Question) -> str:
    """The person who was asked; the platform when the address became protected, or the link was closed."""
    protected = question.asked_of == FAMILY and case.referral.answers_by is FamilyAnswersBy.CASEWORKER
    return PLATFORM if protected or question.wrong_digits >= WRONG_TRIES_AT_MOST else actor_of(question)


def stopped_without_consent(case: Case) -> bool:
    """Stop a case whose consent has ended, if no night has stopped it yet. Returns whether it did."""
    if consent_holds(case.session, case.id, today=case.today):
        return False
    end_consent(case.session, case.id, ConsentWithdrawn.ENDED, by=PLATFORM, now=case.now)
    case.referral.stop_requested = WithdrawalReason.CONSENT_ENDED
    case.rest(case.now)
    return True


def offer_of(case: Case) -> Offer:
    """The offer that binds for the family; it is an error of ours when there is none."""
    offer = binding_offer(case.session, case.id)
    if offer is None:
        raise LookupError(f"{case.referral.reference} is {case.referral.status} without an offer")
    return offer
