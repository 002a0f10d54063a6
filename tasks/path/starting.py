"""The start and the stop of a referral: signed off, or withdrawn."""

from datetime import timedelta

from domain.books.compensation import guarantee_ends
from domain.questions.addressee import THE_FAMILY
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import WITHDRAWABLE, Status
from storage.outbox import Telling
from storage.questions.answers import has_moved_in, ripe
from storage.questions.lists import last_question
from storage.vacancies.offers import binding_offer
from storage.vault.person_digests import SAME_PERSON, staff_were_asked, subject_of, waits_for_person
from tasks.anonymity import anonymity as releasing
from tasks.answers import actor_of, revoke_questions, why_not
from tasks.asking.anew import ripe_questions
from tasks.attention import ask_person, close_about, close_all
from tasks.case import PLATFORM, Case
from tasks.declines import release_home

# The person's other case may end meanwhile, and then nothing holds this one back.
LOOK_AT_THE_OTHER_AGAIN = timedelta(hours=1)


def stop(case: Case) -> None:
    """Stop a case whose consent or case was withdrawn: links die, requests are recalled, the home is released."""
    reason = case.referral.stop_requested
    # An association's answer counts from when it was given, not from when the path acts on it.
    moved_in = has_moved_in(case.session, case.referral)
    if reason is None or moved_in or case.referral.status not in WITHDRAWABLE:
        ask_person(case, "too_late_to_stop")
        case.referral.stop_requested = None
        housed = case.referral.status is Status.HOUSED
        guarantee = guarantee_ends(case.referral.status_since, case.agreement.compensation) if housed else None
        case.rest(case.now if moved_in else guarantee)
        return
    approval = last_question(case.session, case.id, QuestionKind.APPROVAL)
    revoke_questions(case)
    if (offer := binding_offer(case.session, case.id)) is not None:
        release_home(case, offer)
        if approval is not None and approval.offer_id == offer.id:
            case.write(Telling.REFERRAL_STOPPED, to=approval.addressee)
    releasing.end_wait(case)
    close_all(case, by="withdrawal")
    case.move(Status.WITHDRAWN, deed="withdrawn", reason=reason)
    case.write(Telling.REFERRAL_STOPPED, to=case.caseworker)


def admit(case: Case) -> None:
    """Act on the second person's answer: the search begins, or the family is told why not.

    A yes waits until staff have decided whether a case may go on whose person has another open one; so does a case that
    one person decides, by its agreement.
    """
    asked, alone = staff_were_asked(case.session, case.id), case.agreement.one_person_decides
    if asked and waits_for_person(case.session, case.id):
        answers = ripe(case.session, case.id, QuestionKind.SIGN_OFF)
        if alone or (answers and all(answer.passed_to is None and why_not(answer) is None for answer in answers)):
            # Somebody took the item off the list without deciding, so the case would wait for nobody.
            ask_person(case, SAME_PERSON, about=subject_of(case.referral))
            case.rest(case.now + LOOK_AT_THE_OTHER_AGAIN)
            return
    if alone:
        _admit_alone(case, asked=asked)
        return
    for question in ripe_questions(case, QuestionKind.SIGN_OFF):
        reason = why_not(question)
        if asked:
            close_about(case, subject_of(case.referral), by=PLATFORM)
        if reason is None:
            case.move(Status.SEEKING, deed="signed_off", actor=actor_of(question), due_at=case.now)
        else:
            case.move(Status.CLOSED, deed="not_signed_off", actor=actor_of(question), reason=reason.code)
            case.write(Telling.NOT_REFERRED, to=THE_FAMILY, question=question)
        return
    case.rest()


def _admit_alone(case: Case, *, asked: bool) -> None:
    """Begin the search for a family whose caseworker decides alone, and tell the caseworker by letter that they did."""
    if asked:
        close_about(case, subject_of(case.referral), by=PLATFORM)
    case.move(Status.SEEKING, deed="one_person_decided", actor=str(case.caseworker), due_at=case.now)
    case.write(Telling.REFERRED_BY_ONE, to=case.caseworker)
