"""Delivery from the outbox: each destination in its own lane, in order, until acknowledged.

At least once: after a crash the same letter or call goes out again, with the same Message-ID or key.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message

import structlog
from sqlmodel import Session

from domain import patience
from domain.errors import PartnerRefused, PartnerUnavailable, TilflytError
from domain.ports import MailSession
from domain.questions.question import Standing
from domain.questions.returned_mail import Unreached
from storage.attention import ask_for_attention, close_subject
from storage.database import unwritten, write_for_another
from storage.locks import hold_cases
from storage.outbox import (
    BY_HAND,
    MAIL_LANE,
    Lane,
    OutboxRow,
    OutboxStanding,
    answered,
    claim,
    end,
    give_back,
    lanes_due,
    rest,
    waiting,
)
from storage.questions.letters_waited_for import have_it_posted
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral
from tasks.asking.chief import tell_chief
from tasks.case import Case
from tasks.delivery.calls import Call, acknowledged, hold_what_was_told, prepared_call
from tasks.delivery.envelopes import envelope
from tasks.delivery.family_letters import ByHand, told_to_family
from tasks.delivery.read_ahead import read_at_once
from tasks.platform import Platform

# Also how many rows a crash may tell a second time.
MOST_AT_ONCE = 20
SILENCES_BEFORE_A_PERSON = 6
log = structlog.get_logger()

Prepared = Call | Message
Tell = Callable[[Prepared], Awaitable[None]]


@dataclass(slots=True)
class Told:
    """What became of some rows of a lane, not yet written down."""

    delivered: list[OutboxRow] = field(default_factory=list)
    moot: list[OutboxRow] = field(default_factory=list)
    by_hand: list[OutboxRow] = field(default_factory=list)
    refused: list[tuple[OutboxRow, Exception]] = field(default_factory=list)
    addresses_refused: list[tuple[OutboxRow, PartnerRefused]] = field(default_factory=list)


def due_lanes(platform: Platform) -> list[str]:
    """The lanes in which something waits to be told now."""
    with platform.database.reading() as session:
        return lanes_due(session, now=platform.now())


async def deliver_lane(platform: Platform, lane: str, *, worker: str, stop: Callable[[], bool] = lambda: False) -> int:
    """Tell what waits in a lane until it is empty, silent or not ours, or we stop; returns how much was told."""
    count = 0
    silence: PartnerUnavailable | None = None
    rows = await asyncio.to_thread(_claimed_rows, platform, lane, worker)
    while rows:
        told = Told()
        try:
            async with _teller(platform, lane) as tell:
                await _tell_each(platform, rows, tell, told)
        except PartnerUnavailable as error:
            silence = error
        count += len(told.delivered) + len(told.moot) + len(told.by_hand)
        go_on = silence is None and not stop()
        rows = await asyncio.to_thread(_write_down, platform, lane, told, worker, go_on=go_on)
    if silence is not None:
        await asyncio.to_thread(_leave_in_peace, platform, lane, silence)
    return count


def _claimed_rows(platform: Platform, lane: str, worker: str) -> list[OutboxRow]:
    with platform.database.writing() as session:
        return _next_rows(platform, session, lane, worker)


def _next_rows(platform: Platform, session: Session, lane: str, worker: str) -> list[OutboxRow]:
    """The rows to tell next, the lane held for us; when there are none, it is given back."""
    if not claim(session, lane, worker=worker, now=platform.now(), lease=platform.delivery_lease):
        return []
    rows = waiting(session, lane, most=MOST_AT_ONCE)
    if not rows:
        give_back(session, lane, worker=worker)
    return rows


@asynccontextmanager
async def _teller(platform: Platform, lane: str) -> AsyncIterator[Tell]:
    """How what is prepared is told: mail over one connection, else call by call.

    In a lane of letters to families, which go by either, the connection is made for the first mail.
    """
    async with AsyncExitStack() as open_:
        mail: MailSession | None = None
        if lane == MAIL_LANE:
            mail = await open_.enter_async_context(platform.mailer.session())

        async def tell(prepared: Prepared) -> None:
            nonlocal mail
            if not isinstance(prepared, Message):
                await prepared()
                return
            if mail is None:
                mail = await open_.enter_async_context(platform.mailer.session())
            await mail.send(prepared)

        yield tell


async def _tell_each(platform: Platform, rows: list[OutboxRow], tell: Tell, told: Told) -> None:
    """Tell row after row while the lease lasts; silence is the lane's affair, anything else one row's alone."""
    lasts_until = time.monotonic() + platform.delivery_lease.total_seconds() / 3
    for row, prepared in await asyncio.to_thread(_prepared, platform, rows):
        if time.monotonic() > lasts_until:
            return
        if isinstance(prepared, PartnerUnavailable):
            raise prepared
        if prepared is None:
            told.moot.append(row)
        elif isinstance(prepared, ByHand):
            told.by_hand.append(row)
        elif isinstance(prepared, Exception):
            told.refused.append((row, prepared))
        else:
            await _tell_one(row, prepared, tell, told)


async def _tell_one(row: OutboxRow, prepared: Prepared, tell: Tell, told: Told) -> None:
    try:
        await tell(prepared)
    except PartnerUnavailable as error:
        if row.lane != MAIL_LANE or isinstance(prepared, Message):
            raise
        # A call from before families' letters had lanes of their own: mail does not wait for that system.
        told.refused.append((row, error))
    except PartnerRefused as error:
        refused = told.addresses_refused if isinstance(prepared, Message) else told.refused
        refused.append((row, error))
    except Exception as error:  # one row that cannot be told must not stop its lane
        told.refused.append((row, error))
    else:
        told.delivered.append(row)


def _prepare(platform: Platform, session: Session, row: OutboxRow) -> Prepared | ByHand | None:
    """What is to be told of a row: where it goes is known by whom it is for, and not by its lane."""
    if row.addressee == FAMILY:
        return told_to_family(platform, session, row)
    return (envelope if row.lane == MAIL_LANE else prepared_call)(platform, session, row)


def _prepared(
    platform: Platform, rows: list[OutboxRow]
) -> list[tuple[OutboxRow, Prepared | ByHand | Exception | None]]:
    """Each row with what is to be told, None when that is moot, or why it cannot be prepared."""
    found: list[tuple[OutboxRow, Prepared | ByHand | Exception | None]] = []
    with platform.database.turn, platform.database.reading() as session, session.no_autoflush:
        _at_hand = read_at_once(session, rows)
        for row in rows:
            try:
                found.append((row, _prepare(platform, session, row)))
            except Exception as error:  # the others of the lane are prepared all the same
                found.append((row, error))
        session.expunge_all()
        openings = unwritten(session)
    if openings:
        # What a letter opened the vault for is written down before it is sent, and stands when it is not.
        with platform.database.writing() as session:
            write_for_another(session, openings)
    return found


def _write_down(platform: Platform, lane: str, told: Told, worker: str, *, go_on: bool) -> list[OutboxRow]:
    """Close what was told, in one transaction, and take the next rows, or give back the lane.

    A crash before this tells the same rows again, with the same Message-IDs and keys.
    """
    with platform.database.writing() as session:
        now = platform.now()
        # Their questions are written to, and whoever writes to a question holds its case.
        hold_cases(session, [row.referral_id for row, _ in told.addresses_refused])
        hold_what_was_told(session, told.delivered)
        end(session, told.delivered, OutboxStanding.DELIVERED, now=now)
        end(session, told.moot, OutboxStanding.MOOT, now=now)
        if told.delivered and answered(session, lane):
            close_subject(session, f"lane:{lane}", now=now, by="the destination answered")
        for row in told.delivered:
            acknowledged(session, row, now=now)
        end(session, told.by_hand, OutboxStanding.BY_HAND, now=now, error=BY_HAND)
        for row in told.by_hand:
            have_it_posted(session, row, now=now)
        for row, error in told.refused:
            _refused(session, row, error, now=now)
        for row, refusal in told.addresses_refused:
            _refused(session, row, refusal, now=now, address=True)
            _not_reached(platform, session, row)
        if go_on:
            return _next_rows(platform, session, lane, worker)
        give_back(session, lane, worker=worker)
        return []


def _refused(session: Session, row: OutboxRow, error: Exception, *, now: datetime, address: bool = False) -> None:
    """Put what was refused, or what we could not prepare, on the attention list; a person may have it retried.

    `address` says that it was the mail address that was refused.
    """
    ours = isinstance(error, TilflytError)
    code = error.code if isinstance(error, TilflytError) else type(error).__name__
    subject = f"question:{row.question_id}" if address and row.question_id else f"outbox:{row.id}"
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


def _not_reached(platform: Platform, session: Session, row: OutboxRow) -> None:
    """Have the chief told of a question whose letter nobody takes; once."""
    question = session.get(Question, row.question_id) if row.question_id else None
    if question is None or question.standing is not Standing.OPEN or question.addressee != row.addressee:
        return
    if question.unreached is None:
        case = Case(platform, session, session.get_one(Referral, question.referral_id), platform.now())
        question.unreached, question.unreached_at = Unreached.BOUNCED, case.now
        session.add(question)
        tell_chief(case, question)


def _leave_in_peace(platform: Platform, lane: str, silence: PartnerUnavailable) -> None:
    with platform.database.writing() as session:
        now = platform.now()
        failures = session.get_one(Lane, lane).failures + 1
        # Chance spreads the waits of many lanes; nothing is decided by it.
        pause: timedelta = patience.wait(failures, jitter=random.random(), asked_s=silence.retry_after_s)  # noqa: S311
        rest(session, lane, until=now + pause)
        if failures >= SILENCES_BEFORE_A_PERSON:
            ask_for_attention(session, f"lane:{lane}", silence.code, now=now, detail=str(silence))
    log.info("silent", lane=lane, failures=failures, pause_s=round(pause.total_seconds(), 1), why=str(silence))
