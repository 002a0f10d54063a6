"""Turns an outbox row into a letter: its content comes from ids, and is the same each time it is delivered."""

from collections.abc import Callable
from datetime import timedelta

from domain import letters
from domain.parties.agreement import OnSilence
from domain.questions.addressee import Addressee
from domain.questions.question import QuestionKind, Standing, why_no
from domain.working_days import day_of, last_day_of
from storage.columns import id_of
from storage.outbox import Telling, lies_aside
from storage.privacy.releases import FEW_ALIKE
from storage.questions.acceptance import family_first, may_take_back
from storage.questions.lists import waiting_for
from storage.questions.questions import suggested
from tasks.ceilings.offers_above import was_offered_above
from tasks.delivery.audit.letters import checkpoint
from tasks.delivery.books.letters import WRITERS_OF_BOOKS
from tasks.delivery.letter_facts import Facts, sender_of


def _family_first(facts: Facts) -> bool:
    return family_first(facts.session, facts.asked, facts.agreement)


def _sign_off(facts: Facts) -> letters.Letter:
    return facts.asking(letters.SignOffRequested, need=facts.referral.need)


def _fewer_alike(facts: Facts) -> letters.Letter:
    return facts.asking(letters.FewerAlikeRequested, few=FEW_ALIKE.validate_python(facts.asked.request))


def _offer(facts: Facts) -> letters.Letter:
    homes = len(suggested(facts.session, id_of(facts.asked)))
    return facts.asking(letters.OfferRequested, request=facts.asked.anonymised_request, homes=homes)


def _approval(facts: Facts) -> letters.Letter:
    return facts.asking(
        letters.ApprovalRequested,
        home=facts.home,
        compensation=facts.agreement.brings_the_receiver,
        family_first=_family_first(facts),
    )


def _acceptance(facts: Facts) -> letters.Letter:
    return facts.asking(
        letters.AcceptanceRequested,
        home=facts.home,
        on_behalf=facts.asked.on_behalf,
        family_first=_family_first(facts),
    )


def _accepted(facts: Facts) -> letters.Letter:
    wait = facts.agreement.disclosure_after_minutes
    return letters.AcceptanceRecorded(
        reference=facts.asked.reference,
        link=f"{facts.link_of(facts.asked)}/take-back",
        digits=facts.digits_of(facts.asked),
        until=facts.row.created_at + timedelta(minutes=wait),
        on_behalf=facts.asked.on_behalf,
        family_first=facts.agreement.family_first,
    )


def _move_in(facts: Facts) -> letters.Letter:
    return facts.asking(letters.MoveInRequested, home=facts.home)


def _reminder(facts: Facts) -> letters.Letter:
    written_on = day_of(facts.row.created_at)
    last_day = written_on == last_day_of(facts.asked.answer_by)
    kind, on_behalf = facts.asked.kind, facts.asked.on_behalf
    return facts.asking(letters.AnswerReminder, kind=kind, on_behalf=on_behalf, last_day=last_day)


def _on_page(facts: Facts) -> letters.Letter:
    return facts.asking(letters.AnswerOnPage, kind=facts.asked.kind, on_behalf=facts.asked.on_behalf)


def _overdue(facts: Facts) -> letters.Letter:
    question = facts.asked
    step = facts.step
    goes_on = step.on_silence is OnSilence.BACK_TO_SEEKING
    gone_on = goes_on and question.expires_at <= facts.row.created_at
    partner = facts.asked_party
    asked = partner.contact(question.contact_id) if partner else None
    return letters.AnswerOverdue(
        reference=question.reference,
        kind=question.kind,
        asked=asked.name if asked else partner.name if partner else None,
        unreached=question.unreached if facts.row.created_at < question.answer_by else None,
        answer_by=last_day_of(question.answer_by),
        until=last_day_of(question.expires_at) if goes_on and not gone_on else None,
        gone_on=gone_on,
        **facts.whom_to_call,
    )


