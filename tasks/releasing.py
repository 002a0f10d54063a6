"""Anonymous enough to be sent: each request is measured among all families that were seeking lately, and else waits."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, select

from domain.lifecycle import Effect, Status
from domain.question import QuestionKind, Standing
from domain.release import AnonymityTerms, Crowd, FewAlike, Measured, measured, sought
from domain.working_days import COPENHAGEN, working_days_after
from storage.attention import close_items
from storage.outbox import Telling
from storage.parties import AgreementVersion, agreement_of
from storage.places import region_of
from storage.question_lists import last_question
from storage.questions import FAMILY
from storage.releases import (
    FEW_ALIKE,
    FEWER_ALIKE_ALLOWED,
    SENT_WITH_FEWER_ALIKE,
    ReleaseWait,
    crowd_since,
    look_again_at_those_that_wait,
    wait_for_others,
    waits_no_more,
    write_release,
)
from tasks.asking import Matter, ask_contact, ask_party, ripe_questions
from tasks.case import Case, actor_of, why_not
from tasks.platform import Platform

LOOK_AGAIN_AFTER = timedelta(days=1)


def crowd_now(platform: Platform) -> Crowd:
    """The families among whom a request that is sent now must not stand out."""
    since = platform.now() - timedelta(days=platform.anonymity.window_days)
    with platform.database.reading() as session:
        versions = [version for version in session.exec(select(AgreementVersion.id)) if version is not None]
        return crowd_since(session, since, regions={version: _region(session, version) for version in versions})


def _region(session: Session, agreement_version: int) -> str | None:
    """Where an agreement's families are housed; a version never changes, and is looked up once a process."""
    known: dict[str, str | None] = session.info.get("for_good", {})
    about = f"region of agreement version {agreement_version}"
    if about not in known:
        known[about] = region_of(session, agreement_of(session, agreement_version).receiving)
    return known[about]


def measure(case: Case, crowd: Crowd) -> Measured | None:
    """How the case's request may be sent; None when too few are like it."""
    region = case.referral.wanted_region or _region(case.session, case.referral.agreement_version_id)
    seeks = sought(case.referral.need, region=region)
    return measured(seeks, crowd, case.platform.anonymity) or measured(seeks, crowd, _chosen(case))


def _chosen(case: Case) -> AnonymityTerms:
    """As for everybody, unless a person has chosen fewer for this case: asked only when too few are like it."""
    waits = case.session.get(ReleaseWait, case.id)
    terms = case.platform.anonymity
    return terms if waits is None or waits.least is None else replace(terms, least=waits.least)


def record(case: Case, found: Measured, *, to: str) -> None:
    """Write down that the request was sent, and how anonymous it was."""
    terms = case.platform.anonymity
    as_chosen = terms if found.alike >= terms.least else _chosen(case)
    write_release(case.session, case.id, found, as_chosen, to=to, at=case.now)


def wait(case: Case, crowd: Crowd) -> None:
    """Too few are like this family: look again when somebody new seeks a home, and ask its caseworker after a while."""
    first = case.session.get(ReleaseWait, case.id) is None
    waits = wait_for_others(case.session, case.id, crowd=crowd.size, now=case.now)
    if first:
        case.note("waits_for_others")
    last = last_question(case.session, case.id, QuestionKind.FEWER_ALIKE)
    answered_at = last.answered_at if last else None
    began = max(waits.since, answered_at or waits.since).astimezone(COPENHAGEN).date()
    days = case.platform.anonymity.wait_working_days
    is_asked = last is not None and last.standing is Standing.OPEN and case.now < last.expires_at
    if not is_asked and case.today > working_days_after(began, days, case.platform.holidays):
        # One that nobody can answer any more makes room for the next.
        case.revoke_questions((QuestionKind.FEWER_ALIKE,))
        _ask_caseworker(case, crowd, waits)
    case.rest(case.now + LOOK_AGAIN_AFTER)


def _ask_caseworker(case: Case, crowd: Crowd, waits: ReleaseWait) -> None:
    # Where nothing is said that can be left out, everybody who seeks is alike.
    since = waits.since.astimezone(COPENHAGEN).date()
    few = FewAlike(alike=crowd.size, usual=case.platform.anonymity.least, since=since)
    matter = Matter(case.referral.reference, request=FEW_ALIKE.dump_python(few, mode="json"))
    if case.sender.contact(case.referral.flagged_by) is None:
        ask_party(case, QuestionKind.FEWER_ALIKE, case.sender, matter)
    else:
        ask_contact(case, QuestionKind.FEWER_ALIKE, case.sender, case.referral.flagged_by, matter)


def heed(case: Case, crowd: Crowd) -> None:
    """Do as the caseworker has answered: ask with fewer alike, wait on, or end the case with another solution."""
    for question in ripe_questions(case, QuestionKind.FEWER_ALIKE):
        reason, waits = why_not(question), case.session.get(ReleaseWait, case.id)
        if reason is None and waits is not None:
            # Not with fewer than they were told, and with more when there are more by now.
            named = FEW_ALIKE.validate_python(question.request).alike
            waits.least = min(max(named, crowd.size), case.platform.anonymity.least)
            case.note(FEWER_ALIKE_ALLOWED, actor=actor_of(question), reason=f"least {named}")
        elif reason is not None and reason.effect is Effect.CLOSE:
            end_wait(case)
            close_items(case.session, case.id, now=case.now, by="another solution")
            case.move(Status.CLOSED, deed="another_solution", actor=actor_of(question), reason=reason.code)
            case.write(Telling.NOT_REFERRED, to=FAMILY, question=question)
        elif reason is not None:
            if waits is not None:
                waits.least = None
            case.note("waits_on", actor=actor_of(question), reason=reason.code)


def sent(case: Case, found: Measured) -> None:
    """The request was sent; with fewer alike than everybody must have, that is history."""
    if found.alike < case.platform.anonymity.least:
        case.note(SENT_WITH_FEWER_ALIKE, reason=f"{found.alike} alike")
    end_wait(case)


def end_wait(case: Case) -> None:
    """The request was sent, or is not needed any more."""
    if waits_no_more(case.session, case.id):
        case.revoke_questions((QuestionKind.FEWER_ALIKE,))


def somebody_new_seeks(platform: Platform) -> None:
    """Whoever waits for others is looked at again: by itself, because a case that moves holds its own row."""
    with platform.database.writing() as session:
        look_again_at_those_that_wait(session, now=platform.now())
