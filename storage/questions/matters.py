"""What follows from what a question is about: its lock, its deadlines, who may not answer it, and who must log in.

A question is about a case, or about what is no case: then it is asked of people at a party alone, never of a family.
"""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from domain.parties.agreement import Step
from domain.parties.colleagues import barred, barred_after
from domain.parties.deadlines import step_of_no_case
from domain.parties.party import Partner
from domain.subject import About, Subject
from domain.working_days import day_of
from storage.columns import id_of
from storage.locks import hold_case, hold_subject
from storage.parties.agreements import agreement_of, newest_agreements
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral, referral_by_reference


def hold_matter(session: Session, question: Question) -> None:
    """Hold what a question is about, and the question with it, until the transaction ends."""
    if question.referral_id is not None:
        hold_case(session, question.referral_id)
        return
    if (case := case_of_claim(session, question.about)) is not None:
        hold_case(session, case)
    hold_subject(session, str(question.about))


def case_of_claim(session: Session, about: Subject) -> int | None:
    """The case for whose family a claim was made; None when something else is asked about.

    Its case is held first: a claim that is accepted is booked in it.
    """
    if about.kind != About.CLAIM:
        return None
    referral = referral_by_reference(session, (about.name or "").partition("/")[0])
    return id_of(referral) if referral is not None else None


def hold_subjects(session: Session, question_ids: Iterable[int | None]) -> None:
    """Hold what several questions are about that are about no case, in the order of locks; None is none."""
    ids = {one for one in question_ids if one is not None}
    of_no_case = select(Question.subject).where(col(Question.id).in_(ids), col(Question.subject).is_not(None))
    for subject in sorted(filter(None, session.exec(of_no_case))) if ids else ():
        hold_subject(session, subject)


def step_of(session: Session, question: Question) -> Step:
    """A question's deadlines: by the agreement of its case, or by our own rule where it is about no case."""
    if question.referral_id is None:
        return step_of_no_case(question.kind, on=day_of(question.asked_at))
    referral = session.get_one(Referral, question.referral_id)
    return agreement_of(session, referral.agreement_version_id).step(question.kind)


def barred_from(session: Session, question: Question, partner: Partner, *, on: date) -> frozenset[str]:
    """Who of a party may not answer a question on a day."""
    if question.referral_id is None:
        first = answered_first(question)
        return barred_after(partner, first, on=on) if first is not None else frozenset()
    flagged_by = session.get_one(Referral, question.referral_id).flagged_by
    return barred(question.kind, partner, flagged_by=flagged_by, on=on)


def answered_first(question: Question) -> str | None:
    """The contact who has said yes before the person asked, where two must say it."""
    first = (question.request or {}).get("first")
    return first if isinstance(first, str) else None


def must_log_in(session: Session, question: Question) -> bool:
    """Whether the person asked must log in, or answers by the letter alone.

    What is about no case is answered as the strictest agreement of the party asks for.
    """
    if question.referral_id is not None:
        version = session.get_one(Referral, question.referral_id).agreement_version_id
        return agreement_of(session, version).needs_login(of_a_party=question.asked_of != FAMILY)
    party = question.asked_of
    return any(one.needs_login(of_a_party=True) for one in newest_agreements(session) if one.names(party))
