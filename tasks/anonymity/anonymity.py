"""What is recorded when a request is anonymous enough to be sent, and who is asked about one that waits."""

from dataclasses import replace
from datetime import datetime

from domain.anonymity.measure import AnonymityTerms, FewAlike, Measured
from domain.parties.sending_days import next_sending
from domain.questions.addressee import THE_FAMILY
from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Effect, Status
from domain.working_days import day_of, working_days_after
from storage.outbox import Telling
from storage.privacy.releases import (
    FEW_ALIKE,
    FEWER_ALIKE_ALLOWED,
    SENT_WITH_FEWER_ALIKE,
    ReleaseWait,
    lined_up_no_more,
    wait_for_others,
    waits_no_more,
    write_release,
)
from storage.questions.lists import last_question
from tasks.answers import actor_of, revoke_questions, why_not
from tasks.asking.anew import ripe_questions
from tasks.asking.asking import Matter, ask_contact, ask_party
from tasks.attention import close_all
from tasks.case import Case

# After so many sending days with too few alike, the caseworker is asked.
SENDINGS_BEFORE_A_PERSON = 2


def next_sending_of(case: Case) -> datetime:
    """When requests go out next, by the case's agreement."""
    agreement = case.agreement
    return next_sending(case.now, agreement.sending_days, agreement.sending_hour, case.platform.holidays)


def _terms(case: Case, least: int | None) -> AnonymityTerms:
    terms = case.platform.anonymity
    return terms if least is None else replace(terms, least=least)


def record(case: Case, found: Measured, *, to: str, chosen: int | None = None) -> None:
    """Record that the request was sent, and how anonymous it was; `chosen` is the number alike that a person chose."""
    write_release(case.session, case.id, found, _terms(case, chosen), to=to, at=case.now)


def wait(case: Case, *, alike: int, crowd: int, missed: int) -> None:
    """Record that a sending day found too few like this family; after two such days its caseworker is asked.

    `alike` is the number of alike requests it would go out with if the caseworker said yes.
    """
    first = case.session.get(ReleaseWait, case.id) is None
    waits = wait_for_others(case.session, case.id, crowd=crowd, now=case.now)
    if first:
        case.note("waits_for_others")
    if missed >= SENDINGS_BEFORE_A_PERSON and _may_be_asked(case):
        # An expired question, which nobody can answer any more, makes room for the next.
        revoke_questions(case, (QuestionKind.FEWER_ALIKE,))
        _ask_caseworker(case, alike, waits)


def _may_be_asked(case: Case) -> bool:
    """Whether no question is open, and the set time has passed since a caseworker chose to wait."""
    last = last_question(case.session, case.id, QuestionKind.FEWER_ALIKE)
    if last is None:
        return True
    if last.answered_at is None:
        return last.standing is not Standing.OPEN or case.now >= last.expires_at
    answered, platform = day_of(last.answered_at), case.platform
    return case.today > working_days_after(answered, platform.anonymity.wait_working_days, platform.holidays)


def _ask_caseworker(case: Case, alike: int, waits: ReleaseWait) -> None:
    since = day_of(waits.since)
    few = FewAlike(alike=alike, usual=case.platform.anonymity.least, since=since)
    matter = Matter(case.referral.reference, request=FEW_ALIKE.dump_python(few, mode="json"))
    if case.sender.contact(case.referral.flagged_by) is None:
        ask_party(case, QuestionKind.FEWER_ALIKE, case.sender, matter)
    else:
        ask_contact(case, QuestionKind.FEWER_ALIKE, case.sender, case.referral.flagged_by, matter)


def heed(case: Case) -> None:
    """Act on the caseworker's answer: send with fewer alike, go on waiting, or end the case with another solution."""
    for question in ripe_questions(case, QuestionKind.FEWER_ALIKE):
        reason, waits = why_not(question), case.session.get(ReleaseWait, case.id)
        if reason is None and waits is not None:
            # Not with fewer alike than the caseworker was told.
            waits.least = FEW_ALIKE.validate_python(question.request).alike
            case.note(FEWER_ALIKE_ALLOWED, actor=actor_of(question), reason=f"least {waits.least}")
        elif reason is not None and reason.effect is Effect.CLOSE:
            end_wait(case)
            close_all(case, by="another solution")
            case.move(Status.CLOSED, deed="another_solution", actor=actor_of(question), reason=reason.code)
            case.write(Telling.NOT_REFERRED, to=THE_FAMILY, question=question)
        elif reason is not None:
            if waits is not None:
                waits.least = None
            case.note("waits_on", actor=actor_of(question), reason=reason.code)


def sent(case: Case, *, with_fewer: int | None) -> None:
    """The request was sent. If it was sent with too few alike, that is written to the history."""
    if with_fewer is not None:
        case.note(SENT_WITH_FEWER_ALIKE, reason=f"{with_fewer} alike")
    _wait_no_more(case)


def end_wait(case: Case) -> None:
    """End all waiting: an association has offered a home, or the case has ended."""
    lined_up_no_more(case.session, case.id)
    _wait_no_more(case)


def _wait_no_more(case: Case) -> None:
    if waits_no_more(case.session, case.id):
        revoke_questions(case, (QuestionKind.FEWER_ALIKE,))
