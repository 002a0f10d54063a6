"""Records what follows when rows were told, or refused, or nobody answered."""

import random
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from domain import patience
from domain.errors import PartnerUnavailable, TilflytError
from domain.questions.question import Standing
from domain.questions.returned_mail import Unreached
from domain.subject import About
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.lanes import Lane, rest
from storage.outbox import OutboxRow, OutboxStanding, end
from storage.questions.questions import Question
from tasks.asking.chief import tell_chief
from tasks.matter import asker_of
from tasks.platform import Platform

SILENCES_BEFORE_A_PERSON = 6
log = structlog.get_logger()


def note_refused(session: Session, row: OutboxRow, error: Exception, *, now: datetime, address: bool = False) -> None:
    """Put a row that was refused, or could not be prepared, on the attention list; a person may have it retried.

    `address` says that it was the mail address that was refused.
    """
    ours = isinstance(error, TilflytError)
    code = error.code if isinstance(error, TilflytError) else type(error).__name__
    subject = About.QUESTION.of(row.question_id) if address and row.question_id else About.OUTBOX.of(id_of(row))
    end(session, [row], OutboxStanding.REFUSED, now=now, error=code)
    ask_for_attention(
        session,
        subject,
        "address_refused" if address else code,
        now=now,
        detail=f"{row.telling}: {error}" if ours else row.telling,
        referral_id=row.referral_id,
    )
    log.warning("refused", lane=row.lane, telling=row.telling, row=row.id, code=code)


def note_not_reached(platform: Platform, session: Session, row: OutboxRow) -> None:
    """Tell the chief, once, about a question whose letter could not be delivered."""
    question = session.get(Question, row.question_id) if row.question_id else None
    if question is None or question.standing is not Standing.OPEN or str(question.addressee) != row.addressee:
        return
    if question.unreached is None:
        case = asker_of(platform, session, question)
        question.unreached, question.unreached_at = Unreached.BOUNCED, case.now
        session.add(question)
        tell_chief(case, question)


def leave_in_peace(platform: Platform, lane: str, silence: PartnerUnavailable) -> None:
    """Let a silent destination rest, longer each time; after some silences a person is asked."""
    with platform.database.writing() as session:
        now = platform.now()
        failures = session.get_one(Lane, lane).failures + 1
        # Randomness only spreads the waits of many lanes; it decides nothing.
        pause: timedelta = patience.wait(failures, jitter=random.random(), asked_s=silence.retry_after_s)  # noqa: S311
        rest(session, lane, until=now + pause)
        if failures >= SILENCES_BEFORE_A_PERSON:
            ask_for_attention(session, About.LANE.of(lane), silence.code, now=now, detail=str(silence))
    log.info("silent", lane=lane, failures=failures, pause_s=round(pause.total_seconds(), 1), why=str(silence))
