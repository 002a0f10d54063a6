"""Anonymous enough to be sent: each request is measured among all families that were seeking lately, and else waits."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, select

from domain.release import AnonymityTerms, Crowd, Measured, measured, sought
from domain.working_days import COPENHAGEN, working_days_after
from storage.attention import ask_for_attention
from storage.parties import AgreementVersion, agreement_of
from storage.places import region_of
from storage.releases import (
    ReleaseWait,
    crowd_since,
    look_again_at_those_that_wait,
    wait_for_others,
    waits_no_more,
    write_release,
)
from tasks.case import Case
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
    """Too few are like this family: look again when somebody else seeks a home, and ask a person after some time."""
    terms = case.platform.anonymity
    first = case.session.get(ReleaseWait, case.id) is None
    waits = wait_for_others(case.session, case.id, crowd=crowd.size, now=case.now)
    if first:
        case.note("waits_for_others")
    began = waits.since.astimezone(COPENHAGEN).date()
    if case.today > working_days_after(began, terms.wait_working_days, case.platform.holidays):
        subject = f"referral:{case.referral.reference}"
        ask_for_attention(case.session, subject, "too_few_alike", now=case.now, referral_id=case.id)
    case.rest(case.now + LOOK_AGAIN_AFTER)


def end_wait(case: Case) -> None:
    """The request was sent, or is not needed any more."""
    waits_no_more(case.session, case.id)


def somebody_new_seeks(platform: Platform) -> None:
    """Whoever waits for others is looked at again: by itself, because a case that moves holds its own row."""
    with platform.database.writing() as session:
        look_again_at_those_that_wait(session, now=platform.now())
