"""The cases that wait because yearly ceilings stand against every home, and when they are looked at again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from domain.parties.ceilings.use import NONE_REACHED, Reached
from domain.referrals.lifecycle import CEILING_REACHED, Status
from domain.subject import About
from domain.working_days import COPENHAGEN, day_of
from storage.allocation.ceilings import reached_now
from storage.attention import AttentionItem, close_item, close_subject
from storage.locks import Lock, holding, taking
from storage.outbox import Telling
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from tasks.attention import PASSED, ask_person
from tasks.case import PLATFORM, Case
from tasks.platform import Platform

WAITS = CEILING_REACHED.code
LOOK_AGAIN_AFTER = timedelta(days=1)
# Between the ceilings that an item of the attention list names.
BETWEEN = "; "

_WAITING = select(AttentionItem).where(AttentionItem.code == WAITS, text("closed_at IS NULL"))


def wait_for_room(case: Case, reached: Reached) -> None:
    """Only ceilings stand against every home: tell the caseworker once, and look again when one has room, or tomorrow.

    The item on the list names the ceilings, so that it is known which of them had no room.
    """
    told = BETWEEN.join(sorted(reached.keys))
    subject = About.REFERRAL.of(case.referral.reference)
    before = case.session.exec(_WAITING.where(AttentionItem.referral_id == case.id)).one_or_none()
    if before is not None and before.detail != told:
        close_item(case.session, subject, WAITS, now=case.now, by=PLATFORM)
    goes_on = before is not None or _was_set_aside(case)
    if ask_person(case, WAITS, detail=told) and not goes_on:
        case.note("waits", reason=WAITS)
        case.write(Telling.CEILING_REACHED, to=case.caseworker)
    case.rest(min(case.now + LOOK_AGAIN_AFTER, _new_year(case.now)))


def _was_set_aside(case: Case) -> bool:
    """Whether a person took the case's newest item off the list, and nobody was asked about the case since."""
    query = select(AttentionItem).where(AttentionItem.code == WAITS, AttentionItem.referral_id == case.id)
    newest = case.session.exec(query.order_by(col(AttentionItem.id).desc()).limit(1)).first()
    if newest is None or newest.closed_at is None or newest.closed_by in {PLATFORM, PASSED}:
        return False
    since = select(Question.id).where(Question.referral_id == case.id, col(Question.asked_at) > newest.closed_at)
    return case.session.exec(since.limit(1)).first() is None


def wait_no_more(case: Case) -> None:
    """Ceilings no longer stand against every home, though no home may be found."""
    subject = About.REFERRAL.of(case.referral.reference)
    close_subject(case.session, subject, now=case.now, by=PLATFORM, codes=(WAITS,))


def _new_year(now: datetime) -> datetime:
    return datetime(day_of(now).year + 1, 1, 1, tzinfo=COPENHAGEN)


def search_where_room(platform: Platform, _flow_run_id: str | None = None) -> Mapping[int, Exception]:
    """Make the cases due that waited for room, where a ceiling that had none has some now.

    In its own transaction, because the case that freed the place is locked in another. If lost, tomorrow's search
    comes.
    """
    with platform.database.reading() as session:
        if not (ids := _who_has_room(session, now=platform.now())):
            return {}
    with platform.database.writing() as session:
        waits = (col(Referral.id).in_(ids), col(Referral.status) == Status.SEEKING, col(Referral.due_at).is_not(None))
        taking(session, Lock.CASE)
        session.exec(holding(select(Referral.id).where(*waits).order_by(col(Referral.id)))).all()
        session.execute(update(Referral).where(*waits).values(due_at=platform.now()))
    return {}


def _who_has_room(session: Session, *, now: datetime) -> list[int]:
    """The cases that wait for room, and for which one of the ceilings named then is not reached any more."""
    waiting = {item.referral_id: item.detail for item in session.exec(_WAITING) if item.referral_id is not None}
    if not waiting:
        return []
    reached = reached_now(session, on=day_of(now))
    query = select(Referral.id, Referral.agreement_version_id).where(col(Referral.id).in_(waiting))
    found = []
    for id_, version in session.exec(query):
        full = reached.get(version, NONE_REACHED).keys
        if id_ is not None and not full.issuperset(waiting[id_].split(BETWEEN)):
            found.append(id_)
    return found