def _digest(facts: Facts) -> letters.Letter:
    waits, written = waiting_for(facts.session, Addressee.read(facts.row.addressee)), facts.row.created_at
    return letters.Digest(
        reference="",
        waits=tuple(
            letters.Waiting(
                reference=one.reference,
                kind=one.kind,
                on_behalf=one.on_behalf,
                link=facts.link_of(one),
                digits=facts.digits_of(one),
                answer_by=last_day_of(one.answer_by),
                overdue=one.answer_by <= written,
            )
            for one in waits
            if not lies_aside(facts.session, Telling(f"{one.kind}_requested"), question_id=id_of(one))
        ),
    )


def _recalled(facts: Facts) -> letters.Letter:
    above = was_offered_above(facts.session, facts.asked, told_at=facts.row.created_at)
    return letters.RequestRecalled(reference=facts.asked.reference, ceiling_reached=above, **facts.whom_to_call)


def _housed(facts: Facts) -> letters.Letter:
    return letters.FamilyHoused(reference=facts.referral.reference, home=facts.home, **facts.whom_to_call)


def _stopped(facts: Facts) -> letters.Letter:
    return letters.ReferralStopped(reference=facts.referral.reference, **facts.whom_to_call)


def _not_referred(facts: Facts) -> letters.Letter:
    sender = sender_of(facts)
    return letters.NotReferred(
        reference=facts.referral.reference,
        reason=facts.asked.reason or "",
        sought=facts.asked.kind is QuestionKind.FEWER_ALIKE,
        municipality=sender.name,
        phone=sender.phone,
    )


def _referred_by_one(facts: Facts) -> letters.Letter:
    return letters.ReferredByOne(reference=facts.referral.reference, **facts.whom_to_call)


def _home_not_approved(facts: Facts) -> letters.Letter:
    sender = sender_of(facts)
    return letters.HomeNotApproved(
        reference=facts.referral.reference,
        home=facts.home,
        reason=why_no(facts.asked.kind, facts.asked.reason),
        municipality=sender.name,
        phone=sender.phone,
    )


def _ceiling_reached(facts: Facts) -> letters.Letter:
    return letters.CeilingReached(reference=facts.referral.reference, **facts.whom_to_call)


WRITERS: dict[Telling, Callable[[Facts], letters.Letter]] = {
    Telling.SIGN_OFF_REQUESTED: _sign_off,
    Telling.FEWER_ALIKE_REQUESTED: _fewer_alike,
    Telling.OFFER_REQUESTED: _offer,
    Telling.APPROVAL_REQUESTED: _approval,
    Telling.ACCEPTANCE_REQUESTED: _acceptance,
    Telling.ACCEPTANCE_RECORDED: _accepted,
    Telling.MOVE_IN_REQUESTED: _move_in,
    Telling.ANSWER_REMINDER: _reminder,
    Telling.ANSWER_ON_PAGE: _on_page,
    Telling.ANSWER_OVERDUE: _overdue,
    Telling.DIGEST: _digest,
    Telling.REQUEST_RECALLED: _recalled,
    Telling.FAMILY_HOUSED: _housed,
    Telling.REFERRAL_STOPPED: _stopped,
    Telling.NOT_REFERRED: _not_referred,
    Telling.REFERRED_BY_ONE: _referred_by_one,
    Telling.HOME_NOT_APPROVED: _home_not_approved,
    Telling.CEILING_REACHED: _ceiling_reached,
    Telling.AUDIT_CHECKPOINT: checkpoint,
    **WRITERS_OF_BOOKS,
}


def letter_worth_sending(facts: Facts) -> letters.Letter | None:
    """The letter; None when it asks something that needs no answer any more."""
    if facts.row.telling.asks and facts.asked.standing is not Standing.OPEN:
        return None
    recorded = facts.row.telling is Telling.ACCEPTANCE_RECORDED
    if recorded and not may_take_back(facts.session, facts.asked, facts.referral):
        return None
    letter = WRITERS[facts.row.telling](facts)
    return None if isinstance(letter, letters.Digest) and not letter.waits else letter
